package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"csnet/graph"
	"csnet/model"
)

// loadTeacher reads the net that the run learns from, when train.distill wants one.
// The config keeps the digest of its weights, so that a resumed run cannot learn
// from another.
func (j *trainJob) loadTeacher(path string) error {
	t := &j.conf.Train
	switch {
	case t.Distill == 0 && path == "":
		return nil
	case t.Distill == 0:
		return usagef("--teacher %s: train.distill is 0: set the share of the targets that comes from the teacher", path)
	case path == "":
		return usagef("--teacher is missing: train.distill is %g", t.Distill)
	}
	c, err := loadNet(path)
	if err != nil {
		return fmt.Errorf("--teacher: %w", err)
	}
	j.notes = append(j.notes, c.undigested()...)
	for _, s := range j.conf.Data.Size {
		if err := c.Spec.CheckSize(s, s); err != nil {
			return usagef("--teacher %s: data.size: %w", path, err)
		}
	}
	digest := weightsDigest(c.Params)
	if t.Teacher != "" && t.Teacher != digest {
		return usagef("--teacher %s: its weights have the digest %.12s..., the run learns from %.12s... (train.teacher)", path, digest, t.Teacher)
	}
	t.Teacher = digest
	j.teacher = graph.NewPredictor(c.Spec, c.Params, j.threads)
	return nil
}

// weightsDigest is the SHA-256 of the tensors of a net: paths and values.
func weightsDigest(p *model.Params) string {
	h := sha256.New()
	for _, t := range p.All() {
		fmt.Fprintf(h, "%s %d\n", t.Path, len(t.Data))
		_ = binary.Write(h, binary.LittleEndian, t.Data) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}
