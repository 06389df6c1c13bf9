//go:build amd64 && !noasm

package kernel

// cacheFloats is how many floats of x a tile of columns and rows may span, so
// that x stays in the second-level cache while all outputs are made from it.
const cacheFloats = 1 << 17

// tileColumns is the least width of a tile: a multiple of every block's width.
const tileColumns = 192

// dense cuts the work into tiles of rows and columns, and outputs into blocks
// of equal size. An element's sum runs over the taps in order, so cuts do not
// change its bits.
func dense(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, acc bool) {
	level := Current()
	if level == Plain || len(off) == 0 || oc <= 0 || n <= 0 || rows <= 0 {
		denseGeneric(dst, ds, dp, x, xp, off, w, ws, oc, n, rows, acc)
		return
	}
	checkPlanes(x, xp, off, n, rows)
	_, _ = dst[(oc-1)*ds+(rows-1)*dp+n-1], w[(len(off)-1)*ws+oc-1]
	if dp == n && xp == n {
		n, rows = n*rows, 1
	}
	args := denseArgs{ds: ds, dp: dp, xp: xp, off: &off[0], taps: len(off), ws: ws}
	if acc {
		args.acc = 1
	}
	most := denseOutputs(level)
	blocks := (oc + most - 1) / most
	cols, deep := n, rows
	if blocks > 1 {
		cols, deep = tile(len(off), n, rows)
	}
	for r := 0; r < rows; r += deep {
		for c := 0; c < n; c += cols {
			o := 0
			for b := range blocks {
				size := (oc - o) / (blocks - b)
				args.dst, args.x, args.w = &dst[o*ds+r*dp+c], &x[r*xp+c], &w[o]
				args.n, args.rows = min(cols, n-c), min(deep, rows-r)
				callDense(level, size, &args)
				o += size
			}
		}
	}
}

// denseOutputs is how many outputs the largest dense kernels have.
func denseOutputs(level Level) int {
	if level == AVX512 {
		return 10
	}
	return 6
}

// tile returns the columns and rows of a tile over planes of n by rows.
func tile(planes, n, rows int) (cols, deep int) {
	cols = min(n, max(tileColumns, cacheFloats/planes/tileColumns*tileColumns))
	return cols, min(rows, max(1, cacheFloats/planes/cols))
}

// gradTile is how many columns times rows of g a tile of denseGrad spans: one
// block of outputs of it stays in the first-level cache while x goes by.
const gradTile = 1024

// denseGrad cuts into tiles, then outputs, then taps by four. The order of a
// sum depends on the sizes alone.
func denseGrad(dw []float32, ws int, x []float32, xp int, off []int32, g []float32, gs, gp, oc, n, rows int) {
	level := Current()
	if level == Plain || len(off) == 0 || oc <= 0 || n <= 0 || rows <= 0 {
		denseGradGeneric(dw, ws, x, xp, off, g, gs, gp, oc, n, rows)
		return
	}
	checkPlanes(x, xp, off, n, rows)
	_, _ = g[(oc-1)*gs+(rows-1)*gp+n-1], dw[(len(off)-1)*ws+oc-1]
	if gp == n && xp == n {
		n, rows = n*rows, 1
	}
	most, lanes := 3, level.lanes()
	if level == AVX512 {
		most = 6
	}
	args := denseGradArgs{ws: ws, xp: xp, gs: gs, gp: gp}
	blocks, fours, rest := (oc+most-1)/most, len(off)/4, len(off)%4
	cols := min(n, gradTile)
	deep := max(1, gradTile/cols)
	for r := 0; r < rows; r += deep {
		for c := 0; c < n; c += cols {
			args.n, args.rows = min(cols, n-c), min(deep, rows-r)
			args.x, args.slack = &x[r*xp+c], slack(args.n, lanes, xp, gp)
			o := 0
			for b := range blocks {
				size := (oc - o) / (blocks - b)
				args.grad = &g[o*gs+r*gp+c]
				if fours > 0 {
					args.dw, args.off, args.groups = &dw[o], &off[0], fours
					callDenseGrad(level, size, 4, &args)
				}
				if rest > 0 {
					args.dw, args.off, args.groups = &dw[4*fours*ws+o], &off[4*fours], 1
					callDenseGrad(level, size, rest, &args)
				}
				o += size
			}
		}
	}
}
