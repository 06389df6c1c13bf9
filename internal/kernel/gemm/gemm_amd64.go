//go:build amd64 && !noasm

package gemm

import "csnet/internal/kernel"

// mul goes through panels of columns, and in each through the blocks of outputs, so that
// the rows of b stay in the first-level cache meanwhile. An element's sum runs over the
// rows in order, so cuts do not change its bits.
func mul(dst *kernel.Planes, a []float32, m int, b *kernel.Planes, n, k int, acc bool, e *End) {
	level := kernel.Current()
	if level == kernel.Plain {
		mulGeneric(dst, a, m, b, n, k, acc, e)
		return
	}
	dst.Check(m, 1, n)
	b.Check(1, k, n)
	_ = a[m*k-1]
	args := gemmArgs{ds: dst.Stride, bs: b.Pitch, k: k}
	if acc {
		args.acc = 1
	}
	if e.ReLU {
		args.relu = 1
	}
	if len(e.More) > 0 {
		_ = e.More[(m-1)*dst.Stride+n-1]
	}
	if len(e.Shift) > 0 {
		_ = e.Shift[m-1]
	}
	lanes, blocks := level.Lanes(), Blocks(m)
	vectors := (n + lanes - 1) / lanes
	panels := (vectors + mostVectors(level) - 1) / mostVectors(level)
	for p := range panels {
		from, to := vectors*p/panels, vectors*(p+1)/panels
		at := from * lanes
		columns := min(n, to*lanes) - at
		args.b, args.n = &b.X[at], columns
		for j := 0; j < blocks; j += args.blocks {
			first := Block(m, j)
			rows := Block(m, j+1) - first
			args.blocks = equalBlocks(m, j, blocks)
			args.dst, args.a = &dst.X[first*dst.Stride+at], &a[first*k]
			args.more = kernel.At(e.More, first*dst.Stride+at, len(e.More) > 0)
			args.shift = kernel.At(e.Shift, first, len(e.Shift) > 0)
			if args.ahead = 0; j == 0 {
				args.ahead = columns // the next panel
			}
			callGemm(level, rows, to-from, &args)
		}
	}
}

// equalBlocks is how many blocks from block j on have as many outputs as that one.
func equalBlocks(m, j, blocks int) int {
	if m%blocks == 0 {
		return blocks - j
	}
	n, rows := 1, Block(m, j+1)-Block(m, j)
	for j+n < blocks && Block(m, j+n+1)-Block(m, j+n) == rows {
		n++
	}
	return n
}

// mostVectors is how many vectors of columns a tile has at most.
func mostVectors(level kernel.Level) int {
	if level == kernel.AVX2 {
		return 2
	}
	return 3
}
