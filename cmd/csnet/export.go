package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"csnet/checkpoint"
	"csnet/internal/onnx"
	"csnet/internal/wholefile"
)

// exportOptions are the flags of csnet export.
type exportOptions struct {
	From, Out, Format, Size string
	Batch                   int
	Sigmoid, Normalize      bool
	Half, Overwrite         bool
}

func newExportCommand(io streams) *cobra.Command {
	o := exportOptions{Format: "pytorch"}
	c := &cobra.Command{
		Use:   "export [--checkpoint F] --format pytorch|onnx --out F",
		Short: "Write a net for other programs: ONNX, or for PyTorch",
		Long: `Writes a net for other programs.

--format onnx writes one file for ONNX Runtime, ONNX Runtime Web and OpenCV DNN.
With a fixed size (the default: the size the net is used at) it is right in all
three; OpenCV also runs it at other sizes. --size dynamic leaves batch, height
and width open: for ONNX Runtime and OpenCV 5, while OpenCV 4.8 to 4.12 refuse
such a file. Height and width must be multiples of 16 for the nets of the paper.
--half stores the weights in 16 bits, in half the room; OpenCV 4.6 refuses that.
Each weight moves by up to 1/2048 of itself; what that does to the output is told.
After writing, the file is read back, run in float64 and compared with the net.

--format pytorch writes safetensors with the names of the authors' release.`,
		Example: `  csnet export --format onnx --out csnet.onnx
  csnet export --format onnx --size dynamic --with-normalize -o d.onnx
  csnet export -c net.safetensors --format onnx --size 96x160 --out small.onnx`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runExport(o, cmd.Flags().Changed, io) },
	}
	f := c.Flags()
	f.StringVar(&o.From, "checkpoint", "", "checkpoint to read (default: the embedded model)")
	f.Var(oneOf(&o.Format, "pytorch", "onnx"), "format", "kind of file")
	f.StringVar(&o.Out, "out", "", "file to write")
	f.StringVar(&o.Size, "size", "", "onnx: side N, HxW, or dynamic (default: the checkpoint's size)")
	f.IntVar(&o.Batch, "batch", 1, "onnx: images at a time; with --size dynamic open unless given")
	f.BoolVar(&o.Sigmoid, "with-sigmoid", false, "onnx: the output is the saliency, 0 to 1, instead of logits")
	f.BoolVar(&o.Normalize, "with-normalize", false, "onnx: the input is RGB of 0 to 255 instead of normalised values")
	f.BoolVar(&o.Half, "half", false, "onnx: weights of 16 bits")
	overwriteFlag(f, &o.Overwrite)
	return c
}

func runExport(o exportOptions, given func(string) bool, io streams) error {
	o.From = orEmbedded(o.From, io)
	if err := both("--checkpoint", o.From, "--out", o.Out); err != nil {
		return err
	}
	if err := guardFile("--checkpoint", o.From, o.Out, exportKind(o.Format), o.Overwrite); err != nil {
		return err
	}
	switch o.Format {
	case "onnx":
		return exportONNX(o, given("batch"), io)
	case "pytorch":
	default:
		return usagef("--format is %q, must be pytorch or onnx", o.Format)
	}
	for _, flag := range []string{"size", "batch", "with-sigmoid", "with-normalize", "half"} {
		if given(flag) {
			return usagef("--%s goes with --format onnx alone", flag)
		}
	}
	c, err := loadNet(o.From)
	if err != nil {
		return err
	}
	c.sayUndigested(io)
	if err := checkpoint.Export(o.Out, c.Checkpoint); err != nil {
		return err
	}
	fmt.Fprintf(io.err, "%s: written to %s\n", o.From, o.Out)
	sayUnsynced(io, o.Out)
	return nil
}

// onnx turns the flags into what the exporter wants. H and W are 0 where the
// size is open or the checkpoint's own.
func (o exportOptions) onnx(batchGiven bool) (onnx.Options, error) {
	oo := onnx.Options{Batch: o.Batch, Sigmoid: o.Sigmoid, Normalize: o.Normalize, Half: o.Half}
	if o.Batch < 1 {
		return oo, usagef("--batch is %d, must be at least 1", o.Batch)
	}
	if o.Batch > maxBatch {
		return oo, usagef("--batch is %d, must be at most %d", o.Batch, maxBatch)
	}
	if o.Size == "dynamic" {
		if !batchGiven {
			oo.Batch = 0
		}
		return oo, nil
	}
	if o.Size == "" {
		return oo, nil
	}
	h, w, two := strings.Cut(o.Size, "x")
	if !two {
		w = h
	}
	var err [2]error
	oo.H, err[0] = strconv.Atoi(h)
	oo.W, err[1] = strconv.Atoi(w)
	if err[0] != nil || err[1] != nil || min(oo.H, oo.W) < 1 || max(oo.H, oo.W) > maxExportSide {
		return oo, usagef("--size is %q, must be a side N, HxW (each 1 to %d) or dynamic", o.Size, maxExportSide)
	}
	return oo, nil
}

// maxExportSide bounds the sides that a file may ask for, in pixels.
const maxExportSide = 16384

// longCompare is how many pixels a file that runs at its own size alone may have until its
// comparison with the net, which takes seconds then, is announced.
const longCompare = 1 << 16

// exportONNX writes the file, reads it back and compares it with the net.
func exportONNX(o exportOptions, batchGiven bool, io streams) error {
	oo, err := o.onnx(batchGiven)
	if err != nil {
		return err
	}
	n, err := loadEvalNet(o.From, oo.H)
	if err != nil {
		return err
	}
	n.sayUndigested(io)
	if o.Size == "" {
		oo.H, oo.W = n.size, n.size
	}
	if oo.W > 0 {
		if err := n.Spec.CheckSize(oo.H, oo.W); err != nil {
			return usagef("--size: %w", err)
		}
	}
	file, err := onnx.Encode(n.Spec, n.Params, oo)
	if err != nil {
		return err
	}
	if err := askMemory().roomToCompare(n, oo); err != nil {
		return err
	}
	if err := wholefile.Bytes(o.Out, file); err != nil {
		return fmt.Errorf("%s: %w", o.Out, err)
	}
	sayUnsynced(io, o.Out)
	if onnx.Sized(n.Spec, oo) && oo.Batch*oo.H*oo.W > longCompare {
		io.tell("%s is written; now it is run once in float64, to be compared with the net", o.Out)
	}
	diff, size, err := compareFile(o.Out, n, oo)
	if err != nil {
		return fmt.Errorf("%s: %w", o.Out, err)
	}
	by := ""
	if o.Half {
		by = ", by the rounding of its weights"
	}
	fmt.Fprintf(io.err, "%s: %d bytes, input %s, output %s; read back and run in float64 at %s: differs from the net by %.1e of the largest value%s\n",
		o.Out, len(file), inputWords(oo), outputWords(oo), size, diff, by)
	if o.Half {
		if diff, err = compareHalf(file, n, oo); err != nil {
			return fmt.Errorf("%s: %w: do not use this file", o.Out, err)
		}
	}
	if !(diff <= 1e-4) {
		return fmt.Errorf("%s: differs from the net by %.1e of the largest value, must be at most 1e-4: do not use this file", o.Out, diff)
	}
	return nil
}

func inputWords(o onnx.Options) string {
	dim := func(n int, name string) string {
		if n == 0 {
			return name
		}
		return strconv.Itoa(n)
	}
	kind := "normalised"
	if o.Normalize {
		kind = "RGB 0..255"
	}
	return fmt.Sprintf("%s (%s, 3, %s, %s) %s", onnx.Input, dim(o.Batch, "batch"), dim(o.H, "height"), dim(o.W, "width"), kind)
}

func outputWords(o onnx.Options) string {
	if o.Sigmoid {
		return onnx.Map + " 0..1"
	}
	return onnx.Logits
}
