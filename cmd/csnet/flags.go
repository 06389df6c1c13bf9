package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csnet/checkpoint/embedded"
	"csnet/data"
	"csnet/internal/config"
	"csnet/internal/predict"
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
		if complete := completion(c.Name(), f); complete != nil {
			_ = c.RegisterFlagCompletionFunc(f.Name, complete) // fails for a flag that is not there
		}
	}
	for _, sub := range c.Commands() {
		finishFlags(sub)
	}
}

// completion returns what completes the value of a flag of a command, nil where the
// shell's own completion of files is right.
func completion(command string, f *pflag.Flag) cobra.CompletionFunc {
	if c, ok := f.Value.(choice); ok {
		return cobra.FixedCompletions(c.allowed, cobra.ShellCompDirectiveNoFileComp)
	}
	switch command + " " + f.Name {
	case "init from":
		return completeConfigs
	case "import from":
		return cobra.FixedCompletions([]string{"pth", "pt", "tar", "safetensors"}, cobra.ShellCompDirectiveFilterFileExt)
	}
	switch f.Name {
	case "config":
		return completeConfigs
	case "set":
		return completeKeys
	case "checkpoint", "from", "teacher", "like":
		return completeNets
	case "mask":
		return cobra.FixedCompletions(append(maskWords(), "color=#"), cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace)
	case "as":
		return completeForms
	case "format": // of predict, which takes other spellings too
		return cobra.FixedCompletions(formatWords(), cobra.ShellCompDirectiveNoFileComp)
	}
	switch valueName(f) {
	case "DIR":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case "N", "X", "TIME":
		return cobra.NoFileCompletions
	}
	return nil
}

// maskWords are the codings of masks that are a word.
func maskWords() []string {
	return []string{string(data.MaskAuto), string(data.MaskLuma), string(data.MaskAlpha), string(data.MaskIndex)}
}

// formatWords are the formats of pictures that are written.
func formatWords() []string {
	return []string{string(predict.PNG), string(predict.WebP), string(predict.JPEG)}
}

// completeNets completes the files of nets, and the model in the program where its
// name is begun.
func completeNets(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	if begun != "" && strings.HasPrefix(embedded.Name, begun) {
		return []string{embedded.Name}, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"safetensors"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeForms completes the last of forms with commas between them.
func completeForms(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	before := begun[:strings.LastIndexByte(begun, ',')+1]
	var fit []string
	for _, form := range predict.Forms() {
		if strings.HasPrefix(before+form, begun) {
			fit = append(fit, before+form)
		}
	}
	return fit, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
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
