package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"csnet/checkpoint"
	"csnet/internal/lock"
)

// lockFolder makes the run's folder and keeps other runs out of it until release
// is called or the process ends, however it ends. What was found there before must
// still be so.
func (j *trainJob) lockFolder(io streams) (release func(), err error) {
	if err := os.MkdirAll(filepath.Join(j.out, "checkpoints"), 0o755); err != nil {
		return nil, err
	}
	l, err := lock.Acquire(filepath.Join(j.out, ".csnet-lock"))
	switch {
	case errors.Is(err, lock.ErrHeld):
		return nil, fmt.Errorf("%s: another csnet trains into this folder: wait for its end, or choose another --out: %w", j.out, err)
	case errors.Is(err, lock.ErrUnsupported):
		io.tell("warning: %s: the file system has no locks: let no other csnet train into this folder", j.out)
	case err != nil:
		return nil, err
	}
	if err := j.unchanged(); err != nil {
		l.Release()
		return nil, err
	}
	return l.Release, nil
}

// unchanged finds out whether another run was at work in the folder between our
// first look and the lock.
func (j *trainJob) unchanged() error {
	if j.resume == nil {
		return noRunIn(j.out)
	}
	c, err := checkpoint.Load(filepath.Join(j.out, "checkpoints", "last.safetensors"))
	if err == nil && c.Step != j.resume.Step {
		err = fmt.Errorf("%s: another csnet has trained here from step %d to %d just now: resume again", j.out, j.resume.Step, c.Step)
	}
	return err
}

// noRunIn refuses a folder that holds a run.
func noRunIn(dir string) error {
	for _, name := range []string{"last", "best"} {
		if _, err := os.Stat(filepath.Join(dir, "checkpoints", name+".safetensors")); err == nil {
			return usagef("%s holds a run (checkpoints/%s.safetensors is there): go on with it by --resume, or choose another --out", dir, name)
		}
	}
	return nil
}
