//go:build amd64 && !noasm

package pointwise

import "csnet/internal/kernel"

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

func prefetch(x []float32) {
	if len(x) > 0 && kernel.Current() != kernel.Plain {
		prefetchLines(&x[0], (len(x)+15)/16)
	}
}
