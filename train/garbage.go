package train

import (
	"runtime"
	"runtime/debug"
)

// garbageLimit is how many bytes of what pictures were decoded into may lie about
// before they are collected.
const garbageLimit = 32 << 20

// usualPercent is Go's own target.
const usualPercent = 100

// limitGarbage has garbage collected when there is that much of it, until the function
// that it returns is called. By itself Go waits until there is as much as what is
// in use, with the net's buffers a gigabyte. A target that is not Go's own stands.
func limitGarbage() (restore func()) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	was := debug.SetGCPercent(garbagePercent(m.HeapAlloc))
	if was != usualPercent {
		debug.SetGCPercent(was)
	}
	return func() { debug.SetGCPercent(was) }
}

// garbagePercent is the garbage wanted as a percentage of inUse bytes: at least 1, at
// most Go's own 100.
func garbagePercent(inUse uint64) int {
	return int(min(max(garbageLimit*100/max(inUse, 1), 1), usualPercent))
}
