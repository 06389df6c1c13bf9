package main

import (
	"context"

	"github.com/spf13/cobra"

	"csnet/data"
	"csnet/internal/output"
)

// shrinkOptions are the flags of csnet data shrink.
type shrinkOptions struct {
	read readFlags
	Out  string
	Side int
}

func newDataShrinkCommand(io streams) *cobra.Command {
	var o shrinkOptions
	c := &cobra.Command{
		Use:   "shrink DIR --out DIR",
		Short: "Write a data set with its pictures reduced",
		Long: `Makes OUT/images and OUT/masks with every picture reduced by area to a longer side of
at most --side pixels, turned as EXIF says, and masks in plain grey however they
were coded. Training on it does not decode large photos again and again.`,
		Args: o.read.setArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDataShrink(cmd.Context(), o, setDir(args), io)
		},
	}
	c.Flags().StringVar(&o.Out, "out", "", "folder to make")
	c.Flags().IntVar(&o.Side, "side", 512, "longer side, pixels")
	o.read.add(c.Flags())
	return c
}

func runDataShrink(ctx context.Context, o shrinkOptions, dir string, io streams) error {
	switch {
	case o.Out == "":
		return usagef("--out is missing")
	case o.Side < 16 || o.Side > 1<<14:
		return usagef("--side is %d, must be 16 to %d", o.Side, 1<<14)
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
	pairs, err := settled(ctx, set, o.read, io)
	if err != nil {
		return err
	}
	show := newProgress(io, "shrink", "pairs", 0, len(pairs))
	err = data.Shrink(ctx, o.Out, pairs, o.Side, show.of)
	show.done()
	if err != nil {
		return err
	}
	sayUnsynced(io, o.Out)
	io.tell("%d pairs written to %s, at most %d pixels long", len(pairs), o.Out, o.Side)
	return nil
}
