package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"

	"github.com/spf13/cobra"

	"csnet/data"
	"csnet/internal/config"
	"csnet/internal/output"
)

// previewOptions are the flags of csnet data preview.
type previewOptions struct {
	Config, Out  string
	Set          []string
	Count, Epoch int
	Overwrite    bool
}

// sheetMark is the kind of PNG that data preview writes.
const sheetMark = "preview of training pictures"

func newDataPreviewCommand(io streams) *cobra.Command {
	var o previewOptions
	c := &cobra.Command{
		Use:   "preview DIR --config F --out F.png",
		Short: "Draw the first pictures that a run trains on, cropped and varied as its config says",
		Long: `Writes a PNG of the first pictures of an epoch as the net is given them under a
config's data.augment and data.size: each photo, and beside it the photo with its
mask laid over in red.`,
		Args: oneArgument("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error { return runDataPreview(cmd.Context(), o, args[0], io) },
	}
	f := c.Flags()
	f.StringVar(&o.Config, "config", "", "config of the run")
	f.StringArrayVar(&o.Set, "set", nil, "override a config key: key=value")
	f.StringVar(&o.Out, "out", "", "PNG file to write")
	f.IntVar(&o.Count, "count", 24, "pictures to show")
	f.IntVar(&o.Epoch, "epoch", 0, "epoch, from 0")
	overwriteFlag(f, &o.Overwrite)
	return c
}

func runDataPreview(ctx context.Context, o previewOptions, dir string, io streams) error {
	switch {
	case o.Config == "":
		return usagef("--config is missing")
	case o.Out == "":
		return usagef("--out is missing")
	case o.Count < 1:
		return usagef("--count is %d, must be at least 1", o.Count)
	case o.Epoch < 0:
		return usagef("--epoch is %d, must be 0 or more", o.Epoch)
	}
	c, err := config.Load(o.Config, o.Set)
	if err != nil {
		return usageError{err}
	}
	set, err := data.FindIn(dir, c.Data.Folders())
	if err != nil {
		return err
	}
	g := output.Guard{Overwrite: o.Overwrite}
	g.Reads("the config", o.Config)
	guardSet(&g, set.Pairs)
	if err := guardOut(&g, o.Out, output.PNG(sheetMark)); err != nil {
		return err
	}
	pairs, err := settled(ctx, set, readFlags{Mask: c.Data.Mask, Exif: c.Data.Exif}, io)
	if err != nil {
		return err
	}
	if c.Data.Val == "" && c.Data.ValShare > 0 {
		pairs, _ = data.SplitValidation(pairs, c.Data.ValShare)
	}
	img, err := data.Preview(ctx, data.LoaderOptions{
		Pairs: pairs, Size: c.Data.SizePlan().At(o.Epoch), Seed: c.Train.Seed, Workers: c.Data.Workers, Augment: c.Data.Augment,
	}, o.Epoch, min(o.Count, len(pairs)))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := png.Encode(output.MarkPNG(&b, sheetMark), img); err != nil {
		return err
	}
	if err := writeFile(o.Out, b.Bytes()); err != nil {
		return err
	}
	sayUnsynced(io, o.Out)
	fmt.Fprintf(io.err, "%d pictures at %d pixels written to %s\n", min(o.Count, len(pairs)), c.Data.SizePlan().At(o.Epoch), o.Out)
	return nil
}
