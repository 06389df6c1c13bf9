//go:build !amd64 || noasm

package gemm

import "csnet/internal/kernel"

func mul(dst *kernel.Planes, a []float32, m int, b *kernel.Planes, n, k int, acc bool) {
	mulGeneric(dst, a, m, b, n, k, acc)
}
