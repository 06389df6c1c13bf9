package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/cpu"

	"csnet/internal/kernel"
	"csnet/internal/kernel/processor"
)

// release is the newest release in CHANGELOG.md; what came after it is told by
// the commit.
const release = "0.1.0"

// program is what this program is and runs on.
type program struct {
	Release  string `json:"release"`
	Commit   string `json:"commit"`   // "unknown" when built outside a checkout
	Date     string `json:"date"`     // of the commit
	Modified bool   `json:"modified"` // the checkout had changes that are in no commit
	Go       string `json:"go"`
	System   string `json:"system"`
	Tags     string `json:"tags"` // of the build
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	Features string `json:"features"` // of the processor, among those that the kernels ask for
	Kernels  string `json:"kernels"`  // that are used
}

func thisProgram() program {
	b := program{
		Release: release, Commit: "unknown", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		CPU: cmp.Or(processor.Name(), "unknown"), Cores: runtime.GOMAXPROCS(0), Kernels: kernel.Current().String(),
	}
	var features []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"AVX2", cpu.X86.HasAVX2}, {"FMA3", cpu.X86.HasFMA}, {"BMI2", cpu.X86.HasBMI2}, {"F16C", cpu.X86.HasF16C},
		{"AVX512F", cpu.X86.HasAVX512F}, {"AVX512VL", cpu.X86.HasAVX512VL}, {"AVX512DQ", cpu.X86.HasAVX512DQ},
	} {
		if f.has {
			features = append(features, f.name)
		}
	}
	b.Features = strings.Join(features, " ")
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		case "-tags":
			b.Tags = s.Value
		}
	}
	return b
}

// text is the answer of csnet version.
func (b program) text() string {
	var s strings.Builder
	fmt.Fprintf(&s, "csnet %s\ncommit   %s", b.Release, b.Commit)
	if b.Date != "" {
		fmt.Fprintf(&s, " of %s", b.Date)
	}
	if b.Modified {
		s.WriteString(", with changes")
	}
	fmt.Fprintf(&s, "\nbuilt by %s for %s", b.Go, b.System)
	if b.Tags != "" {
		fmt.Fprintf(&s, ", tags %s", b.Tags)
	}
	fmt.Fprintf(&s, "\nCPU      %s, %d threads\nkernels  %s", b.CPU, b.Cores, b.Kernels)
	if b.Features != "" {
		fmt.Fprintf(&s, " (the CPU has %s)", b.Features)
	}
	return s.String() + "\n"
}

func newVersionCommand(io streams) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Say what this program is: release, commit, Go, CPU",
		Long:  "Says what this program is, for reports of errors: the release, the commit it was\nbuilt from, the Go version, the processor and the kernels that run on it.",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return printJSON(io.out, thisProgram())
			}
			_, err := fmt.Fprint(io.text(), thisProgram().text())
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}
