package main

import (
	"context"
	"path/filepath"

	"csnet/data"
	"csnet/internal/wholefile"
	"csnet/train"
)

// begin prepares the run's folder and scores what the run begins with. While the disk is
// waited for, the net is built and the baselines are scored. release, which is never nil,
// lets other runs into the folder.
func (j *trainJob) begin(ctx context.Context, m *material, val []data.Pair, o *train.Options, io streams) (release func(), err error) {
	o.Ahead(collectAsUsual)
	drawn, drop := j.scoreDrawn(ctx, val)
	defer drop()
	release = func() {}
	if err := j.alone(func() (err error) { release, err = j.prepareFolder(m, io); return err }); err != nil {
		return release, err
	}
	if len(m.val) == 0 {
		return release, nil
	}
	if o.Baselines, err = baselines(drawn, len(val), io); err != nil {
		return release, err
	}
	return release, j.start(ctx, val, o, io)
}

// prepareFolder locks the run's folder and writes what is known before the first step.
func (j *trainJob) prepareFolder(m *material, io streams) (release func(), err error) {
	if release, err = j.lockFolder(io); err != nil {
		return func() {}, err
	}
	var files wholefile.Batch // the disk is waited for once
	defer files.Discard()     // of what waits where another cannot be written
	if err := files.Add(filepath.Join(j.out, "config.yaml"), j.conf.YAML()); err != nil {
		return release, err
	}
	if err := m.addManifests(&files, j.out); err != nil {
		return release, err
	}
	if err := files.Flush(); err != nil {
		return release, err
	}
	if !j.quiet {
		sayUnsynced(io, filepath.Join(j.out, "config.yaml"))
	}
	return release, nil
}
