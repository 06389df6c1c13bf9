package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"csnet/checkpoint"
	"csnet/eval"
	"csnet/graph"
	"csnet/internal/ablate"
	"csnet/internal/bench"
	"csnet/internal/config"
	"csnet/metrics"
	"csnet/model"
	"csnet/prune"
	"csnet/train"
)

// run makes all runs that are not done and writes the table after each. A net that
// diverges ends its run alone.
func (a *ablation) run(ctx context.Context) error {
	for i, r := range a.order() {
		if r.result.Done {
			continue
		}
		a.io.tell("== %s, seed %d: run %d of %d", r.entry.Name, r.result.Seed, i+1, len(a.runs))
		err := a.one(ctx, r)
		var d *train.Diverged
		switch {
		case errors.As(err, &d):
			a.io.tell("%s, seed %d: %v", r.entry.Name, r.result.Seed, err)
			r.result.Problem = d.What + " at step " + fmt.Sprint(d.Step)
		case errors.Is(err, context.Canceled):
			a.io.tell("stopped; the state is saved: the same command goes on")
			return err
		case err != nil:
			return fmt.Errorf("%s, seed %d: %w", r.entry.Name, r.result.Seed, err)
		default:
			r.result.Done = true
		}
		if err := r.save(); err != nil {
			return err
		}
		if err := a.writeTable(); err != nil {
			return err
		}
	}
	if err := a.writeTable(); err != nil {
		return err
	}
	return a.print()
}

// print shows the table.
func (a *ablation) print() error {
	rep := a.report()
	failed := 0
	for _, r := range rep.Results {
		if r.Problem != "" {
			failed++
		}
	}
	if a.JSON {
		if err := printJSON(a.io.out, rep); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(a.io.text(), rep.Title)
		if err := rep.Table().Write(a.io.out, a.io.width()); err != nil {
			return err
		}
		for _, n := range rep.Notes() {
			fmt.Fprintln(a.io.text(), n)
		}
	}
	a.io.tell("written to %s", filepath.Join(a.dir, "table.md")+", .tex, .csv, .json")
	if failed > 0 {
		return fmt.Errorf("%d of %d runs failed; the same command tries them again", failed, len(rep.Results))
	}
	return nil
}

// writeTable writes the files of the table.
func (a *ablation) writeTable() error {
	rep := a.report()
	var raw strings.Builder
	if err := printJSON(&raw, rep); err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"table.md": []byte(rep.Markdown()), "table.tex": []byte(rep.LaTeX()), "table.csv": rep.CSV(), "table.json": []byte(raw.String()),
	} {
		if err := writeFile(filepath.Join(a.dir, name), text); err != nil {
			return err
		}
	}
	return nil
}

// one takes a run through the stages that are left.
func (a *ablation) one(ctx context.Context, r *ablateRun) error {
	if a.list.Untrained {
		return a.stage(r, ablate.Drawn, func(n *ablate.Net) error { return a.drawn(ctx, r, n) })
	}
	err := a.stage(r, ablate.Trained, func(n *ablate.Net) error {
		return a.train(ctx, r, "trained", trainOptions{Config: r.entry.Config, Set: r.set}, n)
	})
	if err != nil || r.prune == nil {
		return err
	}
	if err := a.stage(r, ablate.Pruned, func(n *ablate.Net) error { return a.prune(ctx, r, n) }); err != nil || r.tune == "" {
		return err
	}
	return a.stage(r, ablate.FineTuned, func(n *ablate.Net) error {
		return a.train(ctx, r, "fine-tuned", trainOptions{Config: r.tune, Set: r.tuneSet, From: r.pruned()}, n)
	})
}

// stage makes a net of the run, if there is none of this stage yet, and saves what
// is known of it.
func (a *ablation) stage(r *ablateRun, name string, f func(*ablate.Net) error) error {
	if r.result.Net(name) != nil {
		return nil
	}
	n := ablate.Net{Stage: name}
	if err := f(&n); err != nil {
		return err
	}
	r.result.Nets = append(r.result.Nets, n)
	r.result.Seconds += n.Seconds
	return r.save()
}

// lastOf is the last checkpoint of one of the run's trainings; pruned is its pruned
// net.
func (r *ablateRun) lastOf(training string) string {
	return filepath.Join(r.dir, training, "checkpoints", "last.safetensors")
}

func (r *ablateRun) pruned() string { return filepath.Join(r.dir, "pruned.safetensors") }

func isThere(path string) bool { _, err := os.Stat(path); return err == nil }

// train makes a training, or goes on with it, and scores its last net: the last and
// not the best, so that no entry chooses among more nets than another.
func (a *ablation) train(ctx context.Context, r *ablateRun, name string, o trainOptions, n *ablate.Net) error {
	o.Out, o.Data, o.Val, o.Threads, o.Overwrite, o.command = filepath.Join(r.dir, name), a.Data, a.Val, a.threads, a.Overwrite, a.command
	if isThere(r.lastOf(name)) {
		o = trainOptions{Out: o.Out, Resume: true, Data: a.Data, Val: a.Val, Threads: a.threads}
	}
	j, err := newTrainJob(o)
	if err != nil {
		return err
	}
	j.quiet = true
	d := j.conf.Data
	key := fmt.Sprintf("%q", []any{d.Dir, d.More, d.Val, d.ValShare, d.Images, d.Masks, d.MaskNames, d.Mask, d.Exif})
	j.found = a.seen[key]
	if err := j.run(ctx, a.io); err != nil {
		return err
	}
	a.seen[key] = j.found
	lines, err := train.ReadMetrics(filepath.Join(o.Out, "metrics.jsonl"))
	if err != nil {
		return err
	}
	for _, l := range lines {
		n.Seconds = l.Seconds
		if s := l.Score(); s != nil {
			n.ValMaxF, n.ValMAE = s.ObjMaxF, s.MAE
		}
	}
	c, err := checkpoint.Load(r.lastOf(name))
	if err != nil {
		return err
	}
	if c.Run != nil {
		r.result.Data = c.Run.Train.Digest
	}
	n.Steps = c.Step
	return a.measure(ctx, r, c, r.lastOf(name), n)
}

// prune makes the run's trained net smaller.
func (a *ablation) prune(ctx context.Context, r *ablateRun, n *ablate.Net) error {
	c, err := checkpoint.Load(r.lastOf("trained"))
	if err != nil {
		return err
	}
	conf, err := config.LoadBytes(r.dir, []byte(c.Config), nil)
	if err != nil {
		return err
	}
	o := prune.Options{MinChannels: conf.Prune.MinChannels, Fold: prune.FoldInterior}
	target := r.prune.Params
	switch p := r.prune; {
	case p.Ratio > 0:
		o.Ratio = &p.Ratio
	case p.Share > 0:
		target = int(p.Share * float64(c.Spec.ParamCount()))
		fallthrough
	default:
		o.TargetParams = &target
	}
	report, small, err := pruneNet(c, o)
	if err != nil {
		return err
	}
	if err := report.Summary(a.io.err); err != nil {
		return err
	}
	if err := checkpoint.Save(r.pruned(), small); err != nil {
		return err
	}
	return a.measure(ctx, r, small, r.pruned(), n)
}

// measure counts, times and scores a net.
func (a *ablation) measure(ctx context.Context, r *ablateRun, c *checkpoint.Checkpoint, path string, n *ablate.Net) error {
	cost := c.Spec.Cost(model.CostSide, model.CostSide)
	n.Params, n.MACs = cost.Params, cost.MACs
	if a.list.Time {
		if err := a.clock(ctx, r, c.Spec, c.Params, n); err != nil {
			return err
		}
	}
	if len(a.sets) == 0 {
		return nil
	}
	show := newProgress(a.io, "score", "images", 0, -1)
	defer show.done()
	rep, err := eval.Run(ctx, eval.Options{
		Methods: []eval.Method{{
			Name: n.Stage, NewNet: func() (eval.Net, error) { return graph.NewPredictor(c.Spec, c.Params, 1), nil },
			Size: r.evalSize, Checkpoint: path,
		}},
		Sets: a.sets, Protocol: metrics.SalMetric, Threads: a.threads, Progress: show.of,
	})
	if err != nil {
		return err
	}
	for _, s := range rep.Methods[0].Sets {
		v := s.Result.Scores.SalMetric
		n.Scores = append(n.Scores, ablate.Score{Set: s.Name, Images: s.Result.Images, MaxF: v.MaxF, MAE: v.MAE})
	}
	return rep.Err()
}

// clock measures the time of a net for a picture, on one thread.
func (a *ablation) clock(ctx context.Context, r *ablateRun, spec model.Spec, params *model.Params, n *ablate.Net) error {
	res, _, err := bench.Run(ctx, bench.Options{Mode: bench.Infer, Spec: spec, Params: params, Batch: 1, Size: r.evalSize, Threads: 1, Clock: stopwatch()})
	if err == nil {
		n.MS = res.MSPerImage
	}
	return err
}

// drawn measures a net with drawn weights.
func (a *ablation) drawn(ctx context.Context, r *ablateRun, n *ablate.Net) error {
	conf, err := config.Load(r.entry.Config, r.set)
	if err != nil {
		return err
	}
	spec, err := conf.Spec()
	if err != nil {
		return err
	}
	params, err := spec.NewParams(conf.Train.Seed)
	if err == nil {
		err = bench.CalibrateNorms(spec, params)
	}
	if err != nil {
		return err
	}
	cost := spec.Cost(model.CostSide, model.CostSide)
	n.Params, n.MACs = cost.Params, cost.MACs
	if !a.list.Time {
		return nil
	}
	return a.clock(ctx, r, spec, params, n)
}
