package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/spf13/cobra"

	"csnet/data"
	"csnet/internal/chart"
	"csnet/internal/output"
)

// dataOptions are the flags of csnet data's commands.
type dataOptions struct {
	JSON  bool
	Out   string
	Share float64
	Copy  bool // the default
	Link  bool

	Overwrite bool
	read      readFlags
}

func newDataCommand(io streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "Look at a data set: check, stats, split, shrink, preview",
		Args:  subcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(newDataCheckCommand(io), newDataStatsCommand(io), newDataSplitCommand(io), newDataShrinkCommand(io), newDataPreviewCommand(io))
	return c
}

// heatMark is the kind of PNG that data stats writes.
const heatMark = "mean mask"

func newDataStatsCommand(io streams) *cobra.Command {
	var o dataOptions
	c := &cobra.Command{
		Use:   "stats DIR",
		Short: "Sizes, foreground share and centre bias of a data set",
		Args:  o.read.setArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDataStats(cmd.Context(), o, setDir(args), io)
		},
	}
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object")
	c.Flags().StringVar(&o.Out, "out", "", "PNG file for the centre bias as a heat map")
	overwriteFlag(c.Flags(), &o.Overwrite)
	o.read.add(c.Flags())
	return c
}

func runDataStats(ctx context.Context, o dataOptions, dir string, io streams) error {
	set, err := data.FindIn(dir, o.read.folders())
	if err != nil {
		return err
	}
	if o.Out != "" {
		g := output.Guard{Overwrite: o.Overwrite}
		guardSet(&g, set.Pairs)
		if err := guardOut(&g, o.Out, output.PNG(heatMark)); err != nil {
			return err
		}
	}
	if set.Pairs, err = settled(ctx, set, o.read, io); err != nil {
		return err
	}
	show := newProgress(io, "stats", "pairs", 0, len(set.Pairs))
	s, err := data.Stats(ctx, set, show.of)
	show.done()
	if err != nil {
		return err
	}
	if o.Out != "" {
		if err := writeHeat(o.Out, s); err != nil {
			return err
		}
		sayUnsynced(io, o.Out)
		io.tell("mean mask written to %s", o.Out)
	}
	if o.JSON {
		return printJSON(io.out, s)
	}
	w := io.text()
	fmt.Fprintf(w, "%d pairs in %s\n", s.Pairs, dir)
	for _, r := range []struct {
		name string
		s    data.Spread
	}{{"width", s.Width}, {"height", s.Height}, {"foreground", s.Foreground}} {
		fmt.Fprintf(w, "%-10s  min %8.4g  median %8.4g  mean %8.4g  max %8.4g\n", r.name, r.s.Min, r.s.Median, r.s.Mean, r.s.Max)
	}
	fmt.Fprintf(w, "masks by foreground share, tenths: %v\n", s.Histogram)
	fmt.Fprintf(w, "graded masks: %d\n", s.Graded)
	fmt.Fprintf(w, "mean centre of the foreground: %.3f, %.3f; in the middle quarter: %.3f of it (0.25 = no bias)\n", s.Centre[0], s.Centre[1], s.CentreBias)
	return nil
}

// writeHeat draws the mean mask of a set.
func writeHeat(path string, s *data.Statistics) error {
	heat := chart.Heat{
		Title: fmt.Sprintf("Mean of %d masks", s.Pairs), Cells: s.Heat(), Side: data.HeatSide,
		XLabel: "x, as a share of the width", YLabel: "y, as a share of the height", Scale: "share of the masks with foreground here",
		Notes: []string{fmt.Sprintf("%d masks; %.0f%% of the foreground is in the middle quarter", s.Pairs, 100*s.CentreBias)},
	}
	if s.Foreground.Max > 0 {
		heat.Centre = &s.Centre
		heat.Notes = append(heat.Notes, "(25%: no bias). The cross marks its mean centre.")
	}
	img, err := heat.PNG()
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if _, err := output.MarkPNG(&buf, heatMark).Write(img); err != nil {
		return err
	}
	return writeFile(path, buf.Bytes())
}

// settled gives the pairs of a set with how they are read, and says it.
func settled(ctx context.Context, set data.Set, read readFlags, io streams) ([]data.Pair, error) {
	how, err := read.options()
	if err != nil {
		return nil, err
	}
	how.Headers = true
	in, err := data.Inspect(ctx, set.Pairs, how)
	if err != nil {
		return nil, err
	}
	if in.MaskErr != nil {
		return nil, fmt.Errorf("%s: %w", set.MaskDir, in.MaskErr)
	}
	for _, note := range in.Notes() {
		io.tell("%s: %s", set.Dir, note)
	}
	if in.Bad > 0 {
		for _, p := range in.Problems {
			if p.Severity == data.SeverityError {
				return nil, fmt.Errorf("%s: %s (csnet data check lists all of %d broken pairs)", p.File, p.Detail, in.Bad)
			}
		}
	}
	return in.Pairs, nil
}

func newDataSplitCommand(io streams) *cobra.Command {
	var o dataOptions
	c := &cobra.Command{
		Use:   "split DIR --out DIR",
		Short: "Cut a data set in two, by hash of the stems",
		Long: `Makes OUT/train and OUT/val, each with images/ and GT/, of copies; with --link of
hard links, so that what is done to them is done to the originals. A stem's side
depends on its name alone; photos with the same pixels stay together.`,
		Args: o.read.setArgument,
		RunE: func(cmd *cobra.Command, args []string) error { return runDataSplit(cmd.Context(), o, setDir(args), io) },
	}
	c.Flags().StringVar(&o.Out, "out", "", "folder to make")
	c.Flags().Float64Var(&o.Share, "share", 0.05, "share of the stems for validation")
	o.read.add(c.Flags())
	c.Flags().BoolVar(&o.Copy, "copy", false, "copy the files (the default)")
	c.Flags().BoolVar(&o.Link, "link", false, "hard links instead of copies: they take no space, but share what is done to them")
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object")
	return c
}

func runDataSplit(ctx context.Context, o dataOptions, dir string, io streams) error {
	switch {
	case o.Out == "":
		return usagef("--out is missing")
	case o.Copy && o.Link:
		return usagef("--copy and --link exclude each other")
	case !(o.Share > 0 && o.Share < 1):
		return usagef("--share is %g, must be between 0 and 1", o.Share)
	}
	set, err := data.FindIn(dir, o.read.folders())
	if err != nil {
		return err
	}
	var g output.Guard
	guardSet(&g, set.Pairs)
	if err := guardNewFolder(&g, o.Out); err != nil {
		return err
	}
	how, err := o.read.options()
	if err != nil {
		return err
	}
	show := newProgress(io, "read", "pairs", 0, len(set.Pairs))
	how.Progress = show.of
	in, err := data.Inspect(ctx, set.Pairs, how)
	show.done()
	if err != nil {
		return err
	}
	if in.Bad > 0 {
		io.tell("warning: %s: %s left out that cannot be read (csnet data check lists them)", dir, counted(in.Bad, "pair"))
	}
	train, val := data.SplitValidation(in.Pairs, o.Share)
	if err := data.WriteSplit(o.Out, train, val, !o.Link); err != nil {
		return err
	}
	sayUnsynced(io, o.Out)
	if o.JSON {
		return printJSON(io.out, map[string]int{"train": len(train), "val": len(val)})
	}
	fmt.Fprintf(io.text(), "%d pairs in %s, %d in %s\n", len(train), filepath.Join(o.Out, "train"), len(val), filepath.Join(o.Out, "val"))
	if got := float64(len(val)) / float64(len(in.Pairs)); math.Abs(got-o.Share) > .05 {
		io.tell("note: --share %g was asked for: a pair's side follows from its name, copies stay together, so that of few pairs the share is met roughly", o.Share)
	}
	return nil
}
