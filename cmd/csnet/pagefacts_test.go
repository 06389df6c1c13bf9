package main

import (
	"testing"

	"github.com/spf13/cobra"
)

func TestCommandLine(t *testing.T) {
	for want, args := range map[string][]string{
		"csnet eval":                                     {"eval"},
		"csnet eval --json":                              {"eval", "--json"},
		"csnet eval --json=false":                        {"eval", "--json=false"},
		"csnet eval --data A=/x --data 'my set'":         {"eval", "--data", "A=/x", "--data=my set"},
		"csnet data check --mask luma set":               {"data", "check", "set", "--mask", "luma"},
		"csnet eval --size 96 --out 'it'\\''s'":          {"eval", "--size", "96", "--out", "it's"},
		"csnet eval --data a,b":                          {"eval", "--data", "a,b"},
		"csnet train --set train.seed=7 --config c.yaml": {"train", "--set", "train.seed=7", "--config", "c.yaml"},
	} {
		root := newRootCommand(streams{})
		cmd, _, err := root.Find(args)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		cmd.RunE = func(cmd *cobra.Command, args []string) error { got = commandLine(cmd, args); return nil }
		cmd.Args = nil
		root.SetArgs(args)
		if err := root.Execute(); err != nil || got != want {
			t.Errorf("%q is told as %q, want %q (%v)", args, got, want, err)
		}
	}
}

func TestShortProgram(t *testing.T) {
	b := program{Release: "1.2", Commit: "0123456789abcdef", Modified: true, Date: "2026"}
	if got, want := b.short(), "1.2, commit 0123456789ab with changes"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (program{Release: "1.2", Commit: "unknown"}).short(); got != "1.2" {
		t.Errorf("%q, want 1.2", got)
	}
}
