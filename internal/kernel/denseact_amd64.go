//go:build amd64 && !noasm

package kernel

import "unsafe"

func denseDot(dst []float32, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act, d *Dot, scratch []float32) {
	if Current() == Plain || oc <= 0 || n <= 0 || rows <= 0 || a.Slope != nil && steep(a.Slope[:oc]) {
		denseDotGeneric(dst, dp, x, xp, off, w, ws, oc, n, rows, a, d, scratch)
		return
	}
	denseBlocks(dst, 0, dp, x, xp, off, w, ws, oc, n, rows, a, d)
}

// denseAct has slopes above 1 applied by a pass of its own.
func denseAct(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act) {
	if a.Slope != nil && steep(a.Slope[:oc]) {
		b := *a
		b.Slope = nil
		denseAct(dst, ds, dp, x, xp, off, w, ws, oc, n, rows, &b)
		for o, s := range a.Slope[:oc] {
			normActRows(dst[o*ds:], dp, dst[o*ds:], dp, n, rows, 1, 0, s)
		}
		return
	}
	if Current() == Plain || oc <= 0 || n <= 0 || rows <= 0 {
		denseActGeneric(dst, ds, dp, x, xp, off, w, ws, oc, n, rows, a)
		return
	}
	denseBlocks(dst, ds, dp, x, xp, off, w, ws, oc, n, rows, a, nil)
}

// denseBlocks cuts as dense does; d: DenseDot.
func denseBlocks(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act, d *Dot) {
	_ = dst[(oc-1)*ds+(rows-1)*dp+n-1]
	if len(off) > 0 {
		checkPlanes(x, xp, off, n, rows)
		_ = w[(len(off)-1)*ws+oc-1]
	}
	phases := a.phases()
	terms := len(a.ZOff) / phases
	args := denseActArgs{
		ds: ds, dp: dp, xp: xp, off: unsafe.SliceData(off), taps: len(off), ws: ws,
		zs: a.ZS, zp: a.ZP, terms: terms, phases: phases, ahead: a.Ahead,
	}
	if terms > 0 {
		if a.Bias == nil && a.whole(terms) {
			args.whole = 1
		}
		checkPlanes(a.Z, a.ZP, a.ZOff, (oc-1)*a.ZS+n, rows/phases)
		_ = a.ZW[len(a.ZOff)-1]
	}
	if dp == n && xp == n && (terms == 0 || phases == 1 && a.ZP == n) {
		n, rows = n*rows, 1
	}
	level := Current()
	most := denseOutputs(level)
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
				args.dst, args.x, args.w = &dst[o*ds+r*dp+c], at(x, r*xp+c, taps), at(w, o, taps)
				args.n, args.rows = min(cols, n-c), min(deep, rows-r)
				args.bias, args.slope = at(a.Bias, o, a.Bias != nil), at(a.Slope, o, a.Slope != nil)
				p := r % phases
				args.z, args.phase = at(a.Z, o*a.ZS+r/phases*a.ZP+c, terms > 0), phases-p
				args.zoff, args.zw = at(a.ZOff, p*terms, terms > 0), at(a.ZW, p*terms, terms > 0)
				args.dot, args.begin = at(factors, o, d != nil), nil
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

// steep reports whether a slope is above 1: kernels take the larger of u and
// slope*u.
func steep(slopes []float32) bool {
	for _, s := range slopes {
		if s > 1 {
			return true
		}
	}
	return false
}
