package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csnet/eval"
)

// short names the program as pages do: its release and the commit it was built from.
func (b program) short() string {
	s := b.Release
	if b.Date != "" { // built in a checkout
		s += ", commit " + b.Commit[:min(12, len(b.Commit))]
	}
	if b.Modified {
		s += " with changes"
	}
	return s
}

// made is what a report of the command says of its making.
func made(command string) eval.Made {
	p := thisProgram()
	return eval.Made{
		Date: pageDate(time.Now()), Command: command, Version: p.short(),
		Machine: fmt.Sprintf("%s, %d threads, %s", p.CPU, p.Cores, p.System),
	}
}

// pageDate is a moment as pages write it.
func pageDate(t time.Time) string { return t.Format("2 January 2006, 15:04") }

// commandLine is the command as it was given, to paste: the flags that were set, each
// with all its values, then the arguments. Flags named in without are left out.
func commandLine(cmd *cobra.Command, args []string, without ...string) string {
	words := strings.Fields(cmd.CommandPath())
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(without, f.Name) {
			return
		}
		values := []string{f.Value.String()}
		if many, ok := f.Value.(pflag.SliceValue); ok {
			values = many.GetSlice()
		}
		for _, v := range values {
			switch {
			case f.NoOptDefVal != "" && v == f.NoOptDefVal:
				words = append(words, "--"+f.Name)
			case f.NoOptDefVal != "":
				words = append(words, "--"+f.Name+"="+v)
			default:
				words = append(words, "--"+f.Name, v)
			}
		}
	})
	words = append(words, args...)
	for i, w := range words {
		words[i] = shellWord(w)
	}
	return strings.Join(words, " ")
}
