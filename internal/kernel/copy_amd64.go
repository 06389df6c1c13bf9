//go:build amd64 && !noasm

package kernel

func prefetch(x []float32) {
	if len(x) > 0 && Current() != Plain {
		prefetchLines(&x[0], (len(x)+15)/16)
	}
}

func copyRows(dst []float32, dp int, x []float32, xp, n, rows int) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 {
		copyRowsGeneric(dst, dp, x, xp, n, rows)
		return
	}
	_, _ = dst[(rows-1)*dp+n-1], x[(rows-1)*xp+n-1]
	callCopyRows(level, &dst[0], dp, &x[0], xp, n, rows)
}

func add(dst, x []float32) {
	level, n := Current(), len(x)
	if level == Plain || n == 0 {
		addGeneric(dst, x)
		return
	}
	callAdd(level, &dst[:n][0], &x[0], n)
}

func stream(dst, x []float32) {
	level, n := Current(), len(x)
	if level == Plain || n == 0 {
		copy(dst[:n], x)
		return
	}
	callStream(level, &dst[:n][0], &x[0], n)
}
