package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csnet/data"
	"csnet/internal/output"
)

// What the flags for reading sets allow.
const (
	maskHelp = "auto | luma | alpha | index | color=#rrggbb"
)

// exifHelp says what --exif is about.
const exifHelp = "on which view of a photo its mask was drawn, where it fits turned as EXIF says and unturned"

// exifFlag is the value of --exif.
func exifFlag(to *string) pflag.Value {
	return oneOf(to, string(data.ExifAuto), string(data.ExifTurn), string(data.ExifIgnore))
}

// readFlags are the flags of commands that read masks.
type readFlags struct{ Mask, Exif, Images, Masks, MaskNames string }

func (r *readFlags) add(f *pflag.FlagSet) {
	f.StringVar(&r.Mask, "mask", string(data.MaskAuto), "how mask files tell foreground: "+maskHelp)
	f.StringVar(&r.Images, "images", "", "folder of the photos, in the set's or a path (default: found by its name)")
	f.StringVar(&r.Masks, "masks", "", "folder of the masks, in the set's or a path (default: found by its name)")
	f.StringVar(&r.MaskNames, "mask-names", "", "names of masks with * for the photo's, '*_mask' (default: found out)")
	r.Exif = string(data.ExifAuto)
	f.Var(exifFlag(&r.Exif), "exif", exifHelp)
}

func (r *readFlags) folders() data.Folders {
	return data.Folders{Images: r.Images, Masks: r.Masks, Names: r.MaskNames}
}

// wholly reports whether --images and --masks say where the set is, and its folder
// may be left out.
func (r *readFlags) wholly() bool { return r.Images != "" && r.Masks != "" }

// setArgument is for commands that take the folder of a set.
func (r *readFlags) setArgument(cmd *cobra.Command, args []string) error {
	if len(args) == 0 && r.wholly() {
		return nil
	}
	return oneArgument("DIR")(cmd, args)
}

// setDir is the folder of the set that setArgument let through.
func setDir(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

// options turns the flags into what data.Inspect wants.
func (r *readFlags) options() (data.InspectOptions, error) {
	mask, err := data.ParseCoding(r.Mask)
	if err != nil {
		return data.InspectOptions{}, usagef("--mask: %w%s", err, didYouMean(r.Mask, "", maskWords()))
	}
	exif, err := data.ParseExif(r.Exif)
	if err != nil {
		return data.InspectOptions{}, usagef("--exif: %w", err)
	}
	return data.InspectOptions{Mask: mask, Exif: exif}, nil
}

// checkOptions are the flags of csnet data check.
type checkOptions struct {
	read    readFlags
	JSON    bool
	Preview string

	Overwrite bool
}

func newDataCheckCommand(io streams) *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check DIR",
		Short: "List what is broken in a data set; exits 1 when anything is",
		Long: `Reads every file of a data set and says which folders it took, how it reads the
masks and why, and what is broken or odd. With --preview it also draws photos with
their masks laid over, to see whether the masks are understood. Exits 1 where
files are broken, where masks can be read in more than one way and where most of
them are empty or full.`,
		Args: o.read.setArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDataCheck(cmd.Context(), o, setDir(args), io)
		},
	}
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object")
	c.Flags().StringVar(&o.Preview, "preview", "", "PNG file for photos with their masks laid over")
	overwriteFlag(c.Flags(), &o.Overwrite)
	o.read.add(c.Flags())
	return c
}

// overlayMark is the kind of PNG that data check --preview writes.
const overlayMark = "masks over photos"

func runDataCheck(ctx context.Context, o checkOptions, dir string, io streams) error {
	how, err := o.read.options()
	if err != nil {
		return err
	}
	if o.Preview != "" {
		set, _ := data.FindIn(dir, o.read.folders()) // Check tells what is wrong with it
		g := output.Guard{Overwrite: o.Overwrite}
		guardSet(&g, set.Pairs)
		if err := guardFlag(&g, "--preview", o.Preview, output.PNG(overlayMark)); err != nil {
			return err
		}
	}
	show := newProgress(io, "check", "pairs", 0, -1)
	how.Progress = show.of
	report, err := data.Check(ctx, dir, o.read.folders(), how)
	show.done()
	if err != nil {
		return err
	}
	if o.Preview != "" {
		if err := writePreview(ctx, o.Preview, report.Inspection.Pairs, io.err); err != nil {
			return err
		}
		sayUnsynced(io, o.Preview)
	}
	if o.JSON {
		if err := printJSON(io.out, report); err != nil {
			return err
		}
	} else {
		printCheck(io.text(), report)
	}
	if n := report.Errors(); n > 0 {
		return fmt.Errorf("%s: %s", dir, counted(n, "error"))
	}
	return nil
}

// listedPerKind is how many problems of a kind are written one by one.
const listedPerKind = 5

// printCheck writes a report for people: what was found, how it is read, then the
// problems, of each kind the first few.
func printCheck(w io.Writer, r data.Report) {
	fmt.Fprintf(w, "photos: %s, masks: %s\n", r.ImageDir, r.MaskDir)
	for _, note := range append(setNotes(r.Set), r.Inspection.Notes()...) {
		fmt.Fprintln(w, note)
	}
	if m := r.Masks; m.Empty+m.Full > 0 {
		fmt.Fprintf(w, "masks: %d of %d are empty, %d full\n", m.Empty, m.Count, m.Full)
	}
	total, listed := make(map[string]int), make(map[string]int)
	for _, p := range r.Problems {
		total[p.Kind]++
	}
	for _, p := range r.Problems {
		listed[p.Kind]++
		if n := total[p.Kind] - listedPerKind; n > 1 && listed[p.Kind] > listedPerKind {
			if listed[p.Kind] == total[p.Kind] {
				fmt.Fprintf(w, "%-8s %-14s and %d more (--json lists all)\n", p.Severity, p.Kind, n)
			}
			continue
		}
		fmt.Fprintf(w, "%-8s %-14s %s: %s\n", p.Severity, p.Kind, p.File, p.Detail)
	}
	fmt.Fprintf(w, "%s, %s, %s\n", counted(r.Pairs, "pair"), counted(r.Errors(), "error"), counted(len(r.Problems)-r.Errors(), "warning"))
}

// setNotes tells how names were matched and what was left out.
func setNotes(s data.Set) []string {
	var out []string
	if s.Names != "" {
		out = append(out, "names: "+s.Names)
	}
	if left := s.Left.String(); left != "" {
		out = append(out, left)
	}
	return out
}

// writePreview writes the contact sheet of pairs.
func writePreview(ctx context.Context, path string, pairs []data.Pair, log io.Writer) error {
	sheet, err := data.Overlay(ctx, pairs)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := png.Encode(output.MarkPNG(&buf, overlayMark), sheet); err != nil {
		return err
	}
	if err := writeFile(path, buf.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(log, "preview written to %s: masks lie over their photos in magenta\n", path)
	return nil
}
