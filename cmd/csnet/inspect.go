package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"csnet/internal/config"
	"csnet/internal/output"
	"csnet/internal/page"
	"csnet/train"
)

// inspectOptions are the flags of csnet inspect.
type inspectOptions struct {
	Runs            []string
	Out             string
	JSON, Overwrite bool
	command         string // as it was given
}

const inspectTitle = "csnet inspect" // of its pages

func newInspectCommand(io streams) *cobra.Command {
	o := inspectOptions{Out: "inspect.html"}
	c := &cobra.Command{
		Use:   "inspect RUN...",
		Short: "Show how a run's channels live and die, several runs side by side",
		Long: `Writes a page about the folders of one or more runs of csnet train, from their
metrics.jsonl: the channels of each octave over time; the parameters that pruning
at the threshold and at several ratios would leave; how evenly the channels of a
layer work, as the coefficient of variation (standard deviation over mean) of
|gamma| and of S, the mean output; and the gammas' histogram per layer and octave.

Runs that are still at work can be inspected too.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("RUN is missing: the folder of a run, such as runs/csnet-x1")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Runs, o.command = args, commandLine(cmd, args)
			return runInspect(o, io)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Out, "out", o.Out, "page to write")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object with the last validation of each run, write no page")
	overwriteFlag(f, &o.Overwrite)
	return c
}

// inspected is a run that was read.
type inspected struct {
	name, dir string
	lines     []train.Line
	conf      *config.Config // nil: not there, or not to be read
}

// watched are the lines that know the norms.
func (r inspected) watched() []train.Line {
	var out []train.Line
	for _, l := range r.lines {
		if len(l.Norms) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// last is the last validation, nil without any.
func (r inspected) last() *train.Line {
	for i := len(r.lines) - 1; i >= 0; i-- {
		if r.lines[i].Score() != nil {
			return &r.lines[i]
		}
	}
	return nil
}

// readRun reads what a run's folder holds. Errors: no log in it; an empty one.
func readRun(dir string) (inspected, error) {
	r := inspected{name: filepath.Base(filepath.Clean(dir)), dir: dir}
	var err error
	r.lines, err = train.ReadMetrics(filepath.Join(dir, "metrics.jsonl"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, fmt.Errorf("%s holds no run: metrics.jsonl is missing, which csnet train writes into its --out", dir)
	case err != nil:
		return r, err
	case len(r.lines) == 0:
		return r, fmt.Errorf("%s: metrics.jsonl has no line yet: the first comes after train.log_every steps", dir)
	}
	if c, err := config.Load(filepath.Join(dir, "config.yaml"), nil); err == nil {
		r.conf = c
	}
	return r, nil
}

// tellApart gives runs whose folders have the same name that of the folder above too.
func tellApart(runs []inspected) {
	seen := map[string]int{}
	for _, r := range runs {
		seen[r.name]++
	}
	for i, r := range runs {
		if seen[r.name] > 1 {
			runs[i].name = filepath.ToSlash(filepath.Join(filepath.Base(filepath.Dir(filepath.Clean(r.dir))), r.name))
		}
	}
}

func runInspect(o inspectOptions, io streams) error {
	var runs []inspected
	g := output.Guard{Overwrite: o.Overwrite}
	for _, dir := range o.Runs {
		r, err := readRun(dir)
		if err != nil {
			return err
		}
		runs = append(runs, r)
		for _, name := range []string{"metrics.jsonl", "config.yaml"} {
			g.Reads("the "+name+" of", filepath.Join(dir, name))
		}
	}
	tellApart(runs)
	if o.JSON {
		return inspectJSON(runs, io)
	}
	if err := guardOut(&g, o.Out, output.Kind{Name: "a page of csnet inspect", Is: isInspectPage}); err != nil {
		return err
	}
	for _, r := range runs {
		if len(r.watched()) == 0 {
			io.tell("note: %s knows nothing of its norms: it had no validation so far, or is an older csnet's", r.dir)
		}
	}
	if err := page.Write(o.Out, inspectPage(runs, o.command)); err != nil {
		return err
	}
	sayUnsynced(io, o.Out)
	fmt.Fprintln(io.out, o.Out)
	return nil
}

func isInspectPage(path string) bool {
	raw, err := os.ReadFile(path)
	return err == nil && bytes.Contains(raw, []byte("<title>"+inspectTitle))
}

// inspectJSON prints the last validation of each run.
func inspectJSON(runs []inspected, io streams) error {
	type entry struct {
		Run  string      `json:"run"`
		Last *train.Line `json:"last"`
	}
	var all []entry
	for _, r := range runs {
		all = append(all, entry{r.name, r.last()})
	}
	return printJSON(io.out, struct {
		Runs []entry `json:"runs"`
	}{all})
}
