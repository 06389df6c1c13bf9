package main

import (
	"github.com/spf13/cobra"

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
		Short: "Print what a net consists of and costs",
		Args:  noArguments,
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
	n, conf, err := netOrConfig(o.Checkpoint, o.Config, o.Set)
	if err != nil {
		return err
	}
	var spec model.Spec
	if conf == nil {
		spec = n.Spec
	} else if spec, err = conf.Spec(); err != nil {
		return err
	}
	if o.JSON {
		return summary.JSON(io.out, spec)
	}
	return summary.Table(io.text(), spec, io.width())
}
