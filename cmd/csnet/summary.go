package main

import (
	"cmp"
	"slices"

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
		Use:   "summary [--checkpoint F | --config F | CONFIG... | LIST]",
		Short: "Print what a net consists of and costs",
		Long: `Prints the layers of a net and what they cost. Several configs, or a list of
configs as csnet ablate takes it, give a line each: nets is the list of those in
the paper's tables.`,
		ValidArgsFunction: completeLists,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return runSummaryList(o, args, io)
			}
			return runSummary(o, io)
		},
	}
	c.Flags().StringVar(&o.Checkpoint, "checkpoint", "", "checkpoint to describe (default: the embedded model)")
	c.Flags().StringVar(&o.Config, "config", "", "config to describe")
	c.Flags().StringArrayVar(&o.Set, "set", nil, "override a config key: key=value")
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object")
	return c
}

// runSummaryList prints a line for each config of the arguments.
func runSummaryList(o summaryOptions, args []string, io streams) error {
	if o.Config != "" || o.Checkpoint != "" {
		return usagef("%s: a list of configs leaves --config and --checkpoint out", args[0])
	}
	list, err := ablateOptions{Configs: args}.readList()
	if err != nil {
		return err
	}
	var nets []summary.Net
	for _, e := range list.Entries {
		conf, err := config.Load(e.Config, slices.Concat(list.Set, e.Set, o.Set))
		if err != nil {
			return usageError{err}
		}
		s, err := conf.Spec()
		if err != nil {
			return usageError{err}
		}
		nets = append(nets, summary.Net{Name: cmp.Or(e.Name, e.Config), Spec: s})
	}
	if o.JSON {
		return summary.ListJSON(io.out, nets)
	}
	return summary.List(io.text(), nets, io.width())
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
