//go:build !amd64 || noasm

package gemm

import "csnet/internal/kernel"

func mul(dst *kernel.Planes, a []float32, m int, b *kernel.Planes, n, k int, acc bool, e *End) {
	mulGeneric(dst, a, m, b, n, k, acc, e)
}

func mulRows(dst, a *kernel.Planes, b []float32, m, n, k int, acc bool) {
	mulRowsGeneric(dst, a, b, m, n, k, acc)
}
