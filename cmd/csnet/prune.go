package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"csnet/checkpoint"
	"csnet/graph"
	"csnet/model"
	"csnet/prune"
)

// pruneOptions are the flags of csnet prune.
type pruneOptions struct {
	Checkpoint, Out          string
	Threshold, Ratio         float64
	TargetParams, TargetMACs int
	MinChannels              int
	DryRun, JSON, Overwrite  bool
}

func newPruneCommand(io streams) *cobra.Command {
	var o pruneOptions
	c := &cobra.Command{
		Use:   "prune --checkpoint F --out F [--threshold T | --ratio R | --target-params N | --target-macs N]",
		Short: "Strip the channels whose norm weights died",
		Long: `Strips channels by their score, the smallest |gamma| of their norms, and reports
before => after per layer and octave. Without a criterion the threshold is the
config's prune.threshold, else 1e-20. The compact net is then run on random input
beside the unpruned net with gamma = beta = 0 in the removed channels.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runPrune(o, func(flag string) bool { return cmd.Flags().Changed(flag) }, io)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Checkpoint, "checkpoint", "", "checkpoint to prune")
	f.StringVar(&o.Out, "out", "", "checkpoint to write")
	f.Float64Var(&o.Threshold, "threshold", 0, "remove channels with a score below `T`")
	f.Float64Var(&o.Ratio, "ratio", 0, "remove the share `R` of the prunable channels, 0 <= R < 1")
	f.IntVar(&o.TargetParams, "target-params", 0, "the largest net of at most `N` parameters")
	f.IntVar(&o.TargetMACs, "target-macs", 0, fmt.Sprintf("the largest net of at most `N` multiply-adds at %dx%d", model.CostSide, model.CostSide))
	f.IntVar(&o.MinChannels, "min-channels", 0, "keep at least `N` channels in every layer (default: the config's, else 1)")
	f.BoolVar(&o.DryRun, "dry-run", false, "report only, write nothing")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object")
	overwriteFlag(f, &o.Overwrite)
	return c
}

// plan turns the flags that were given into prune.Options.
func (o pruneOptions) plan(given func(string) bool, stored prune.Config) (prune.Options, error) {
	p := prune.Options{MinChannels: stored.MinChannels}
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
	if p.Threshold == nil && p.Ratio == nil && p.TargetParams == nil && p.TargetMACs == nil {
		p.Threshold = &stored.Threshold
	}
	if err := p.Validate(); err != nil {
		return p, usageError{err}
	}
	return p, nil
}

func runPrune(o pruneOptions, given func(string) bool, io streams) error {
	switch {
	case o.Checkpoint == "":
		return usagef("--checkpoint is missing")
	case o.Out == "" && !o.DryRun:
		return usagef("--out is missing (or --dry-run)")
	}
	if !o.DryRun {
		if err := guardFile("--checkpoint", o.Checkpoint, o.Out, checkpointKind(), o.Overwrite); err != nil {
			return err
		}
	}
	if _, err := o.plan(given, prune.DefaultConfig()); err != nil {
		return err
	}
	c, err := loadNet(o.Checkpoint)
	if err != nil {
		return err
	}
	stored, err := c.config()
	if err != nil {
		return err
	}
	opts, err := o.plan(given, stored.Prune)
	if err != nil {
		return err
	}
	report, pruned, err := pruneNet(c.Checkpoint, opts)
	if err != nil {
		return err
	}
	if o.JSON {
		err = report.JSON(io.out)
	} else {
		err = report.Table(io.out)
	}
	if err != nil || o.DryRun {
		return err
	}
	if err := checkpoint.Save(o.Out, pruned); err != nil {
		return err
	}
	fmt.Fprintf(io.err, "written to %s\n", o.Out)
	return nil
}

// pruneNet plans, applies, proves and reports; the result has no optimizer
// state.
func pruneNet(c *checkpoint.Checkpoint, o prune.Options) (prune.Report, *checkpoint.Checkpoint, error) {
	plan, err := prune.NewPlan(c.Spec, c.Params, o)
	if err != nil {
		return prune.Report{}, nil, err
	}
	spec, params, err := plan.Apply(c.Spec, c.Params)
	if err != nil {
		return prune.Report{}, nil, err
	}
	after, before, err := prune.Verify(forward, c.Spec, c.Params, plan, 1)
	if err != nil {
		return prune.Report{}, nil, err
	}
	report, err := prune.NewReport(c.Spec, spec, after, before)
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
