//go:build amd64 && !noasm

package winograd

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

func in(dst *kernel.Planes, x *[Points]Row, n, planes int) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || planes <= 0 {
		inGeneric(dst, x, n, planes)
		return
	}
	dst.Check(planes, Points, n)
	checkRows(x[:], planes, n)
	callWinogradIn(level, &winogradInArgs{
		dst: &dst.X[0], ds: dst.Stride, dk: dst.Pitch,
		x0: &x[0].X[0], x1: &x[1].X[0], x2: &x[2].X[0], x3: &x[3].X[0], x4: &x[4].X[0], x5: &x[5].X[0],
		s0: x[0].Stride, s1: x[1].Stride, s2: x[2].Stride, s3: x[3].Stride, s4: x[4].Stride, s5: x[5].Stride,
		n: n, planes: planes,
	})
}

func gradIn(dst *kernel.Planes, x *[Rows]Row, n, planes int) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || planes <= 0 {
		gradInGeneric(dst, x, n, planes)
		return
	}
	dst.Check(planes, Points, n)
	checkRows(x[:], planes, n)
	callWinogradGradIn(level, &winogradGradInArgs{
		dst: &dst.X[0], ds: dst.Stride, dk: dst.Pitch,
		x0: &x[0].X[0], x1: &x[1].X[0], x2: &x[2].X[0], x3: &x[3].X[0],
		s0: x[0].Stride, s1: x[1].Stride, s2: x[2].Stride, s3: x[3].Stride,
		n: n, planes: planes,
	})
}

// checkRows panics, as an index would, unless each row is there in all planes.
func checkRows(rows []Row, planes, n int) {
	for _, r := range rows {
		_ = r.X[(planes-1)*r.Stride+n-1]
	}
}

// convAct cuts outputs into blocks of equal size, and where there are several goes
// through them tile by tile. Slopes above 1 are applied by a pass of its own.
func convAct(dst, v *kernel.Planes, off []int32, w *kernel.Weights, n, skip, rows int, e *End) {
	oc := w.Outputs
	if e.Slope != nil && pointwise.Steep(e.Slope[:oc]) {
		f := *e
		f.Slope = nil
		convAct(dst, v, off, w, n, skip, rows, &f)
		for o, s := range e.Slope[:oc] {
			plane := kernel.Rows(dst.X[o*dst.Stride:], dst.Pitch)
			pointwise.NormActRows(plane, plane, n, rows-skip, 1, 0, s)
		}
		return
	}
	level := kernel.Current()
	if level == kernel.Plain || len(off) == 0 || oc <= 0 || n <= 0 || rows <= skip {
		convActGeneric(dst, v, off, w, n, skip, rows, e)
		return
	}
	tiles := (rows + Rows - 1) / Rows
	v.CheckTaps(off, 1, (tiles-1)*v.Stride+(Points-1)*v.Pitch+n+Slack)
	dst.Check(oc, rows-skip, n)
	w.Check(Points * len(off))
	_ = e.Scratch[Scratch(n)-1]
	start := e.Start
	if start.X != nil {
		start.Check(oc, rows-skip, n)
	}
	args := winogradActArgs{
		ds: dst.Stride, dp: dst.Pitch, vk: v.Pitch, vt: v.Stride, off: &off[0], taps: len(off), ws: w.Stride,
		n: n, sp: start.Pitch, m: &e.Scratch[0],
	}
	most := mostWinogradActOutputs(level)
	blocks, deep := (oc+most-1)/most, tiles
	if blocks > 1 {
		deep = 1
	}
	for t := 0; t < tiles; t += deep {
		args.skip, args.rows = skip, min(rows-t*Rows, deep*Rows)
		if t > 0 {
			args.skip = 0
		}
		row, o := t*Rows+args.skip-skip, 0
		for b := range blocks {
			size := (oc - o) / (blocks - b)
			args.dst, args.v, args.w = &dst.X[o*dst.Stride+row*dst.Pitch], &v.X[t*v.Stride], &w.W[o]
			args.bias, args.slope, args.start, args.ss = &noBias[0], &noSlope[0], nil, 0
			if e.Bias != nil {
				args.bias = &e.Bias[o]
			}
			if e.Slope != nil {
				args.slope = &e.Slope[o]
			}
			if start.X != nil {
				args.start, args.ss = &start.X[o*start.Stride+row*start.Pitch], max(start.Stride, 1)
			}
			callWinogradAct(level, size, &args)
			o += size
		}
	}
}

// noBias and noSlope stand for those that are left out, of the outputs of a block.
var noBias, noSlope = [10]float32{}, [10]float32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
