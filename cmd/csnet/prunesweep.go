package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/internal/bench"
	"csnet/internal/output"
	"csnet/internal/table"
	"csnet/internal/wholefile"
	"csnet/prune"
	"csnet/train"
)

// sweepRatios are the shares of the channels that --sweep removes.
func sweepRatios() []float64 { return []float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9} }

// sweepNet is one of the nets of a sweep.
type sweepNet struct {
	Ratio  float64     `json:"ratio"`
	Params int         `json:"params"`
	MACs   int         `json:"macs"`
	MS     float64     `json:"ms"` // for a picture, one thread, or by the latency table
	Score  prune.Score `json:"score"`

	rows []prune.Row
}

// sweep is csnet prune --sweep at work.
type sweep struct {
	pruneOptions
	net    storedNet
	photos *prunePhotos
	nets   []sweepNet
}

// checkSweep reports flags that a sweep does not go with.
func (o pruneOptions) checkSweep(given func(string) bool) error {
	switch {
	case o.Checkpoint == "":
		return usagef("--checkpoint is missing")
	case o.Val == "":
		return usagef("--val is missing: photos and masks to score the nets of --sweep on")
	case o.Out == "" && !o.DryRun:
		return usagef("--out is missing: a folder for the tables and figures (or --dry-run)")
	case o.Fold == string(prune.FoldExact):
		return usagef("--fold exact goes with a threshold, --sweep removes channels that are not dead: take interior or none")
	case o.RoundTo < 1:
		return usagef("--round-to is %d, must be at least 1", o.RoundTo)
	}
	for _, flag := range []string{"threshold", "ratio", "target-params", "target-macs", "target-ms", "apply", "plan", "data"} {
		if given(flag) {
			return usagef("--sweep and --%s are both given: --sweep prunes by ratios and measures on --val", flag)
		}
	}
	return nil
}

func runSweep(ctx context.Context, o pruneOptions, given func(string) bool, io streams) error {
	if err := o.checkSweep(given); err != nil {
		return err
	}
	s := &sweep{pruneOptions: o}
	var err error
	if s.net, err = loadNet(o.Checkpoint); err != nil {
		return err
	}
	s.net.sayUndigested(io)
	if o.Latency != "" {
		if s.table, err = readLatency(o.Latency, s.net.Spec); err != nil {
			return err
		}
	}
	if err := o.guardSweep(); err != nil {
		return err
	}
	s.Data, s.Out, s.DryRun = o.Val, "", true // no checkpoint is written
	if s.photos, err = s.pruneOptions.photos(ctx, s.net, io); err != nil {
		return err
	}
	if err := s.run(ctx, given); err != nil {
		return err
	}
	if o.JSON {
		err = printJSON(io.out, struct {
			Nets []sweepNet `json:"nets"`
		}{s.nets})
	} else {
		err = s.rows().Write(io.out, io.width())
	}
	if err != nil || o.DryRun {
		return err
	}
	if err := s.write(o.Out); err != nil {
		return err
	}
	sayUnsynced(io, filepath.Join(o.Out, "sweep.csv"))
	io.tell("written to %s; open %s in a browser", o.Out, filepath.Join(o.Out, "report.html"))
	return nil
}

// guardSweep decides before any work whether the folder of a sweep may be written: it is
// new, empty or an earlier sweep's, or --overwrite is given, and none of its files is one
// that the sweep reads.
func (o pruneOptions) guardSweep() error {
	if o.DryRun {
		return nil
	}
	g := o.reads()
	if set, err := data.FindIn(o.Val, o.read.folders()); err == nil { // what is wrong with it is told when it is read
		guardSet(&g, set.Pairs)
	}
	whole := output.Kind{Name: "part of a sweep", Is: func(string) bool { return true }} // the folder is looked at below
	for _, name := range sweepFiles() {
		if err := g.File(filepath.Join(o.Out, name), whole); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	entries, err := os.ReadDir(o.Out)
	if err == nil && len(entries) > 0 && !o.Overwrite {
		if text, err := os.ReadFile(filepath.Join(o.Out, "sweep.csv")); err != nil || !isSweepCSV(text) {
			return &output.Error{Path: o.Out, Text: "holds files that are no earlier sweep: choose another --out, or --overwrite to write among them"}
		}
	}
	if err := wholefile.Probe(o.Out); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// run prunes, counts, times and scores by every ratio.
func (s *sweep) run(ctx context.Context, given func(string) bool) error {
	stored, err := s.net.config()
	if err != nil {
		return err
	}
	opts := prune.Options{MinChannels: stored.Prune.MinChannels, RoundTo: s.RoundTo, Keep: s.Keep, Fold: prune.FoldInterior}
	if s.Fold != "" {
		opts.Fold = prune.Fold(s.Fold)
	}
	if given("min-channels") {
		opts.MinChannels = s.MinChannels
	}
	if s.Criterion == prune.ByGammaGap {
		if opts.Gap, err = s.photos.gaps(ctx, s.net); err != nil {
			return err
		}
	}
	for _, ratio := range sweepRatios() {
		opts.Ratio = &ratio
		plan, err := prune.NewPlan(s.net.Spec, s.net.Params, opts)
		if err != nil {
			return err
		}
		report, small, err := prunedNet(s.net.Checkpoint, plan)
		if err != nil {
			return err
		}
		n := sweepNet{Ratio: ratio, Params: report.After.Params, MACs: report.After.MACs, rows: report.Layers}
		if err := s.measure(ctx, small, ratio > 0, &n); err != nil {
			return err
		}
		s.nets = append(s.nets, n)
	}
	return nil
}

// measure times and scores one net, after its statistics were taken anew where that was
// asked for.
func (s *sweep) measure(ctx context.Context, c *checkpoint.Checkpoint, pruned bool, n *sweepNet) error {
	if s.Recalibrate > 0 && pruned {
		l, o, err := s.photos.drawn(s.Recalibrate)
		if err != nil {
			return err
		}
		if err := train.Recalibrate(ctx, c.Spec, c.Params, l, o); err != nil {
			return err
		}
	}
	if s.table != nil {
		n.MS = s.table.MS(c.Spec)
	} else {
		r, _, err := bench.Run(ctx, bench.Options{Mode: bench.Infer, Spec: c.Spec, Params: c.Params, Batch: 1, Size: s.photos.size, Threads: 1, Runs: bench.LeastRuns, Clock: stopwatch()})
		if err != nil {
			return err
		}
		n.MS = r.MSPerImage
	}
	var err error
	n.Score, err = s.photos.score(ctx, fmt.Sprintf("ratio %g", n.Ratio), c.Spec, c.Params)
	return err
}

// rows is the table for a terminal.
func (s *sweep) rows() table.Table {
	t := table.Table{Header: sweepHead()}
	for _, n := range s.nets {
		t.Rows = append(t.Rows, []string{fmt.Sprintf("%g", n.Ratio), table.Int(n.Params), table.Int(n.MACs), fmt.Sprintf("%.3f", n.MS), fmt.Sprintf("%.4f", n.Score.MaxF), fmt.Sprintf("%.4f", n.Score.MAE)})
	}
	return t
}
