// Command csnet trains, prunes, scores and runs tiny salient object detectors.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"csnet/internal/config"
	"csnet/internal/output"
)

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	collectLate()
	ctx, stop := signalled()
	code := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run executes the command line and returns the exit code.
func run(ctx context.Context, args []string, io streams) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := &keeper{Writer: io.out, broken: cancel}
	io = streams{out, &keeper{Writer: io.err, broken: cancel}}
	root := newRootCommand(io, args...)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = out.err()
	}
	report(io, cmd.CommandPath(), err)
	return exitCode(err)
}

// report says how the command at path ended, if it has not been said.
func report(io streams, path string, err error) {
	var wrong usageError
	var said silentError
	switch {
	case err == nil, errors.As(err, &said):
	case exitCode(err) == exitInterrupted:
		fmt.Fprintln(io.err, "csnet: interrupted")
	default:
		io.tell("csnet: %v", err)
		if errors.As(err, &wrong) {
			fmt.Fprintf(io.err, "%s --help has flags and examples\n", path)
		}
	}
}

func exitCode(err error) int {
	var usage usageError
	var conf *config.Error
	var refused *output.Error
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &conf), errors.As(err, &refused):
		return exitUsage
	}
	return exitFailed
}

// newRootCommand returns csnet's commands: all, or the one that args call, since a
// command with its flags takes time to make, and there are many.
func newRootCommand(io streams, args ...string) *cobra.Command {
	root := &cobra.Command{
		Use:   "csnet",
		Short: "Train, prune, score and run tiny salient object detectors (CSNet)",
		Long: `csnet trains CSNet, the 100K-parameter salient object detector of "Highly
Efficient Salient Object Detection with 100K Parameters" (ECCV 2020), prunes it
to the channels it learned, scores it and runs it, on the CPU.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (state saved).`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       release,
		Args:          subcommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(io.out)
	root.SetErr(io.err)
	called := commandsFor(args, io)
	root.AddCommand(called...)
	root.SetFlagErrorFunc(flagError)
	if len(called) > 1 { // csnet --version, perhaps
		root.SetVersionTemplate(thisProgram().text())
	}
	root.Flags().BoolP("version", "v", false, "say what this program is: release, commit, Go, CPU")
	finishHelp(root)
	finishExamples(root)
	finishFlags(root)
	usageArgs(root)
	return root
}

// commandsFor makes the command that the first of args names, or all of them where it
// names none and for the manual, which is of all.
func commandsFor(args []string, io streams) []*cobra.Command {
	all := []struct {
		name string
		new  func(streams) *cobra.Command
	}{
		{"quickstart", newQuickstartCommand}, {"train", newTrainCommand}, {"prune", newPruneCommand}, {"eval", newEvalCommand},
		{"predict", newPredictCommand}, {"import", newImportCommand}, {"export", newExportCommand}, {"check", newCheckCommand},
		{"summary", newSummaryCommand}, {"bench", newBenchCommand}, {"data", newDataCommand}, {"config", newConfigCommand},
		{"ablate", newAblateCommand}, {"inspect", newInspectCommand}, {"serve", newServeCommand}, {"man", newManCommand},
		{"version", newVersionCommand},
	}
	for _, c := range all {
		if len(args) > 0 && args[0] == c.name && c.name != "man" {
			return []*cobra.Command{c.new(io)}
		}
	}
	made := make([]*cobra.Command, 0, len(all))
	for _, c := range all {
		made = append(made, c.new(io))
	}
	return made
}
