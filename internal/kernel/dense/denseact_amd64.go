//go:build amd64 && !noasm

package dense

import (
	"unsafe"

	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

func convReduce(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act, d *Reduce) {
	oc := w.Outputs
	if kernel.Current() == kernel.Plain || oc <= 0 || n <= 0 || rows <= 0 || a.Slope != nil && pointwise.Steep(a.Slope[:oc]) {
		convReduceGeneric(dst, x, off, w, n, rows, a, d)
		return
	}
	actBlocks(kernel.Rows(dst.X, dst.Pitch), x, off, w, n, rows, a, d)
}

// convAct has slopes above 1 applied by a pass of its own.
func convAct(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act) {
	if a.Slope != nil && pointwise.Steep(a.Slope[:w.Outputs]) {
		b := *a
		b.Slope = nil
		convAct(dst, x, off, w, n, rows, &b)
		steepPReLU(dst, a.Slope[:w.Outputs], n, rows)
		return
	}
	if kernel.Current() == kernel.Plain || w.Outputs <= 0 || n <= 0 || rows <= 0 {
		convActGeneric(dst, x, off, w, n, rows, a)
		return
	}
	actBlocks(dst, x, off, w, n, rows, a, nil)
}

// steepPReLU applies to every plane of x the PReLU of its slope, however steep.
func steepPReLU(x *kernel.Planes, slopes []float32, n, rows int) {
	for o, s := range slopes {
		plane := kernel.Rows(x.X[o*x.Stride:], x.Pitch)
		pointwise.NormActRows(plane, plane, n, rows, 1, 0, s)
	}
}

// actBlocks cuts as conv does; d, if any, is ConvReduce's.
func actBlocks(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act, d *Reduce) {
	oc := w.Outputs
	dst.Check(oc, rows, n)
	if len(off) > 0 {
		x.CheckTaps(off, rows, n)
		w.Check(len(off))
	}
	phases := a.phases()
	terms := len(a.ZOff) / phases
	args := denseActArgs{
		ds: dst.Stride, dp: dst.Pitch, xp: x.Pitch, off: unsafe.SliceData(off), taps: len(off), ws: w.Stride,
		zs: a.Z.Stride, zp: a.Z.Pitch, terms: terms, phases: phases, prefetch: a.Prefetch,
	}
	if terms > 0 {
		if a.Bias == nil && a.whole(terms) {
			args.whole = 1
		}
		a.Z.CheckTaps(a.ZOff, rows/phases, (oc-1)*a.Z.Stride+n)
		_ = a.ZW[len(a.ZOff)-1]
	}
	if dst.Pitch == n && x.Pitch == n && (terms == 0 || phases == 1 && a.Z.Pitch == n) {
		n, rows = n*rows, 1
	}
	level := kernel.Current()
	most := mostDenseActOutputs(level)
	var factors []float32
	if d != nil {
		factors = d.W[:oc]
	}
	blocks := (oc + most - 1) / most
	cols, deep := n, rows
	if blocks > 1 {
		cols, deep = tile(max(len(off), 1), n, rows)
	}
	taps := len(off) > 0
	for r := 0; r < rows; r += deep {
		for c := 0; c < n; c += cols {
			o := 0
			for b := range blocks {
				size := (oc - o) / (blocks - b)
				args.dst, args.x, args.w = &dst.X[o*dst.Stride+r*dst.Pitch+c], kernel.At(x.X, r*x.Pitch+c, taps), kernel.At(w.W, o, taps)
				args.n, args.rows = min(cols, n-c), min(deep, rows-r)
				args.bias, args.slope = kernel.At(a.Bias, o, a.Bias != nil), kernel.At(a.Slope, o, a.Slope != nil)
				p := r % phases
				args.z, args.phase = kernel.At(a.Z.X, o*a.Z.Stride+r/phases*a.Z.Pitch+c, terms > 0), phases-p
				args.zoff, args.zw = kernel.At(a.ZOff, p*terms, terms > 0), kernel.At(a.ZW, p*terms, terms > 0)
				args.reduce, args.begin = kernel.At(factors, o, d != nil), nil
				if d != nil && o == 0 && !d.Acc {
					args.begin = &d.Bias
				}
				callDenseAct(level, size, &args)
				o += size
			}
		}
	}
}

// whole reports whether each phase's first term counts once.
func (a *Act) whole(terms int) bool {
	for k := 0; k < len(a.ZW); k += terms {
		if a.ZW[k] != 1 {
			return false
		}
	}
	return true
}
