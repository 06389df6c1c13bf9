//go:build amd64 && !noasm

package kernel

func winogradIn(dst []float32, ds, dk int, x *[WinogradPoints]Row, n, planes int) {
	level := Current()
	if level == Plain || n <= 0 || planes <= 0 {
		winogradInGeneric(dst, ds, dk, x, n, planes)
		return
	}
	_ = dst[(planes-1)*ds+5*dk+n-1]
	for j := range x {
		_ = x[j].X[(planes-1)*x[j].Stride+n-1]
	}
	callWinogradIn(level, &winogradInArgs{
		dst: &dst[0], ds: ds, dk: dk,
		x0: &x[0].X[0], x1: &x[1].X[0], x2: &x[2].X[0], x3: &x[3].X[0], x4: &x[4].X[0], x5: &x[5].X[0],
		s0: x[0].Stride, s1: x[1].Stride, s2: x[2].Stride, s3: x[3].Stride, s4: x[4].Stride, s5: x[5].Stride,
		n: n, planes: planes,
	})
}

func winogradGradIn(dst []float32, ds, dk int, x *[WinogradRows]Row, n, planes int) {
	level := Current()
	if level == Plain || n <= 0 || planes <= 0 {
		winogradGradInGeneric(dst, ds, dk, x, n, planes)
		return
	}
	_ = dst[(planes-1)*ds+5*dk+n-1]
	for j := range x {
		_ = x[j].X[(planes-1)*x[j].Stride+n-1]
	}
	callWinogradGradIn(level, &winogradGradInArgs{
		dst: &dst[0], ds: ds, dk: dk,
		x0: &x[0].X[0], x1: &x[1].X[0], x2: &x[2].X[0], x3: &x[3].X[0],
		s0: x[0].Stride, s1: x[1].Stride, s2: x[2].Stride, s3: x[3].Stride,
		n: n, planes: planes,
	})
}

// winogradAct cuts outputs into blocks of equal size, and where there are several
// goes through them tile by tile.
func winogradAct(dst []float32, ds, dp int, v []float32, vk, vt int, off []int32, w []float32, ws, oc, n, skip, rows int, e *WinogradEnd, scratch []float32) {
	if e.Slope != nil && steep(e.Slope[:oc]) {
		f := *e
		f.Slope = nil
		winogradAct(dst, ds, dp, v, vk, vt, off, w, ws, oc, n, skip, rows, &f, scratch)
		for o, s := range e.Slope[:oc] {
			normActRows(dst[o*ds:], dp, dst[o*ds:], dp, n, rows-skip, 1, 0, s)
		}
		return
	}
	level := Current()
	if level == Plain || len(off) == 0 || oc <= 0 || n <= 0 || rows <= skip {
		winogradActGeneric(dst, ds, dp, v, vk, vt, off, w, ws, oc, n, skip, rows, e, scratch)
		return
	}
	tiles := (rows + WinogradRows - 1) / WinogradRows
	checkPlanes(v, 0, off, (tiles-1)*vt+(WinogradPoints-1)*vk+n+WinogradSlack, 1)
	_, _ = dst[(oc-1)*ds+(rows-skip-1)*dp+n-1], w[(WinogradPoints*len(off)-1)*ws+oc-1]
	_ = scratch[WinogradScratch(n)-1]
	if e.Start != nil {
		_ = e.Start[(oc-1)*e.SS+(rows-skip-1)*e.SP+n-1]
	}
	args := winogradActArgs{
		ds: ds, dp: dp, vk: vk, vt: vt, off: &off[0], taps: len(off), ws: ws, n: n, sp: e.SP, m: &scratch[0],
	}
	most := denseOutputs(level)
	blocks, deep := (oc+most-1)/most, tiles
	if blocks > 1 {
		deep = 1
	}
	var none, one [10]float32
	for i := range one {
		one[i] = 1
	}
	for t := 0; t < tiles; t += deep {
		args.skip, args.rows = skip, min(rows-t*WinogradRows, deep*WinogradRows)
		if t > 0 {
			args.skip = 0
		}
		row, o := t*WinogradRows+args.skip-skip, 0
		for b := range blocks {
			size := (oc - o) / (blocks - b)
			args.dst, args.v, args.w = &dst[o*ds+row*dp], &v[t*vt], &w[o]
			args.bias, args.slope, args.start, args.ss = &none[0], &one[0], nil, 0
			if e.Bias != nil {
				args.bias = &e.Bias[o]
			}
			if e.Slope != nil {
				args.slope = &e.Slope[o]
			}
			if e.Start != nil {
				args.start, args.ss = &e.Start[o*e.SS+row*e.SP], max(e.SS, 1)
			}
			callWinogradAct(level, size, &args)
			o += size
		}
	}
}
