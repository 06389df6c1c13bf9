//go:build amd64 && !noasm

package resample

import "csnet/internal/kernel"

func evensOf(dst, src []float32) {
	level, n := kernel.Current(), len(dst)
	if level == kernel.Plain || n == 0 {
		evensGeneric(dst, src)
		return
	}
	_ = src[2*n-1]
	callEvens(level, &dst[0], &src[0], n)
}

func maximumOf(dst, x []float32) {
	level, n := kernel.Current(), len(dst)
	if level == kernel.Plain || n == 0 {
		maximumGeneric(dst, x)
		return
	}
	callMaximum(level, &dst[0], &x[0], n)
}
