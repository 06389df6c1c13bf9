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
	args := gemmRowsArgs{ds: dst.Pitch, as: a.Pitch, k: k, acc: add}
	for p := range panels(level, n) {
		from, to := panel(level, n, p)
		args.b = &b[from*k]
		args.step = (to - from + blocks - 1) / blocks // the next panel, as large or so, in all blocks of rows
		// The first blocks have a row more than the others.
		large := m - m/blocks*blocks
		args.blocks, args.dst, args.a = large, &dst.X[from], &a.X[0]
		args.next = &b[min(to*k, len(b)-1)]
		if large > 0 {
			callGemmRows(level, m/blocks+1, (to-from)/lanes, &args)
		}
		first := large * (m/blocks + 1)
		args.blocks, args.dst, args.a = blocks-large, &dst.X[first*dst.Pitch+from], &a.X[first*a.Pitch]
		args.next = &b[min(to*k+large*k*args.step, len(b)-1)]
		callGemmRows(level, m/blocks, (to-from)/lanes, &args)
	}
}
