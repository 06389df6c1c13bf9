package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"csnet/eval"
)

// predictOptions are the flags of csnet predict.
type predictOptions struct {
	Checkpoint, Out string
	Size, Threads   int
	Overwrite       bool
}

func newPredictCommand(io streams) *cobra.Command {
	var o predictOptions
	c := &cobra.Command{
		Use:   "predict [--checkpoint F] INPUT...",
		Short: "Write the saliency maps of photos",
		Long: `Writes the saliency map of every photo, files and folders, as an 8-bit grey PNG of
the photo's size (turned as EXIF says). With --out the maps go to DIR/<stem>.png,
sub-folders kept; without it to <stem>_saliency.png in the current folder. Inputs
are never overwritten, other files that are no maps of csnet's only with
--overwrite.`,
		Args: someArguments("INPUT"),
		RunE: func(cmd *cobra.Command, args []string) error { return runPredict(cmd.Context(), o, args, io) },
	}
	f := c.Flags()
	f.StringVar(&o.Checkpoint, "checkpoint", "", "checkpoint to run (default: the embedded model)")
	f.StringVar(&o.Out, "out", "", "folder for the maps")
	f.IntVar(&o.Size, "size", 0, "side of the net input (default: the checkpoint's eval.size, else 224)")
	f.IntVar(&o.Threads, "threads", 0, "threads; 0 = one per core")
	overwriteFlag(f, &o.Overwrite)
	return c
}

func runPredict(ctx context.Context, o predictOptions, inputs []string, io streams) error {
	if o.Size < 0 {
		return usagef("--size is %d, must be above 0", o.Size)
	}
	threads, err := threadCount(o.Threads)
	if err != nil {
		return err
	}
	path := orEmbedded(o.Checkpoint, io)
	net, err := loadEvalNet(path, o.Size)
	if err != nil {
		return err
	}
	jobs, err := eval.PlanPredict(inputs, o.Out)
	if err != nil {
		return usageError{err}
	}
	if err := guardMaps(jobs, path, o.Overwrite); err != nil {
		return err
	}
	show := newProgress(io, "predict", "photos", 0, len(jobs))
	// Photos side by side first; threads left over work on one photo together.
	each := max(threads/len(jobs), 1)
	err = eval.PredictAll(ctx, jobs, eval.PredictOptions{NewNet: net.predictor(each), Size: net.size, Threads: threads, Progress: show.of})
	show.done()
	if err != nil {
		return err
	}
	if len(jobs) == 1 {
		fmt.Fprintf(io.err, "written to %s\n", jobs[0].Target)
	} else {
		fmt.Fprintf(io.err, "%d maps written\n", len(jobs))
	}
	return nil
}
