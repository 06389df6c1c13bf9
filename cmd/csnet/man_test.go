package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Every command has a page that holds its description, flags and examples, with what
// roff reads as its own escaped.
func TestManual(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	must(t, "man", dir)
	for _, c := range commands(newRootCommand(streams{})) {
		if !c.IsAvailableCommand() {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, manualName(c)+".1"))
		if err != nil {
			t.Fatal(err)
		}
		page := string(raw)
		wanted := []string{"\n.SH NAME\n" + roff(manualName(c)) + ` \- `, "\n.SH SYNOPSIS\n"}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				wanted = append(wanted, roff("--"+f.Name))
			}
		})
		for line := range strings.SplitSeq(c.Long+"\n"+c.Example, "\n") {
			wanted = append(wanted, roff(line))
		}
		for _, w := range wanted {
			if !strings.Contains(page, w) {
				t.Errorf("%s lacks %q", manualName(c), w)
			}
		}
	}
	if got, want := roff("a\\b --c\n.d\n'e\n.f"), "a\\eb \\-\\-c\n\\&.d\n\\&'e\n\\&.f"; got != want {
		t.Errorf("roff: %q, must be %q", got, want)
	}
}
