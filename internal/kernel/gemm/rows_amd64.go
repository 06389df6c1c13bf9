//go:build amd64 && !noasm

package gemm

import "csnet/internal/kernel"

// mulRows goes through the panels of columns, and in each through the rows, so that a panel of
// b stays in the first-level cache meanwhile.
func mulRows(dst, a *kernel.Planes, b []float32, m, n, k int, acc bool) {
	level := kernel.Current()
	if level == kernel.Plain {
		mulRowsGeneric(dst, a, b, m, n, k, acc)
		return
	}
	if n%RowColumns != 0 {
		panic("gemm: columns are no multiple of 16")
	}
	_, _, _ = dst.X[(m-1)*dst.Pitch+n-1], a.X[(m-1)*a.Pitch+k-1], b[n*k-1]
	add := 0
	if acc {
		add = 1
	}
	lanes, blocks := level.Lanes(), Blocks(m)
	for p := range panels(level, n) {
		from, to := panel(level, n, p)
		values := &b[from*k]
		lines := (to - from) * k / 16 // of the panel; the next one is as large or so
		for i := range blocks {
			first, end := Block(m, i), Block(m, i+1)
			next := &b[min(to*k+min(i*k, lines)*16, n*k-1)]
			tile, factors := &dst.X[first*dst.Pitch+from], &a.X[first*a.Pitch]
			if level == kernel.AVX512 {
				callGemmRowsAVX512(end-first, (to-from)/lanes, tile, dst.Pitch, factors, a.Pitch, values, k, add, next)
			} else {
				callGemmRowsAVX2(end-first, (to-from)/lanes, tile, dst.Pitch, factors, a.Pitch, values, k, add, next)
			}
		}
	}
}
