package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csnet/checkpoint"
	"csnet/graph"
	"csnet/internal/bench"
	"csnet/internal/output"
	"csnet/internal/wholefile"
	"csnet/model"
	"csnet/prune"
)

// pruneOptions are the flags of csnet prune.
type pruneOptions struct {
	Checkpoint, Out          string
	Threshold, Ratio         float64
	TargetParams, TargetMACs int
	TargetMS                 float64
	Latency, Val             string
	Sweep                    bool
	table                    *bench.Latency // with TargetMS
	command                  string         // as it was given
	Apply, Plan              string
	Criterion, Fold          string
	MinChannels, RoundTo     int
	Keep                     []string
	Data                     string
	read                     readFlags
	Recalibrate              int
	DryRun, JSON, Overwrite  bool
	Verbose                  bool
}

func newPruneCommand(io streams) *cobra.Command {
	o := pruneOptions{Criterion: "gamma"}
	c := &cobra.Command{
		Use:   "prune --checkpoint F --out F [--threshold T | --ratio R | --target-params N | --target-macs N | --target-ms X | --apply PLAN | --sweep --val DIR]",
		Short: "Strip the channels whose norm weights died",
		Long: `Strips channels by their score, the smallest |gamma| of their norms, and reports
what is left. Without a criterion the threshold is the
config's prune.threshold, else 1e-20.

A channel that is removed may have gone on giving a constant: its beta, through
PReLU and the depthwise layers after it. --fold says what becomes of it:
  exact     it is added to what the next layers give; dead channels for which
            that is not exact, at the border of the map, stay and are listed
            (the default with --threshold)
  interior  it is added with the value that it has inside the map, and the
            deviation stated (the default with --ratio and the targets)
  none      it is dropped, as in the authors' release

The compact net is then run beside the unpruned one, on random input and on the
photos of --data, which also tells what pruning costs in maxF and MAE.
--recalibrate N takes the running statistics anew from N of these photos.

--target-ms X takes the times of layers from the table of --latency, which csnet
bench --latency writes; without it they are measured first. --sweep prunes by many
ratios, scores and times each net, and writes tables, figures and report.html into
the folder --out.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.command = commandLine(cmd, args)
			return runPrune(cmd.Context(), o, func(flag string) bool { return cmd.Flags().Changed(flag) }, io)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Checkpoint, "checkpoint", "", "checkpoint to prune")
	f.StringVar(&o.Out, "out", "", "checkpoint to write")
	f.Float64Var(&o.Threshold, "threshold", 0, "remove channels with a score below `T`")
	f.Float64Var(&o.Ratio, "ratio", 0, "remove the share `R` of the prunable channels, 0 <= R < 1")
	f.IntVar(&o.TargetParams, "target-params", 0, "the largest net of at most `N` parameters")
	f.IntVar(&o.TargetMACs, "target-macs", 0, fmt.Sprintf("the largest net of at most `N` multiply-adds at %dx%d", model.CostSide, model.CostSide))
	f.Float64Var(&o.TargetMS, "target-ms", 0, "the largest net that takes at most `X` milliseconds for a picture")
	f.StringVar(&o.Latency, "latency", "", "`FILE` of csnet bench --latency with the times of layers, for --target-ms and --sweep")
	f.StringVar(&o.Apply, "apply", "", "do what the plan in this file says")
	f.Var(oneOf(&o.Criterion, "gamma", "gamma-gap"), "criterion", "score of a channel: |gamma|, or |gamma| times the mean output on the photos of --data")
	f.Var(oneOf(&o.Fold, "exact", "interior", "none"), "fold", "what becomes of the constants of removed channels")
	f.IntVar(&o.MinChannels, "min-channels", 0, "keep at least `N` channels in every layer (default: the config's, else 1)")
	f.IntVar(&o.RoundTo, "round-to", 1, "keep a multiple of `N` channels in every octave that loses some")
	f.StringArrayVar(&o.Keep, "keep", nil, "take nothing of this layer, block or stage (stage1, stage2.1, csf.fuse); repeatable")
	f.StringVar(&o.Data, "data", "", "photos and masks to measure on")
	o.read.add(f)
	f.IntVar(&o.Recalibrate, "recalibrate", 0, "take running statistics anew from `N` photos of --data")
	f.BoolVar(&o.Sweep, "sweep", false, "prune by ratios from 0 to 0.9 and compare the nets")
	f.StringVar(&o.Val, "val", "", "photos and masks to score the nets of --sweep on")
	f.StringVar(&o.Plan, "plan", "", "write what goes, and why, to this file")
	f.BoolVar(&o.DryRun, "dry-run", false, "report only, write no checkpoint")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object")
	f.BoolVar(&o.Verbose, "verbose", false, "channels, parameters and MACs of every layer")
	overwriteFlag(f, &o.Overwrite)
	return c
}

// plan turns the flags that were given into prune.Options.
func (o pruneOptions) plan(given func(string) bool, stored prune.Config) (prune.Options, error) {
	p := prune.Options{MinChannels: stored.MinChannels, RoundTo: o.RoundTo, Keep: o.Keep, Fold: prune.Fold(o.Fold)}
	if given("min-channels") {
		p.MinChannels = o.MinChannels
	}
	if given("threshold") {
		p.Threshold = &o.Threshold
	}
	if given("ratio") {
		p.Ratio = &o.Ratio
	}
	if given("target-params") {
		p.TargetParams = &o.TargetParams
	}
	if given("target-macs") {
		p.TargetMACs = &o.TargetMACs
	}
	if given("target-ms") {
		p.TargetMS, p.MS = &o.TargetMS, func(model.Spec) float64 { return 0 }
		if o.table != nil {
			p.MS = o.table.MS
		}
	}
	if p.Threshold == nil && p.Ratio == nil && p.TargetParams == nil && p.TargetMACs == nil && p.TargetMS == nil {
		p.Threshold = &stored.Threshold
	}
	if p.Fold == "" {
		if p.Fold = prune.FoldInterior; p.Threshold != nil {
			p.Fold = prune.FoldExact
		}
	}
	if err := p.Validate(); err != nil {
		return p, usageError{err}
	}
	return p, nil
}

// check reports flags that cannot go together.
func (o pruneOptions) check(given func(string) bool) error {
	switch {
	case o.Checkpoint == "":
		return usagef("--checkpoint is missing")
	case o.Out == "" && !o.DryRun:
		return usagef("--out is missing (or --dry-run)")
	case o.RoundTo < 1:
		return usagef("--round-to is %d, must be at least 1", o.RoundTo)
	case o.Recalibrate < 0:
		return usagef("--recalibrate is %d, must be at least 0", o.Recalibrate)
	case o.Data == "" && (o.Criterion == "gamma-gap" || o.Recalibrate > 0):
		return usagef("--data is missing: gamma-gap and --recalibrate need photos")
	}
	if o.Apply != "" {
		for _, flag := range []string{"threshold", "ratio", "target-params", "target-macs", "target-ms", "criterion", "min-channels", "round-to", "keep"} {
			if given(flag) {
				return usagef("--apply and --%s are both given: a plan says what goes", flag)
			}
		}
	}
	if o.Latency != "" && !given("target-ms") && !o.Sweep {
		return usagef("--latency goes with --target-ms or --sweep")
	}
	if o.Val != "" && !o.Sweep {
		return usagef("--val goes with --sweep; --data says what to measure a pruned net on")
	}
	_, err := o.plan(given, prune.DefaultConfig())
	return err
}

func runPrune(ctx context.Context, o pruneOptions, given func(string) bool, io streams) error {
	if o.Sweep {
		return runSweep(ctx, o, given, io)
	}
	if err := o.check(given); err != nil {
		return err
	}
	if err := o.guard(); err != nil {
		return err
	}
	c, err := loadNet(o.Checkpoint)
	if err != nil {
		return err
	}
	c.sayUndigested(io)
	photos, err := o.photos(ctx, c, io)
	if err != nil {
		return err
	}
	if given("target-ms") {
		if o.table, err = o.times(ctx, c, io); err != nil {
			return err
		}
	}
	plan, err := o.choose(ctx, c, given, photos)
	if err != nil {
		return err
	}
	report, pruned, err := prunedNet(c.Checkpoint, plan)
	if err != nil {
		return err
	}
	if photos != nil {
		if err := photos.measure(ctx, c, pruned, plan, &report); err != nil {
			return err
		}
	}
	if o.table != nil {
		report.Time = &prune.Time{Size: o.table.Size, Threads: o.table.Threads, Before: o.table.MS(c.Spec), After: o.table.MS(pruned.Spec)}
	}
	err = o.print(report, io)
	if err == nil && o.Plan != "" {
		err = writePlan(o.Plan, plan, c.Spec)
	}
	if err != nil || o.DryRun {
		return err
	}
	if err := checkpoint.Save(o.Out, pruned); err != nil {
		return err
	}
	io.tell("written to %s", o.Out)
	sayUnsynced(io, o.Out)
	if !o.JSON {
		if photos == nil {
			io.tell("with --data DIR csnet prune says, too, what that costs in maxF and MAE")
		}
		io.next("To bring back what the removed channels did", "csnet", "train", "--config", "finetune", "--from", o.Out, "--data", cmp.Or(o.Data, "DIR"))
	}
	return nil
}

// times reads the latency table of --latency, or measures one at the size of use.
func (o pruneOptions) times(ctx context.Context, c storedNet, io streams) (*bench.Latency, error) {
	if o.Latency != "" {
		return readLatency(o.Latency, c.Spec)
	}
	conf, err := c.config()
	if err != nil {
		return nil, err
	}
	threads, err := threadCount(0)
	if err != nil {
		return nil, err
	}
	return measureLatency(ctx, c.Spec, conf.Eval.Size, threads, 0, io)
}

// print writes the report to stdout.
func (o pruneOptions) print(r prune.Report, io streams) error {
	switch {
	case o.JSON:
		return r.JSON(io.out)
	case o.Verbose:
		if err := r.Details(io.text(), io.width()); err != nil {
			return err
		}
	}
	return r.Summary(io.text())
}

// guard decides before any work whether the outputs may be written.
func (o pruneOptions) guard() error {
	g := o.reads()
	return o.guardWith(&g)
}

// reads knows what prune reads beside the set.
func (o pruneOptions) reads() output.Guard {
	g := output.Guard{Overwrite: o.Overwrite}
	g.Reads("the file of --checkpoint", o.Checkpoint)
	if o.Apply != "" {
		g.Reads("the file of --apply", o.Apply)
	}
	if o.Latency != "" {
		g.Reads("the file of --latency", o.Latency)
	}
	return g
}

// guardWith asks g about the outputs.
func (o pruneOptions) guardWith(g *output.Guard) error {
	if o.Plan != "" {
		if err := guardFlag(g, "--plan", o.Plan, planKind()); err != nil {
			return err
		}
	}
	if o.DryRun {
		return nil
	}
	return guardOut(g, o.Out, checkpointKind())
}

// choose makes the plan, or reads it.
func (o pruneOptions) choose(ctx context.Context, c storedNet, given func(string) bool, photos *prunePhotos) (*prune.Plan, error) {
	if o.Apply != "" {
		plan, err := readPlan(o.Apply, c.Spec)
		if err == nil && given("fold") {
			plan.Fold = prune.Fold(o.Fold)
		}
		return plan, err
	}
	stored, err := c.config()
	if err != nil {
		return nil, err
	}
	opts, err := o.plan(given, stored.Prune)
	if err != nil {
		return nil, err
	}
	if o.Criterion == "gamma-gap" {
		if opts.Gap, err = photos.gaps(ctx, c); err != nil {
			return nil, err
		}
	}
	if err := prune.CheckThreshold(c.Spec, c.Params, opts); err != nil {
		return nil, err
	}
	return prune.NewPlan(c.Spec, c.Params, opts)
}

// writePlan writes a plan file, whole or not at all.
func writePlan(path string, plan *prune.Plan, spec model.Spec) error {
	if err := wholefile.Write(path, func(w io.Writer) error { return plan.Write(w, spec) }); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// pruneNet plans, applies, proves and reports; the result has no optimizer
// state.
func pruneNet(c *checkpoint.Checkpoint, o prune.Options) (prune.Report, *checkpoint.Checkpoint, error) {
	plan, err := prune.NewPlan(c.Spec, c.Params, o)
	if err != nil {
		return prune.Report{}, nil, err
	}
	return prunedNet(c, plan)
}

// prunedNet applies a plan, proves and reports.
func prunedNet(c *checkpoint.Checkpoint, plan *prune.Plan) (prune.Report, *checkpoint.Checkpoint, error) {
	spec, params, err := plan.Apply(c.Spec, c.Params)
	if err != nil {
		return prune.Report{}, nil, err
	}
	after, before, err := prune.Verify(forward, c.Spec, c.Params, plan, 1)
	if err != nil {
		return prune.Report{}, nil, err
	}
	report, err := prune.NewReport(c.Spec, spec, plan, after, before)
	if err != nil {
		return prune.Report{}, nil, err
	}
	return report, &checkpoint.Checkpoint{Spec: spec, Params: params, Config: c.Config, Step: c.Step, Manifest: c.Manifest}, nil
}

// forward runs a net in evaluation mode.
func forward(spec model.Spec, p *model.Params, x []float32, n, h, w int) ([]float32, error) {
	pred := graph.NewPredictor(spec, p, 1)
	defer func() { _ = pred.Close() }()
	y, err := pred.Batch(x, n, h, w)
	return append([]float32(nil), y...), err
}
