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

// The target of the collector that collectSeldom sets, and the memory limit, none, by which
// it is known to be csnet's own.
const (
	seldomPercent = 400
	seldomBytes   = math.MaxInt64 - 1
)

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
	runtime.SetFinalizer(&[64]byte{}, func(*[64]byte) {
		if debug.SetMemoryLimit(-1) == startBytes {
			collectAsUsual()
		}
	})
}

// collectSeldom ends what collectLate began, if it has not ended yet, for a command that
// will need much more than startBytes: collections begin at 16 MB. To take more memory than
// that which was never touched before costs more than to collect, and what one block needs
// beyond a memory limit the runtime first tries to get by giving back all it can.
func collectSeldom() {
	if debug.SetMemoryLimit(-1) == startBytes {
		debug.SetGCPercent(seldomPercent)
		debug.SetMemoryLimit(seldomBytes)
	}
}

// collectAsUsual ends what collectLate or collectSeldom began, if it has not ended yet. It
// must be called before anything that sets the collector's target itself.
func collectAsUsual() {
	if limit := debug.SetMemoryLimit(-1); limit != startBytes && limit != seldomBytes {
		return
	}
	debug.SetGCPercent(usualPercent)
	debug.SetMemoryLimit(math.MaxInt64)
}
