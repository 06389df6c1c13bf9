package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"csnet/internal/bench"
	"csnet/internal/config"
	"csnet/internal/memory"
	"csnet/internal/output"
	"csnet/train"
)

// benchOptions are the flags of csnet bench.
type benchOptions struct {
	Checkpoint, Config string
	Set                []string
	Mode, CPU          string
	Precision          string
	Batch, Size, Runs  int
	Threads            int
	Layers, JSON       bool
	Overwrite          bool
	Input, Logits      string
	Latency            string
}

func newBenchCommand(io streams) *cobra.Command {
	o := benchOptions{CPU: "auto"}
	c := &cobra.Command{
		Use:   "bench [--checkpoint F | --config F] --mode infer|train",
		Short: "Measure the time of inference or training, op by op",
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
peak_gflops is of one core; floors count --threads cores.

--latency FILE measures the net at several widths and writes a table of times per
layer, by which csnet prune --target-ms chooses channels.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBench(cmd.Context(), o, io) },
	}
	f := c.Flags()
	f.StringVar(&o.Checkpoint, "checkpoint", "", "checkpoint to measure (default: the embedded model)")
	f.StringVar(&o.Config, "config", "", "config to measure, with drawn weights")
	f.StringArrayVar(&o.Set, "set", nil, "override a config key: key=value")
	f.Var(oneOf(&o.Mode, "infer", "train"), "mode", "what to measure: a forward run, or a training step")
	f.Var(oneOf(&o.Precision, train.PrecisionFloat32, train.PrecisionMixed), "precision", "train: how maps lie in memory (default: the config's train.precision)")
	f.IntVar(&o.Batch, "batch", 0, "images per run (default: 1 for infer, the config's train.batch for train)")
	f.IntVar(&o.Size, "size", 0, "side of the net input (default: the config's eval.size for infer, data.size for train)")
	f.IntVar(&o.Threads, "threads", 0, "threads; 0 = one per core")
	f.IntVar(&o.Runs, "runs", 0, "timed runs (default: at least 20, for about 3 s)")
	cpuFlag(f, &o.CPU, "instructions to use at most")
	f.BoolVar(&o.Layers, "layers", false, "add a row per op")
	f.StringVar(&o.Input, "input", "", "infer: file of float32 (batch, 3, size, size), little-endian, instead of drawn numbers")
	f.StringVar(&o.Logits, "logits", "", "infer: file to write the logits to, float32 (batch, 1, size, size)")
	f.StringVar(&o.Latency, "latency", "", "measure a latency table per layer and write it to this `FILE`")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object")
	overwriteFlag(f, &o.Overwrite)
	return c
}

// verify checks the flags that need no file.
func (o benchOptions) verify() error {
	switch {
	case o.Latency != "" && (o.Mode == string(bench.Train) || o.Batch > 1 || o.Layers || o.Input+o.Logits != ""):
		return usagef("--latency measures --mode infer, one picture at a time, and goes with none of --batch, --layers, --input and --logits")
	case o.Mode == "":
		return usagef("--mode is missing: infer or train")
	case o.Mode != string(bench.Infer) && o.Mode != string(bench.Train):
		return usagef("--mode is %q, must be infer or train", o.Mode)
	case o.Batch < 0:
		return usagef("--batch is %d, must be above 0", o.Batch)
	case o.Size < 0:
		return usagef("--size is %d, must be above 0", o.Size)
	case o.Runs < 0:
		return usagef("--runs is %d, must be above 0", o.Runs)
	case o.Mode == string(bench.Train) && o.Input+o.Logits != "":
		return usagef("--input and --logits go with --mode infer")
	case o.Mode == string(bench.Infer) && o.Precision != "":
		return usagef("--precision goes with --mode train: inference is in float32")
	}
	return nil
}

func runBench(ctx context.Context, o benchOptions, io streams) error {
	if o.Latency != "" && o.Mode == "" {
		o.Mode = string(bench.Infer)
	}
	if err := o.verify(); err != nil {
		return err
	}
	undo, err := limitCPU(o.CPU)
	if err != nil {
		return err
	}
	defer undo()
	if o.Config == "" {
		o.Checkpoint = orEmbedded(o.Checkpoint, io)
	}
	b, err := o.subject()
	if err != nil {
		return err
	}
	if o.Latency != "" {
		return o.benchLatency(ctx, b, io)
	}
	if err := o.guardLogits(b); err != nil {
		return err
	}
	show := newProgress(io, "bench", "runs", 0, -1)
	b.Progress = show.of
	r, logits, err := bench.Run(ctx, b)
	show.done()
	if err != nil {
		return err
	}
	if o.Logits != "" {
		if err := writeFloats(o.Logits, logits); err != nil {
			return err
		}
		sayUnsynced(io, o.Logits)
	}
	if !o.Layers {
		r.Layers = nil
	}
	if o.JSON {
		return printJSON(io.out, r)
	}
	return r.Print(io.out, o.Checkpoint+o.Config, io.width())
}

// guardLogits decides whether --logits may be written. An older file of as many
// values is taken for one of csnet's: nothing in it says what it is.
func (o benchOptions) guardLogits(b bench.Options) error {
	if o.Logits == "" {
		return nil
	}
	g := output.Guard{Overwrite: o.Overwrite}
	g.Reads("the checkpoint", o.Checkpoint)
	g.Reads("the config", o.Config)
	g.Reads("the file of --input", o.Input)
	kind := output.Kind{Name: "a file of as many logits", Is: func(path string) bool {
		st, err := os.Stat(path)
		return err == nil && st.Size() == 4*int64(b.Batch)*int64(b.Size)*int64(b.Size)
	}}
	if err := g.File(o.Logits, kind); err != nil {
		return fmt.Errorf("--logits: %w", err)
	}
	return nil
}

// useOf is what the net that is measured is for.
func useOf(b bench.Options) memory.Use {
	switch {
	case b.Mixed:
		return memory.MixedTraining
	case b.Mode == bench.Train:
		return memory.Training
	}
	return memory.Evaluation
}

// subject reads the net of --checkpoint or --config and fills in what the flags
// leave open.
func (o benchOptions) subject() (bench.Options, error) {
	b := bench.Options{Mode: bench.Mode(o.Mode), Batch: o.Batch, Size: o.Size, Runs: o.Runs, Clock: stopwatch()}
	var err error
	if b.Threads, err = threadCount(o.Threads); err != nil {
		return b, err
	}
	conf, err := o.source(&b)
	if err != nil {
		return b, err
	}
	b.Optim, b.DWD = conf.Optim, conf.DWD
	batch, size := 1, conf.Eval.Size
	if b.Mode == bench.Train {
		batch, size = conf.Train.Batch, conf.Data.SizePlan().Last()
	}
	b.Batch, b.Size = cmp.Or(b.Batch, batch), cmp.Or(b.Size, size)
	b.Mixed = b.Mode == bench.Train && cmp.Or(o.Precision, conf.Train.Precision) == train.PrecisionMixed
	b.Loss = conf.Train.LossTerms(b.Size, b.Size)
	if err := b.Spec.CheckSize(b.Size, b.Size); err != nil {
		return b, usagef("--size: %w", err)
	}
	if err := roomForBatch(b.Spec, "--batch", "--size", b.Batch, b.Size, useOf(b)); err != nil {
		return b, err
	}
	if b.Mode == bench.Train {
		if err := b.Spec.CheckBatch(b.Batch, b.Size, b.Size); err != nil {
			return b, usageError{err}
		}
	}
	if o.Input != "" {
		b.Input, err = readFloats(o.Input, b.Batch, b.Spec.Input, b.Size)
	}
	return b, err
}

// source reads spec and parameters of --checkpoint or --config into b and
// returns the config that belongs to them.
func (o benchOptions) source(b *bench.Options) (*config.Config, error) {
	n, conf, err := netOrConfig(o.Checkpoint, o.Config, o.Set)
	if err != nil {
		return nil, err
	}
	if conf == nil {
		b.Spec, b.Params = n.Spec, n.Params
		return n.config()
	}
	if b.Spec, err = conf.Spec(); err != nil {
		return nil, usageError{err}
	}
	b.Params, err = b.Spec.NewParams(conf.Train.Seed)
	if err == nil && b.Mode == bench.Infer {
		err = bench.CalibrateNorms(b.Spec, b.Params)
	}
	return conf, err
}

// readFloats reads images, little-endian float32 (batch, channels, side, side).
func readFloats(path string, batch, channels, side int) ([]float32, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--input: %w", err)
	}
	n := batch * channels * side * side
	if len(raw) != 4*n {
		return nil, fmt.Errorf("--input: %s has %d bytes, must be float32 (%d, %d, %d, %d) = %d", path, len(raw), batch, channels, side, side, 4*n)
	}
	x := make([]float32, n)
	return x, binary.Read(bytes.NewReader(raw), binary.LittleEndian, x)
}

// writeFloats writes x as little-endian float32.
func writeFloats(path string, x []float32) error {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, x); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}
