package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"csnet/internal/kernel"
	"csnet/internal/output"
)

// benchOptions are the flags of csnet bench.
type benchOptions struct {
	Checkpoint, Config string
	Set                []string
	Mode, CPU          string
	Batch, Size, Runs  int
	Threads            int
	Layers, JSON       bool
	Overwrite          bool
	Input, Logits      string
}

// What a measurement does when --runs is not given: at least benchRuns runs,
// then more until benchTime has passed.
const (
	benchRuns = 20
	benchTime = 3 * time.Second
	warmTime  = time.Second / 2
)

func newBenchCommand(io streams) *cobra.Command {
	var o benchOptions
	c := &cobra.Command{
		Use:   "bench [--checkpoint F | --config F] --mode infer|train",
		Short: "Measure the time of inference or of a training step, op by op",
		Long: `Measures a net on drawn numbers: a forward run (infer), or a training step
(train: forward, backward, the search for NaN and Inf, Adam with dynamic weight
decay). All times are medians over the runs after warm-up and in milliseconds
per image.

--layers adds a row per op. GMAC/s counts a multiply-add of a convolution once;
backward, with its two gradients, counts twice as many (once where there is no
gradient of the image). GB/s counts every input map of an op as read once and
its output as written once; backward reads the inputs, the convolution's result
and the output's gradient and writes the inputs' gradients. floor is what these
MACs take at the peak or these bytes at the bandwidth that the same run shows,
whichever is longer. The VM's overhead is what a run takes beyond its ops.
peak_gflops is of one core; floors count --threads cores.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBench(cmd.Context(), o, io) },
	}
	f := c.Flags()
	f.StringVar(&o.Checkpoint, "checkpoint", "", "checkpoint to measure (default: the embedded model)")
	f.StringVar(&o.Config, "config", "", "config to measure, with drawn weights")
	f.StringArrayVar(&o.Set, "set", nil, "override a config key: key=value")
	f.StringVar(&o.Mode, "mode", "", "infer | train")
	f.IntVar(&o.Batch, "batch", 0, "images per run (default: 1 for infer, the config's train.batch for train)")
	f.IntVar(&o.Size, "size", 0, "side of the net input (default: the config's eval.size for infer, data.size for train)")
	f.IntVar(&o.Threads, "threads", 0, "threads; 0 = one per core")
	f.IntVar(&o.Runs, "runs", 0, "timed runs (default: at least 20, for about 3 s)")
	f.StringVar(&o.CPU, "cpu", "auto", "instructions to use at most: avx512 | avx2 | plain")
	f.BoolVar(&o.Layers, "layers", false, "add a row per op")
	f.StringVar(&o.Input, "input", "", "infer: file of float32 (batch, 3, size, size), little-endian, instead of drawn numbers")
	f.StringVar(&o.Logits, "logits", "", "infer: file to write the logits to, float32 (batch, 1, size, size)")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object")
	overwriteFlag(f, &o.Overwrite)
	return c
}

// verify checks the flags that need no file.
func (o benchOptions) verify() error {
	switch {
	case o.Mode != "infer" && o.Mode != "train":
		return usagef("--mode is %q, must be infer or train", o.Mode)
	case o.Batch < 0:
		return usagef("--batch is %d, must be above 0", o.Batch)
	case o.Size < 0:
		return usagef("--size is %d, must be above 0", o.Size)
	case o.Runs < 0:
		return usagef("--runs is %d, must be above 0", o.Runs)
	case o.Mode == "train" && o.Input+o.Logits != "":
		return usagef("--input and --logits go with --mode infer")
	}
	return nil
}

// limitCPU applies --cpu and returns how to undo it.
func (o benchOptions) limitCPU() (undo func(), err error) {
	was := kernel.Current()
	undo = func() { kernel.Limit(was) }
	for _, l := range []kernel.Level{kernel.Plain, kernel.AVX2, kernel.AVX512} {
		if o.CPU == l.String() {
			if got := kernel.Limit(l); got != l {
				undo()
				return nil, usagef("--cpu is %s, this machine or build has at most %s", o.CPU, got)
			}
			return undo, nil
		}
	}
	if o.CPU != "auto" {
		return nil, usagef("--cpu is %q, must be auto, avx512, avx2 or plain", o.CPU)
	}
	return undo, nil
}

func runBench(ctx context.Context, o benchOptions, io streams) error {
	if err := o.verify(); err != nil {
		return err
	}
	undo, err := o.limitCPU()
	if err != nil {
		return err
	}
	defer undo()
	if o.Config == "" {
		o.Checkpoint = orEmbedded(o.Checkpoint, io)
	}
	s, err := newBenchSubject(o)
	if err != nil {
		return err
	}
	defer s.close()
	if err := o.guardLogits(s); err != nil {
		return err
	}
	rec := &opRecorder{}
	s.observe(rec.event)
	if err := measure(ctx, o.Runs, s, rec, io); err != nil {
		return err
	}
	r, err := newBenchResult(ctx, o.Mode, s, rec)
	if err != nil {
		return err
	}
	if o.Logits != "" {
		if err := writeFloats(o.Logits, s.logits); err != nil {
			return err
		}
	}
	if !o.Layers {
		r.Layers = nil
	}
	if o.JSON {
		return printJSON(io.out, r)
	}
	return r.print(io.out, s.what)
}

// guardLogits decides whether --logits may be written. An older file of as many
// values is taken for one of csnet's: nothing in it says what it is.
func (o benchOptions) guardLogits(s *benchSubject) error {
	if o.Logits == "" {
		return nil
	}
	g := output.Guard{Overwrite: o.Overwrite}
	g.Reads("the checkpoint", o.Checkpoint)
	g.Reads("the config", o.Config)
	g.Reads("the file of --input", o.Input)
	kind := output.Kind{Name: "a file of as many logits", Is: func(path string) bool {
		st, err := os.Stat(path)
		return err == nil && st.Size() == 4*int64(s.batch)*int64(s.size)*int64(s.size)
	}}
	if err := g.File(o.Logits, kind); err != nil {
		return fmt.Errorf("--logits: %w", err)
	}
	return nil
}

// measure runs s until it is warm and then as often as is asked.
func measure(ctx context.Context, runs int, s *benchSubject, rec *opRecorder, io streams) error {
	least, limit, warm := runs, time.Duration(0), warmTime/5
	if runs == 0 {
		least, limit, warm = benchRuns, benchTime, warmTime
	}
	for n, start := 0, time.Now(); n < 2 || time.Since(start) < warm; n++ {
		if err := s.once(ctx); err != nil {
			return err
		}
	}
	rec.reset()
	show := newProgress(io, "bench", "runs", 0, least)
	defer show.done()
	for n, start := 0, time.Now(); n < least || time.Since(start) < limit; n++ {
		rec.begin()
		if err := s.once(ctx); err != nil {
			return err
		}
		rec.end()
		if n < least {
			show.at(n+1, least, "")
		}
	}
	return nil
}
