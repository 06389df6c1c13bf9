package main

import (
	"github.com/spf13/pflag"

	"csnet/internal/kernel"
)

// cpuFlag adds --cpu to a command's flags.
func cpuFlag(f *pflag.FlagSet, to *string, help string) {
	*to = "auto"
	f.Var(oneOf(to, "auto", "avx512", "avx2", "plain"), "cpu", help)
}

// limitCPU applies --cpu and returns how to undo it.
func limitCPU(flag string) (undo func(), err error) {
	was := kernel.Current()
	undo = func() { kernel.Limit(was) }
	for _, l := range []kernel.Level{kernel.Plain, kernel.AVX2, kernel.AVX512} {
		if flag == l.String() {
			if got := kernel.Limit(l); got != l {
				undo()
				return nil, usagef("--cpu is %s, this machine or build has at most %s", flag, got)
			}
			return undo, nil
		}
	}
	if flag != "auto" {
		return nil, usagef("--cpu is %q, must be auto, avx512, avx2 or plain", flag)
	}
	return undo, nil
}
