package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the width of help in columns: that of the narrowest terminal that
// is usual.
const helpWidth = 80

// usage is the text behind a command's description.
func usage(c *cobra.Command) string {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", c.CommandPath())
	}
	if !c.HasAvailableSubCommands() || strings.Contains(c.Use, " ") { // it works by itself too
		fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(fold(useLine(c), helpWidth-4), "\n", "\n  "))
	}
	if c.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", strings.TrimRight(c.Example, "\n"))
	}
	if c.HasAvailableSubCommands() {
		b.WriteString(commandHelp(c))
	}
	if c.HasAvailableLocalFlags() {
		fmt.Fprintf(&b, "\nFlags:\n%s\n", flagHelp(c.LocalFlags()))
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s COMMAND --help has a command's flags and examples.\n", c.CommandPath())
	}
	return b.String()
}

// reflow breaks the paragraphs of a text anew, to helpWidth; lines that begin with
// a space stay as they are.
func reflow(text string) string {
	var out []string
	for paragraph := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		if !strings.HasPrefix(paragraph, " ") && !strings.Contains(paragraph, "\n ") {
			paragraph = fold(strings.Join(strings.Fields(paragraph), " "), helpWidth)
			paragraph = strings.ReplaceAll(paragraph, "\n  ", "\n")
		}
		out = append(out, paragraph)
	}
	return strings.Join(out, "\n\n")
}

// useLine is how a command is called, without cobra's "[flags]".
func useLine(c *cobra.Command) string { return strings.TrimSuffix(c.UseLine(), " [flags]") }

// commandHelp lists the commands below c, those of the root by what they are for.
func commandHelp(c *cobra.Command) string {
	var b strings.Builder
	left := c.Commands()
	list := func(title string, wanted func(name string) bool) {
		rest := left
		left = nil
		for _, sub := range rest {
			switch {
			case !sub.IsAvailableCommand() && sub.Name() != "help":
			case !wanted(sub.Name()):
				left = append(left, sub)
			default:
				if title != "" {
					fmt.Fprintf(&b, "\n%s:\n", title)
					title = ""
				}
				pad := sub.NamePadding()
				about := fold(sub.Short, helpWidth-pad-3)
				fmt.Fprintf(&b, "  %-*s %s\n", pad, sub.Name(), strings.ReplaceAll(about, "\n  ", "\n"+strings.Repeat(" ", pad+3)))
			}
		}
	}
	if !c.HasParent() {
		for _, g := range [][]string{
			{"To begin", "predict", "quickstart", "serve"},
			{"Nets of your own", "ablate", "data", "eval", "inspect", "prune", "train"},
			{"Nets as files", "bench", "export", "import", "summary"},
		} {
			list(g[0], func(name string) bool { return slices.Contains(g[1:], name) })
		}
		list("The program", func(string) bool { return true })
		return b.String()
	}
	list("Commands", func(string) bool { return true })
	return b.String()
}

// flagHelp lists flags with what they are, in helpWidth columns.
func flagHelp(flags *pflag.FlagSet) string {
	const indent = 26
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		left, usage := flagWords(f)
		if f.Shorthand == "" {
			left = "    " + left
		}
		left = "  " + left
		if len(left)+2 > indent {
			b.WriteString(left + "\n" + strings.Repeat(" ", indent))
		} else {
			fmt.Fprintf(&b, "%-*s", indent, left)
		}
		b.WriteString(strings.ReplaceAll(fold(usage, helpWidth-indent), "\n  ", "\n"+strings.Repeat(" ", indent)))
		b.WriteByte('\n')
	})
	return strings.TrimRight(b.String(), "\n")
}

// flagWords is how a flag is written, as "-c, --checkpoint FILE", and what it is, with
// its default.
func flagWords(f *pflag.Flag) (names, about string) {
	names = "--" + f.Name
	if f.Shorthand != "" {
		names = "-" + f.Shorthand + ", " + names
	}
	if value := valueName(f); value != "" {
		names += " " + value
	}
	_, about = pflag.UnquoteUsage(f)
	if d := f.DefValue; d != "" && d != "0" && d != "false" && d != "[]" && !strings.Contains(about, "default") {
		about += fmt.Sprintf(" (default %s)", d)
	}
	return names, about
}

// finishHelp sets the form of help for root and all below it.
func finishHelp(root *cobra.Command) {
	root.SetUsageFunc(func(c *cobra.Command) error {
		_, err := fmt.Fprint(c.OutOrStdout(), usage(c))
		return err
	})
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		about := c.Long
		if about == "" {
			about = c.Short + "."
		}
		fmt.Fprintf(c.OutOrStdout(), "%s\n\n%s", reflow(about), usage(c))
	})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Short = "Explain a command"
			c.Long = "Explains a command: the same as csnet COMMAND --help."
			c.Use = "help COMMAND"
			c.Example = "  csnet help train"
			c.Run, c.RunE = nil, explain
		case "completion":
			finishCompletion(c)
		}
	}
}

// explain is csnet help COMMAND.
func explain(cmd *cobra.Command, args []string) error {
	root := cmd.Root()
	about, rest, err := root.Find(args)
	if err != nil || about == nil || len(rest) > 0 && about.HasSubCommands() {
		if about == nil {
			about, rest = root, args
		}
		return subcommand(about, rest)
	}
	return about.Help()
}

// finishCompletion puts cobra's command for shells into this program's words.
func finishCompletion(c *cobra.Command) {
	c.Short = "Print what makes a shell complete commands, flags and values"
	c.Long = `Prints a script that makes a shell complete csnet's commands, its flags and what they
take: configs by name, keys of --set, protocols, files of nets.`
	c.Args = subcommand
	c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	for _, shell := range c.Commands() {
		name := shell.Name()
		shell.Short = "Print the script for " + name
		switch name {
		case "bash":
			shell.Long = "Prints the script for bash, which needs the package bash-completion."
			shell.Example = `  source <(csnet completion bash)    # this shell
  csnet completion bash > ~/.local/share/bash-completion/completions/csnet`
		case "zsh":
			shell.Long = "Prints the script for zsh, where compinit has been run: autoload -U compinit; compinit."
			shell.Example = `  source <(csnet completion zsh)                 # this shell
  csnet completion zsh > "${fpath[1]}/_csnet"    # all shells to come`
		case "fish":
			shell.Long = "Prints the script for fish."
			shell.Example = `  csnet completion fish | source    # this shell
  csnet completion fish > ~/.config/fish/completions/csnet.fish`
		case "powershell":
			shell.Long = "Prints the script for PowerShell; in the file of $PROFILE the example holds for all shells to come."
			shell.Example = "  csnet completion powershell | Out-String | Invoke-Expression"
		}
		if f := shell.Flags().Lookup("no-descriptions"); f != nil {
			f.Usage = "leave out what commands and values are about"
		}
	}
}
