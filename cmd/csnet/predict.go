package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"csnet/checkpoint/embedded"
	"csnet/internal/output"
	"csnet/internal/predict"
	"csnet/internal/wholefile"
)

// predictOptions are the flags of csnet predict.
type predictOptions struct {
	Checkpoint, Out, List, Watch, Format         string
	As                                           []string
	Background, Threshold                        string
	Size, Threads, Bits, SaveSize                int
	Margin                                       float64
	Refine, JSON, SkipExisting, Whole, Overwrite bool
	refineGiven                                  bool
	Shard                                        string
}

func newPredictCommand(io streams) *cobra.Command {
	var o predictOptions
	c := &cobra.Command{
		Use:   "predict [--checkpoint F] INPUT...|-",
		Short: "Write the saliency maps, masks or cut-outs of photos",
		Long: `Writes the saliency map of every photo as a grey PNG of the photo's size, turned as
its EXIF says, or with --as other forms, several at once: map, mask (black and
white), cutout (the object on a transparent ground, or on --background), overlay
(the map laid over the photo), crop (the photo around its object).

INPUT is a file, a folder with all below it, a pattern, or - for standard input.
With --out DIR the results of SUB/NAME.jpg go to DIR/SUB/NAME.png; without it to
NAME_saliency.png (NAME_cutout.png and so on) in the current folder; --out FILE.png
and --out - are for one photo. Inputs are never overwritten, other files that csnet
did not write only with --overwrite. A photo that cannot be read does not stop the
others; all such are listed at the end (exit code 1). The paths of what was written
go to standard output where that is a pipe or a file.

A photo of more than 400 pixels is reduced to that size by area before the net sees
it, for that is what it was trained on. Cut-outs keep the photo's colour profile and
follow its edges (--refine).`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.refineGiven = cmd.Flags().Changed("refine")
			return runPredict(cmd.Context(), o, args, io)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Checkpoint, "checkpoint", "", "checkpoint to run (default: the embedded model)")
	f.StringVar(&o.Out, "out", "", "folder for the results; a file for one photo; - for standard output")
	f.StringSliceVar(&o.As, "as", []string{"map"}, "what to make: "+strings.Join(predict.Forms(), ", ")+"; several with commas or again")
	f.StringVar(&o.Format, "format", "", "of cut-outs, overlays and crops: png, webp (lossless), jpg (default png)")
	f.IntVar(&o.Bits, "bits", 8, "of a map: 8 or 16")
	f.StringVar(&o.Threshold, "threshold", "0.5", "above which a map is the object, 0 to 1, or otsu: each map's own")
	f.StringVar(&o.Background, "background", "", "what cut-outs lie on: a colour (#rrggbb, white) or a picture file")
	f.BoolVar(&o.Refine, "refine", false, "sharpen all forms along the photo's edges (cut-outs always are, unless --refine=false)")
	f.IntVar(&o.SaveSize, "save-size", 0, "longer side of the results at most, pixels; 0 = the photo's")
	f.Float64Var(&o.Margin, "margin", 0.05, "around a crop, a share of the object's longer side")
	f.BoolVar(&o.JSON, "json", false, "print a line of JSON per photo: size, box, area, centre, mean saliency")
	f.StringVar(&o.List, "list", "", "file with the names of photos, one a line; - for standard input")
	f.StringVar(&o.Watch, "watch", "", "folder whose photos are done as they come, until Ctrl-C")
	f.BoolVar(&o.SkipExisting, "skip-existing", false, "leave out photos whose results are there")
	f.BoolVar(&o.Whole, "whole-names", false, "keep the photo's ending in the results' names: a.jpg.png")
	f.IntVar(&o.Size, "size", 0, "side of the net input (default: the checkpoint's eval.size, else 224)")
	f.IntVar(&o.Threads, "threads", 0, "threads; 0 = one per core")
	f.StringVar(&o.Shard, "shard", "", shardHelp)
	overwriteFlag(f, &o.Overwrite)
	return c
}

func runPredict(ctx context.Context, o predictOptions, inputs []string, io streams) error {
	style, err := o.style()
	if err != nil {
		return usageError{err}
	}
	if err := o.verify(inputs, style, io); err != nil {
		return usageError{err}
	}
	part, err := shardOf(o.Shard)
	if err != nil {
		return err
	}
	if o.List != "" {
		more, err := readList(o.List)
		if err != nil {
			return err
		}
		inputs = append(inputs, more...)
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
	net.sayUndigested(io)
	memory := askMemory()
	if err := memory.roomForWorkers(net.Spec, net.size, threads); err != nil {
		return err
	}
	run := predictRun{o: o, io: io, part: part, net: net, path: path, opts: predict.Options{Size: net.size, Threads: threads, Style: style, Room: memory.pictureRoom()}}
	run.names = predict.Names{Out: o.Out, Forms: style.Forms, Format: style.Format, Whole: o.Whole}
	if err := run.canWrite(); err != nil {
		return err
	}
	switch {
	case o.Watch != "":
		return run.watch(ctx)
	case len(inputs) == 1 && (inputs[0] == "-" || o.Out == "-"):
		return run.pipe(inputs[0])
	}
	return run.files(ctx, inputs)
}

// verify checks what the flags and inputs are together.
func (o predictOptions) verify(inputs []string, s predict.Style, io streams) error {
	stdin := len(inputs) == 1 && inputs[0] == "-"
	toFile := o.Out != "" && o.Out != "-" && isPictureName(o.Out)
	switch {
	case o.Size < 0:
		return fmt.Errorf("--size is %d, must be above 0", o.Size)
	case len(inputs) == 0 && o.List == "" && o.Watch == "":
		return errors.New("INPUT is missing: a photo, a folder, or - for standard input")
	case o.Watch != "" && (len(inputs) > 0 || o.List != "" || o.Out == "-"):
		return errors.New("--watch takes its photos from one folder: no INPUT, no --list, no --out -")
	case o.Shard != "" && (o.Watch != "" || o.Out == "-" || stdin):
		return errors.New("--shard splits a list of files: no standard streams, no --watch")
	case o.Out == "-" && (len(inputs) != 1 || o.List != ""):
		return errors.New("--out - is for one photo")
	case (o.Out == "-" || stdin && o.Out == "") && len(s.Forms) > 1:
		return errors.New("standard output takes one form: give one --as")
	case (o.Out == "-" || stdin && o.Out == "") && o.JSON:
		return errors.New("--json and a picture cannot both go to standard output: give --out a file")
	case (o.Out == "-" || stdin && o.Out == "") && isTerminal(io.out):
		return errors.New("a picture goes to standard output, which is a terminal: give --out a file, or > FILE")
	case toFile && len(s.Forms) > 1:
		return fmt.Errorf("--out %s is one file for %d forms: give a folder", o.Out, len(s.Forms))
	}
	for _, in := range inputs {
		if in == "-" && len(inputs) > 1 {
			return errors.New("- for standard input stands alone")
		}
	}
	return nil
}

func isPictureName(name string) bool {
	_, err := predict.ParseFormat(filepath.Ext(name))
	info, statErr := os.Stat(name)
	return err == nil && (statErr != nil || !info.IsDir())
}

func readList(path string) ([]string, error) {
	var r io.Reader = os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, usagef("--list: %w", err)
		}
		defer f.Close()
		r = f
	}
	list, err := predict.ReadList(r)
	if err != nil {
		return nil, fmt.Errorf("--list %s: %w", path, err)
	}
	if len(list) == 0 {
		return nil, usagef("--list %s: names no photo", path)
	}
	return list, nil
}

// guard knows what the call reads beside its photos.
func (r *predictRun) guard() output.Guard {
	g := output.Guard{Overwrite: r.o.Overwrite}
	if r.path != embedded.Name {
		g.Reads("the checkpoint", r.path)
	}
	g.Reads("the picture of --background", r.o.Background)
	g.Reads("the file of --list", r.o.List)
	return g
}

// canWrite finds out before any work whether there can be files where results go.
func (r *predictRun) canWrite() error {
	dir := r.o.Out
	switch {
	case dir == "-":
		return nil
	case dir == "":
		dir = "."
	case isPictureName(dir):
		dir = filepath.Dir(dir)
	}
	if err := wholefile.Probe(dir); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// mayWrite decides before any work whether all results may be written.
func (r *predictRun) mayWrite(g output.Guard, jobs []predict.Job) error {
	for _, j := range jobs {
		g.Reads("the photo", j.Photo)
	}
	for _, j := range jobs {
		for i, t := range j.Targets {
			if err := g.File(t, r.opts.Style.Forms[i].Kind(t)); err != nil {
				return err
			}
		}
	}
	return nil
}
