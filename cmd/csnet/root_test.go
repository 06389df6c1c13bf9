package main

import (
	"slices"
	"testing"

	"github.com/spf13/cobra"
)

// A command that is called by its name is made alone, and is the one that stands among
// all: the same words, flags and commands below it.
func TestCommandAlone(t *testing.T) {
	named := func(args ...string) []*cobra.Command {
		return slices.DeleteFunc(newRootCommand(streams{}, args...).Commands(), func(c *cobra.Command) bool {
			return c.Name() == "help" || c.Name() == "completion" // cobra's own
		})
	}
	all := named()
	if len(all) != 17 {
		t.Fatalf("%d commands, must be 17", len(all))
	}
	for _, c := range all {
		alone := named(c.Name(), "--help")
		if c.Name() == "man" {
			if len(alone) != len(all) {
				t.Errorf("man sees %d commands, must be all %d", len(alone), len(all))
			}
			continue
		}
		if len(alone) != 1 || alone[0].Name() != c.Name() {
			t.Fatalf("%s: %d commands made, must be it alone", c.Name(), len(alone))
		}
		if got, want := usage(alone[0]), usage(c); got != want {
			t.Errorf("%s alone:\n%s\namong all:\n%s", c.Name(), got, want)
		}
	}
	for _, args := range [][]string{{"--help"}, {"help", "train"}, {"trian"}, {"__complete", "tr"}, {"completion", "bash"}} {
		if n := len(named(args...)); n != len(all) {
			t.Errorf("%q: %d commands, must be all %d", args, n, len(all))
		}
	}
}
