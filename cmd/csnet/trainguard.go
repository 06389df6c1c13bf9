package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"csnet/data"
	"csnet/internal/config"
	"csnet/internal/output"
	"csnet/internal/wholefile"
	"csnet/train"
)

// guard decides before any work whether the run may write into its folder: what
// stands there of the files that it writes must be a run's, and none of it may be
// what it reads.
func (j *trainJob) guard(sets ...[]data.Pair) error {
	g := output.Guard{Overwrite: j.overwrite}
	for _, r := range j.reads {
		g.Reads("the file of "+r.flag, r.path)
	}
	for _, pairs := range sets {
		guardSet(&g, pairs)
	}
	for _, f := range []struct {
		name string
		kind output.Kind
	}{
		{"config.yaml", output.Kind{Name: "the config of a run", Is: func(path string) bool {
			return j.resume != nil || isRunConfig(path)
		}}},
		{"metrics.jsonl", output.Kind{Name: "the log of a run", Is: isRunLog}},
		{"report.html", output.Kind{Name: "the page of a run", Is: isRunPage}},
		{filepath.Join("checkpoints", "last.safetensors"), checkpointKind()},
		{filepath.Join("checkpoints", "best.safetensors"), checkpointKind()},
	} {
		if err := g.File(filepath.Join(j.out, f.name), f.kind); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	if err := wholefile.Probe(filepath.Join(j.out, "checkpoints")); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// isRunConfig reports whether the file at path is a resolved config: one that
// reads and writes to the same bytes.
func isRunConfig(path string) bool {
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	c, err := config.LoadBytes(path, text, nil)
	return err == nil && bytes.Equal(c.YAML(), text)
}

// isRunLog reports whether the file at path is a metrics.jsonl.
func isRunLog(path string) bool {
	_, err := train.ReadMetrics(path)
	return err == nil
}

// isRunPage reports whether the file at path is a page of a run.
func isRunPage(path string) bool {
	raw, err := os.ReadFile(path)
	return err == nil && bytes.Contains(raw, []byte("<title>"+pageTitle))
}
