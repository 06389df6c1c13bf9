//go:build amd64 && !noasm

package pointwise

import (
	"unsafe"

	"csnet/internal/kernel"
)

func copyRows(dst, x *kernel.Planes, n, rows int) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || rows <= 0 {
		copyRowsGeneric(dst, x, n, rows)
		return
	}
	dst.Check(1, rows, n)
	x.Check(1, rows, n)
	callCopyRows(level, &dst.X[0], dst.Pitch, &x.X[0], x.Pitch, n, rows)
}

func add(dst, x []float32) {
	level, n := kernel.Current(), len(x)
	if level == kernel.Plain || n == 0 {
		addGeneric(dst, x)
		return
	}
	callAdd(level, &dst[:n][0], &x[0], n)
}

func stream(dst, x []float32) {
	level, n := kernel.Current(), len(x)
	if level == kernel.Plain || n == 0 {
		copy(dst[:n], x)
		return
	}
	callStream(level, &dst[:n][0], &x[0], n)
}

// The sizes of a line of the caches and of the smallest pages.
const (
	lineBytes = 64
	pageBytes = 4096
)

func touch(x []float32) {
	if len(x) > 0 && kernel.Current() != kernel.Plain {
		prefetchEach(&x[0], pages(uintptr(unsafe.Pointer(&x[0])), len(x)), pageBytes)
	}
}

// pages is in how many pages n floats from the address first on lie, at least one.
func pages(first uintptr, n int) int { return (int(first%pageBytes)+4*n-1)/pageBytes + 1 }

func prefetch(x []float32) {
	if len(x) > 0 && kernel.Current() != kernel.Plain {
		prefetchEach(&x[0], (len(x)+15)/16, lineBytes)
	}
}
