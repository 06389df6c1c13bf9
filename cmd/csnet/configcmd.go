package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"csnet/internal/config"
	"csnet/internal/output"
)

func newConfigCommand(io streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "List, show and begin configs",
		Long: `The configs that are part of this program: --config takes their names in any
folder. docs/config.md in the source has every key with what it allows.`,
		Args: subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(newConfigListCommand(io), newConfigShowCommand(io), newConfigInitCommand(io))
	return c
}

func newConfigListCommand(io streams) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the configs in the program",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return listConfigs(asJSON, io) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func listConfigs(asJSON bool, io streams) error {
	all := config.ShippedConfigs()
	if asJSON {
		type entry struct {
			Name  string `json:"name"`
			About string `json:"about"`
		}
		var es []entry
		for _, s := range all {
			es = append(es, entry{s.Name, s.About})
		}
		return printJSON(io.out, map[string][]entry{"configs": es})
	}
	width, live := columns(io.out)
	for _, s := range all {
		about := s.About
		if live {
			about = strings.ReplaceAll(fold(about, max(width-26, 20)), "\n  ", "\n"+strings.Repeat(" ", 26))
		}
		fmt.Fprintf(io.out, "%-25s %s\n", s.Name, about)
	}
	io.next("To see one", "csnet", "config", "show", "own-photos")
	return nil
}

// showOptions are the flags of csnet config show.
type showOptions struct {
	Set      []string
	Resolved bool
}

func newConfigShowCommand(io streams) *cobra.Command {
	var o showOptions
	c := &cobra.Command{
		Use:   "show NAME",
		Short: "Print a config: its text, or every key with its value",
		Long: `Prints a config of the program, or a file: as it is written, or with --resolved
every key with the value that a run would have.`,
		Args:              oneArgument("NAME"),
		ValidArgsFunction: completeConfigs,
		RunE:              func(_ *cobra.Command, args []string) error { return showConfig(args[0], o, io) },
	}
	c.Flags().BoolVar(&o.Resolved, "resolved", false, "every key with its value, of the configs that it extends too")
	c.Flags().StringArrayVar(&o.Set, "set", nil, "override a config key: key=value; with --resolved")
	return c
}

func showConfig(name string, o showOptions, io streams) error {
	if len(o.Set) > 0 && !o.Resolved {
		return usagef("--set goes with --resolved")
	}
	conf, err := config.Load(name, o.Set)
	if err != nil {
		return usageError{err}
	}
	text := conf.YAML()
	if !o.Resolved {
		if text, err = config.Text(name); err != nil {
			return err
		}
	}
	_, err = io.out.Write(text)
	return err
}

// initOptions are the flags of csnet config init.
type initOptions struct {
	From, Out string
	Overwrite bool
}

func newConfigInitCommand(io streams) *cobra.Command {
	o := initOptions{From: "own-photos", Out: "csnet.yaml"}
	c := &cobra.Command{
		Use:   "init [--from NAME] [--out FILE]",
		Short: "Write a config of your own to begin with",
		Long: `Writes a config that extends one of the program's and holds the keys that people
change most, each as a comment with its present value.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return initConfig(o, io) },
	}
	f := c.Flags()
	f.StringVar(&o.From, "from", o.From, "config of the program that it extends, by `NAME`")
	f.StringVar(&o.Out, "out", o.Out, "`FILE` to write")
	overwriteFlag(f, &o.Overwrite)
	return c
}

// begunMark is the first line of the files that config init writes.
const begunMark = "# begun by csnet config init\n"

func initConfig(o initOptions, io streams) error {
	base, err := config.FindShipped(o.From)
	if err != nil {
		return usagef("--from: %w", err)
	}
	text, err := config.Starter(base.Name, "data.dir", "data.val", "data.size", "data.val_share", "train.batch", "train.epochs",
		"train.seed", "optim.lr", "dwd.mode", "dwd.lambda", "prune.threshold", "eval.size")
	if err != nil {
		return err
	}
	content := []byte(begunMark + text)
	g := output.Guard{Overwrite: o.Overwrite}
	// What was begun and changed since is the user's.
	kind := output.Kind{Name: "an unchanged config of csnet config init", Is: func(path string) bool {
		was, err := os.ReadFile(path)
		return err == nil && bytes.Equal(was, content)
	}}
	if err := guardOut(&g, o.Out, kind); err != nil {
		return err
	}
	if err := writeFile(o.Out, content); err != nil {
		return err
	}
	fmt.Fprintln(io.out, o.Out)
	io.next("To train with it", "csnet", "train", "--config", o.Out, "--data", "DIR")
	return nil
}
