package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csnet/internal/nearest"
)

// usageError marks errors of the command line and the config: exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usagef returns a usageError.
func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// didYouMean is the end of an error about a word that is none of the options.
func didYouMean(word, prefix string, options []string) string {
	if near := nearest.Of(word, options); near != "" {
		return fmt.Sprintf("; did you mean %s%s?", prefix, near)
	}
	return ""
}

// noArguments is for commands that take flags alone.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("%s takes flags alone, got %q", cmd.CommandPath(), args[0])
}

// oneArgument is for commands that take one argument, called name in their usage.
func oneArgument(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usagef("%s is missing: %s", name, useLine(cmd))
		case len(args) > 1:
			return usagef("%s takes one %s, got %d: %s", cmd.CommandPath(), name, len(args), strings.Join(args, " "))
		}
		return nil
	}
}

// subcommand is for commands that have commands below them and do nothing
// themselves: what stands where one of those should is named, with the nearest.
func subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	hint := didYouMean(args[0], "", names)
	if hint == "" && !cmd.HasParent() && exists(args[0]) {
		hint = "; for the map of a photo: csnet predict " + shellWord(args[0])
	}
	if hint == "" {
		hint = ", must be one of " + strings.Join(names, ", ")
	}
	return usagef("%q is no command of %s%s", args[0], cmd.CommandPath(), hint)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// flagError puts what pflag says of a flag into this program's words.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usagef("-%s is no flag of %s", unknown.GetSpecifiedName(), cmd.CommandPath())
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		name := unknown.GetSpecifiedName()
		return usagef("--%s is no flag of %s%s", name, cmd.CommandPath(), didYouMean(name, "--", names))
	case errors.As(err, &value):
		f := value.GetFlag()
		return usagef("--%s is without a value, must be --%s %s", f.Name, f.Name, valueName(f))
	case errors.As(err, &invalid):
		return usagef("--%s is %q, %s", invalid.GetFlag().Name, invalid.GetValue(), wish(invalid))
	}
	return usageError{err}
}

// wish says what a value must be.
func wish(e *pflag.InvalidValueError) string {
	switch e.GetFlag().Value.Type() {
	case "int":
		return "must be a whole number"
	case "uint64":
		return "must be a whole number, at least 0"
	case "float64":
		return "must be a number"
	case "bool":
		return "must be true or false"
	case "duration":
		return "must be a time such as 90s or 2m"
	}
	return e.Unwrap().Error()
}

// usageArgs makes errors in the arguments of c and all below it usage errors.
func usageArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			var usage usageError
			if err == nil || errors.As(err, &usage) {
				return err
			}
			return usagef("%d arguments do not fit: %s", len(args), useLine(cmd))
		}
	}
	for _, sub := range c.Commands() {
		usageArgs(sub)
	}
}
