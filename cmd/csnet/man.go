package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csnet/internal/wholefile"
)

func newManCommand(io streams) *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages, one a command",
		Long: `Writes the manual pages of all commands, section 1, into a folder. They are made
from the same texts as --help. Their date is that of the commit that the program
was built from.`,
		Example: "  csnet man ~/.local/share/man/man1       # then: man csnet-predict",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			date, err := time.Parse(time.RFC3339, thisProgram().Date)
			if err != nil { // built outside a checkout
				date = time.Unix(0, 0).UTC()
			}
			var pages wholefile.Batch
			defer pages.Discard()
			n, err := addManual(&pages, cmd.Root(), args[0], date)
			if err == nil {
				err = pages.Flush()
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(io.err, "%d manual pages in %s\n", n, args[0])
			return nil
		},
	}
}

// addManual adds the page of c and those of the commands below it, as files in dir, to
// pages, and returns how many there are.
func addManual(pages *wholefile.Batch, c *cobra.Command, dir string, date time.Time) (int, error) {
	n := 1
	err := pages.Add(filepath.Join(dir, manualName(c)+".1"), []byte(manualPage(c, date)))
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && err == nil {
			var below int
			below, err = addManual(pages, sub, dir, date)
			n += below
		}
	}
	return n, err
}

// manualName is the name of c's page: csnet-data-check.
func manualName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manualPage is c's page in the man macros of roff (groff_man(7)), from the texts of
// its help. (cobra/doc makes pages too, but by way of Markdown, whose parser's tables
// would take .4 ms of every start of csnet.)
func manualPage(c *cobra.Command, date time.Time) string {
	var b strings.Builder
	section := func(title, text string) {
		if text != "" {
			fmt.Fprintf(&b, ".SH %s\n%s\n", title, text)
		}
	}
	fmt.Fprintf(&b, ".TH %q 1 %q %q \"csnet manual\"\n.nh\n", strings.ToUpper(manualName(c)), date.Format(time.DateOnly), "csnet "+release)
	section("NAME", roff(manualName(c))+` \- `+roff(c.Short))
	section("SYNOPSIS", `\fB`+roff(useLine(c))+`\fP`)
	section("DESCRIPTION", paragraphs(c.Long))
	section("COMMANDS", manualCommands(c))
	section("OPTIONS", manualFlags(c))
	if c.HasExample() {
		section("EXAMPLES", ".nf\n"+roff(strings.Trim(c.Example, "\n"))+"\n.fi")
	}
	section("EXIT STATUS", "0 done, 1 failed, 2 wrong usage, 130 interrupted (state saved).")
	var others []string
	if c.HasParent() {
		others = append(others, `\fB`+roff(manualName(c.Parent()))+`\fP(1)`)
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			others = append(others, `\fB`+roff(manualName(sub))+`\fP(1)`)
		}
	}
	section("SEE ALSO", strings.Join(others, ",\n"))
	return b.String()
}

// manualCommands lists the commands below c with what they do.
func manualCommands(c *cobra.Command) string {
	var b strings.Builder
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fP\n%s\n", roff(sub.Name()), roff(sub.Short))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// manualFlags lists c's flags with their defaults and what they do.
func manualFlags(c *cobra.Command) string {
	var b strings.Builder
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names, about := flagWords(f)
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fP\n%s\n", roff(names), roff(about))
		}
	})
	return strings.TrimSuffix(b.String(), "\n")
}

// paragraphs is a text of paragraphs with an empty line between them; those that hold
// lines which begin with a space are kept line by line.
func paragraphs(text string) string {
	var out []string
	for p := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		if strings.HasPrefix(p, " ") || strings.Contains(p, "\n ") {
			p = ".nf\n" + roff(p) + "\n.fi"
		} else {
			p = roff(p)
		}
		out = append(out, p)
	}
	return strings.Join(out, "\n.PP\n")
}

// roff escapes what roff would read as its own: backslashes, hyphens, which it may
// print as another sign, and a point or quote at the beginning of a line.
func roff(text string) string {
	lines := strings.Split(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
