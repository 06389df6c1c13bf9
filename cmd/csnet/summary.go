package main

import (
	"github.com/spf13/cobra"

	"csnet/internal/config"
	"csnet/internal/summary"
	"csnet/model"
)

// summaryOptions are the flags of csnet summary.
type summaryOptions struct {
	Checkpoint, Config string
	Set                []string
	JSON               bool
}

func newSummaryCommand(io streams) *cobra.Command {
	var o summaryOptions
	c := &cobra.Command{
		Use:   "summary [--checkpoint F | --config F]",
		Short: "Print layers, channels, parameters, MACs and the authors' FLOPs of a net",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return runSummary(o, io) },
	}
	c.Flags().StringVar(&o.Checkpoint, "checkpoint", "", "checkpoint to describe (default: the embedded model)")
	c.Flags().StringVar(&o.Config, "config", "", "config to describe")
	c.Flags().StringArrayVar(&o.Set, "set", nil, "override a config key: key=value")
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object")
	return c
}

func runSummary(o summaryOptions, io streams) error {
	if o.Config == "" {
		o.Checkpoint = orEmbedded(o.Checkpoint, io)
	}
	spec, err := specOf(o.Checkpoint, o.Config, o.Set)
	if err != nil {
		return err
	}
	if o.JSON {
		return summary.JSON(io.out, spec)
	}
	return summary.Table(io.out, spec)
}

// specOf returns the Spec of a checkpoint or of a config, of which exactly one
// is given.
func specOf(ckpt, conf string, set []string) (model.Spec, error) {
	switch {
	case (ckpt == "") == (conf == ""):
		return model.Spec{}, usagef("give one of --checkpoint and --config")
	case ckpt != "" && len(set) > 0:
		return model.Spec{}, usagef("--set %s changes a config; with --checkpoint there is none", set[0])
	case ckpt != "":
		c, err := loadCheckpoint(ckpt)
		if err != nil {
			return model.Spec{}, err
		}
		return c.Spec, nil
	}
	c, err := config.Load(conf, set)
	if err != nil {
		return model.Spec{}, usageError{err}
	}
	return c.Spec()
}
