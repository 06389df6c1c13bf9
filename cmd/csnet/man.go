package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
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
			root := cmd.Root()
			root.DisableAutoGenTag = true
			header := &doc.GenManHeader{Section: "1", Source: "csnet " + release, Manual: "csnet manual", Date: &date}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return err
			}
			pages, err := os.ReadDir(args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(io.err, "%d manual pages in %s\n", len(pages), args[0])
			return nil
		},
	}
}
