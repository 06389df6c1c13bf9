package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csnet/internal/config"
)

// shortFlag is the one-letter form of a flag that many commands have.
func shortFlag(name string) string {
	switch name {
	case "checkpoint":
		return "c"
	case "data":
		return "d"
	case "out":
		return "o"
	case "set":
		return "s"
	case "threads":
		return "t"
	case "verbose":
		return "v"
	}
	return ""
}

// valueName is what stands for a flag's value in help.
func valueName(f *pflag.Flag) string {
	if name, _ := pflag.UnquoteUsage(f); strings.Contains(f.Usage, "`") {
		return name
	}
	switch t := f.Value.Type(); t {
	case "bool":
		return ""
	case "int", "uint64":
		return "N"
	case "float64":
		return "X"
	case "duration":
		return "TIME"
	case "string", "stringArray", "stringSlice":
	default:
		return t
	}
	switch f.Name {
	case "checkpoint", "config", "from", "input", "logits", "plan", "list", "backbone":
		return "FILE"
	case "data", "val", "maps", "save-maps", "watch", "images", "masks":
		return "DIR"
	case "set":
		return "KEY=VALUE"
	case "out":
		return "PATH"
	}
	return "VALUE"
}

// finishFlags gives the flags of c and all below it their short forms and the
// completion of their values. Flags stay in the order in which they were defined,
// the most important ones first.
func finishFlags(c *cobra.Command) {
	old := c.Flags()
	var flags []*pflag.Flag
	old.SortFlags = false
	old.VisitAll(func(f *pflag.Flag) { flags = append(flags, f) })
	c.ResetFlags()
	c.Flags().SortFlags = false
	taken := map[string]bool{}
	for _, f := range flags {
		taken[f.Shorthand] = true
	}
	for _, f := range flags {
		if s := shortFlag(f.Name); f.Shorthand == "" && !taken[s] {
			f.Shorthand = s
		}
		c.Flags().AddFlag(f)
		if complete := completion(f); complete != nil {
			_ = c.RegisterFlagCompletionFunc(f.Name, complete) // fails for a flag that is not there
		}
	}
	for _, sub := range c.Commands() {
		finishFlags(sub)
	}
}

// completion returns what completes a flag's value, nil where the shell's own
// completion of files is right.
func completion(f *pflag.Flag) cobra.CompletionFunc {
	if c, ok := f.Value.(choice); ok {
		return cobra.FixedCompletions(c.allowed, cobra.ShellCompDirectiveNoFileComp)
	}
	switch f.Name {
	case "config":
		return completeConfigs
	case "set":
		return completeKeys
	case "checkpoint", "from":
		return files("safetensors")
	case "mask":
		return cobra.FixedCompletions([]string{"auto", "luma", "alpha", "index", "color=#"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace)
	}
	switch valueName(f) {
	case "DIR":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case "N", "X", "TIME":
		return cobra.NoFileCompletions
	}
	return nil
}

// files completes the names of files with an extension.
func files(extension string) cobra.CompletionFunc {
	return cobra.FixedCompletions([]string{extension}, cobra.ShellCompDirectiveFilterFileExt)
}

// completeConfigs completes the configs in the program; behind a slash or a dot,
// and where none fits, files.
func completeConfigs(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	var fit []string
	for _, s := range config.ShippedConfigs() {
		if strings.HasPrefix(s.Name, begun) {
			fit = append(fit, cobra.CompletionWithDesc(s.Name, s.About))
		}
	}
	if len(fit) == 0 {
		return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return fit, cobra.ShellCompDirectiveNoFileComp
}

// completeKeys completes the keys of --set.
func completeKeys(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	var fit []string
	for _, k := range config.Keys() {
		if strings.HasPrefix(k, begun) {
			fit = append(fit, k+"=")
		}
	}
	return fit, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}
