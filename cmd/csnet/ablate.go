package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"csnet/configs"
	"csnet/eval"
	"csnet/internal/ablate"
	"csnet/internal/config"
	"csnet/internal/lock"
	"csnet/internal/nearest"
)

// ablateOptions are the flags of csnet ablate.
type ablateOptions struct {
	Configs         []string
	Data, Eval, Set []string
	Val, Seeds, Out string
	Threads         int
	JSON, DryRun    bool
	Overwrite       bool
	command         string // as it was given
}

func newAblateCommand(io streams) *cobra.Command {
	var o ablateOptions
	c := &cobra.Command{
		Use:   "ablate CONFIG... --data DIR [--eval [NAME=]DIR...]",
		Short: "Train, prune and score a list of configs, as one table",
		Long: `Runs a list of configs one after the other and prints one table of them, with
seeds, commit, digest of the training pictures and time. CONFIG is a list (a YAML
file with entries, or the name of one in the program) or one or more configs.

Every entry is trained once for each seed, all entries with the first seed first.
Where the list says so the net is then pruned and fine-tuned. The nets of all
stages are scored on the sets of --eval. OUT/table.md, .tex, .csv and .json are
written anew after every run. Ctrl-C saves the state; the same command goes on,
and leaves out what is done.

Lists in the program: ` + strings.Join(listNames(), ", ") + `.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("CONFIG is missing: a list (%s, or a file) or configs", strings.Join(listNames(), ", "))
			}
			return nil
		},
		ValidArgsFunction: completeLists,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Configs, o.command = args, commandLine(cmd, args)
			return runAblate(cmd.Context(), o, io)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.Data, "data", nil, "training set, DIR or DIR:SHARE; repeatable (default: the configs' data.dir)")
	f.StringVar(&o.Val, "val", "", "validation set (default: a share of the training set)")
	f.StringArrayVar(&o.Eval, "eval", nil, "set to score the nets on, `[NAME=]DIR`; repeatable")
	f.StringVar(&o.Seeds, "seeds", "", "seeds to train with, as `1,2,3` (default: the list's, else 1)")
	f.StringArrayVar(&o.Set, "set", nil, "override a config key in every training: key=value")
	f.StringVar(&o.Out, "out", "", "folder of the runs and the table (default runs/ablate-<list>)")
	f.IntVar(&o.Threads, "threads", 0, "threads; 0 = one per core")
	f.BoolVar(&o.DryRun, "dry-run", false, "say what there is to run, and the table so far")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object")
	overwriteFlag(f, &o.Overwrite)
	return c
}

// completeLists completes the lists and configs in the program.
func completeLists(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	fit, how := completeConfigs(cmd, args, begun)
	for _, name := range listNames() {
		if strings.HasPrefix(name, begun) {
			fit, how = append(fit, name), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return fit, how
}

// listNames are the lists in the program, by name.
func listNames() []string {
	var names []string
	entries, _ := configs.Lists.ReadDir("ablations") // what is embedded can be read
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// readList makes the list of the arguments.
func (o ablateOptions) readList() (*ablate.List, error) {
	l := &ablate.List{Title: strings.Join(o.Configs, ", ")}
	for _, name := range o.Configs {
		text, err := listText(name)
		if err != nil {
			return nil, err
		}
		if text == nil {
			l.Entries = append(l.Entries, ablate.Entry{Config: name})
			continue
		}
		if len(o.Configs) > 1 {
			return nil, usagef("%s is a list: one list is run at a time, or configs", name)
		}
		if l, err = ablate.Parse(name, text); err != nil {
			return nil, usageError{err}
		}
	}
	if o.Seeds != "" {
		l.Seeds = nil
		for word := range strings.SplitSeq(o.Seeds, ",") {
			n, err := strconv.ParseUint(strings.TrimSpace(word), 10, 64)
			if err != nil {
				return nil, usagef("--seeds is %q, must be whole numbers with commas between them, as 1,2,3", o.Seeds)
			}
			l.Seeds = append(l.Seeds, n)
		}
	}
	if err := l.Check(); err != nil {
		return nil, usageError{err}
	}
	return l, nil
}

// listText is the text of a list, nil where name is a config.
func listText(name string) ([]byte, error) {
	if text, err := configs.Lists.ReadFile("ablations/" + strings.TrimSuffix(filepath.ToSlash(name), ".yaml") + ".yaml"); err == nil {
		if st, err := os.Stat(name); err != nil || st.IsDir() { // a folder of that name is no list
			return text, nil
		}
	}
	text, err := config.Text(name)
	switch {
	case err == nil && ablate.IsList(text):
		return text, nil
	case err == nil:
		return nil, nil
	}
	if near := nearest.Of(name, listNames()); near != "" {
		err = fmt.Errorf("%w; or the list %s?", err, near)
	}
	return nil, usageError{err}
}

// out is the folder of the runs.
func (o ablateOptions) out() string {
	switch {
	case o.Out != "":
		return o.Out
	case len(o.Configs) == 1:
		name := filepath.Base(filepath.FromSlash(o.Configs[0]))
		return filepath.Join("runs", "ablate-"+strings.TrimSuffix(name, ".yaml"))
	}
	return filepath.Join("runs", "ablate")
}

func runAblate(ctx context.Context, o ablateOptions, io streams) error {
	list, err := o.readList()
	if err != nil {
		return err
	}
	var sets []eval.Set
	var names []string
	for _, arg := range o.Eval {
		s := eval.NamedSet(arg)
		sets, names = append(sets, s), append(names, s.Name)
	}
	if err := eval.CheckNames("set", names); err != nil {
		return usageError{err}
	}
	a := &ablation{ablateOptions: o, list: list, sets: sets, io: io, dir: o.out(), seen: map[string]*material{}}
	if a.threads, err = threadCount(o.Threads); err != nil {
		return err
	}
	if err := a.plan(); err != nil {
		return err
	}
	if o.DryRun {
		return a.dryRun()
	}
	if err := os.MkdirAll(a.dir, 0o755); err != nil {
		return err
	}
	sayUnsynced(io, a.dir)
	l, err := lock.Acquire(filepath.Join(a.dir, ".csnet-lock"))
	switch {
	case errors.Is(err, lock.ErrHeld):
		return fmt.Errorf("%s: another csnet ablate is at work here: wait for its end, or choose another --out: %w", a.dir, err)
	case err == nil:
		defer l.Release()
	case !errors.Is(err, lock.ErrUnsupported):
		return err
	}
	return a.run(ctx)
}
