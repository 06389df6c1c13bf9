package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// startBytes is how much memory the program takes before garbage is collected for the
// first time. Most commands on a few photos end before.
const startBytes = 48 << 20

// usualPercent is Go's own target of the collector.
const usualPercent = 100

// collectLate puts the first collection of garbage off until the program has taken
// startBytes: Go begins at 4 MB and would collect six times until a photo is predicted,
// a quarter of the processor time. From the first collection on the collector works as
// usual. Where the environment says how it is to work, that holds from the beginning.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(startBytes)
	debug.SetGCPercent(-1)
	// The first collection finds that nobody holds this.
	runtime.SetFinalizer(&[64]byte{}, func(*[64]byte) { collectAsUsual() })
}

// collectAsUsual ends what collectLate began, if it has not ended yet. It must be called
// before anything that sets the collector's target itself.
func collectAsUsual() {
	if debug.SetMemoryLimit(-1) != startBytes {
		return
	}
	debug.SetGCPercent(usualPercent)
	debug.SetMemoryLimit(math.MaxInt64)
}
