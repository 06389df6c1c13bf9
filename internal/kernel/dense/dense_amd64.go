//go:build amd64 && !noasm

package dense

import "csnet/internal/kernel"

// conv cuts the work into tiles of rows and columns, and outputs into blocks of
// equal size. An element's sum runs over the taps in order, so cuts do not change
// its bits.
func conv(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, acc bool) {
	level, oc := kernel.Current(), w.Outputs
	if level == kernel.Plain || len(off) == 0 || oc <= 0 || n <= 0 || rows <= 0 {
		ConvGeneric(dst, x, off, w, n, rows, acc)
		return
	}
	x.CheckTaps(off, rows, n)
	dst.Check(oc, rows, n)
	w.Check(len(off))
	if dst.Pitch == n && x.Pitch == n {
		n, rows = n*rows, 1
	}
	args := denseArgs{ds: dst.Stride, dp: dst.Pitch, xp: x.Pitch, off: &off[0], taps: len(off), ws: w.Stride}
	if acc {
		args.acc = 1
	}
	most := mostDenseOutputs(level)
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
				args.dst, args.x, args.w = &dst.X[o*dst.Stride+r*dst.Pitch+c], &x.X[r*x.Pitch+c], &w.W[o]
				args.n, args.rows = min(cols, n-c), min(deep, rows-r)
				callDense(level, size, &args)
				o += size
			}
		}
	}
}

// tile returns the columns and rows of a tile over so many planes of n by rows.
func tile(planes, n, rows int) (cols, deep int) {
	const columns, floats = kernel.TileColumns, kernel.TileFloats
	cols = min(n, max(columns, floats/planes/columns*columns))
	return cols, min(rows, max(1, floats/planes/cols))
}

// convGrad cuts into tiles, then outputs, then taps by four. The order of a sum
// depends on the sizes alone.
func convGrad(dw *kernel.Weights, x *kernel.Planes, off []int32, g *kernel.Planes, n, rows int) {
	level, oc := kernel.Current(), dw.Outputs
	if level == kernel.Plain || len(off) == 0 || oc <= 0 || n <= 0 || rows <= 0 {
		convGradGeneric(dw, x, off, g, n, rows)
		return
	}
	x.CheckTaps(off, rows, n)
	g.Check(oc, rows, n)
	dw.Check(len(off))
	if g.Pitch == n && x.Pitch == n {
		n, rows = n*rows, 1
	}
	args := denseGradArgs{ws: dw.Stride, xp: x.Pitch, gs: g.Stride, gp: g.Pitch}
	most := mostDenseGradOutputs(level)
	blocks, fours, rest := (oc+most-1)/most, len(off)/4, len(off)%4
	cols := min(n, kernel.GradTile)
	deep := max(1, kernel.GradTile/cols)
	for r := 0; r < rows; r += deep {
		for c := 0; c < n; c += cols {
			args.n, args.rows = min(cols, n-c), min(deep, rows-r)
			args.x, args.slack = &x.X[r*x.Pitch+c], kernel.Slack(level, args.n, min(x.Pitch, g.Pitch))
			o := 0
			for b := range blocks {
				size := (oc - o) / (blocks - b)
				args.grad = &g.X[o*g.Stride+r*g.Pitch+c]
				if fours > 0 {
					args.dw, args.off, args.groups = &dw.W[o], &off[0], fours
					callDenseGrad(level, size, 4, &args)
				}
				if rest > 0 {
					args.dw, args.off, args.groups = &dw.W[4*fours*dw.Stride+o], &off[4*fours], 1
					callDenseGrad(level, size, rest, &args)
				}
				o += size
			}
		}
	}
}
