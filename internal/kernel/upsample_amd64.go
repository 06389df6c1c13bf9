//go:build amd64 && !noasm

package kernel

// vectorFactor says whether upsampling by f has kernels.
func vectorFactor(f int) bool { return f == 2 || f == 4 || f == 8 }

// upsample makes each output row from the two source rows around it; the
// outputs left of the first source and right of the last are copies.
func upsample(dst, src []float32, h, w, f, from, to int, acc bool, tmp []float32) {
	level := Current()
	if level == Plain || h <= 0 || w <= 0 || !vectorFactor(f) {
		upsampleGeneric(dst, src, h, w, f, from, to, acc, tmp)
		return
	}
	_ = src[h*w-1]
	add := 0
	if acc {
		add = 1
	}
	for y := from; y < to; y++ {
		y0, y1, t := upTap(y, h, f)
		a, b, d := src[y0*w:][:w], src[y1*w:][:w], dst[(y-from)*w*f:][:w*f]
		first, last := (1-t)*a[0]+t*b[0], (1-t)*a[w-1]+t*b[w-1]
		for i := range f / 2 {
			if acc {
				d[i] += first
				d[w*f-1-i] += last
			} else {
				d[i] = first
				d[w*f-1-i] = last
			}
		}
		callUpRow(level, f, &d[0], &a[0], &b[0], w, 1-t, t, add)
	}
}

// upsampleGradRows goes from row to row of sources. Outputs beyond the centres of
// the outer sources are these alone: their weight is 1.
func upsampleGradRows(dsrc []float32, ds int, g []float32, gs, h, w, f, from, to, planes int, tmp []float32) {
	level := Current()
	if level == Plain || h <= 0 || w <= 0 || planes <= 0 || from >= to || !vectorFactor(f) {
		upsampleGradGeneric(dsrc, ds, g, gs, h, w, f, from, to, planes, tmp)
		return
	}
	_, _, _ = dsrc[(planes-1)*ds+h*w-1], g[(planes-1)*gs+(to-from)*w*f-1], tmp[planes*(w+3)*f-1]
	var ws [16]float32
	args := upGradArgs{ds: ds, gs: gs, gp: w * f, w: &ws[0], n: w, planes: planes, tmp: &tmp[0]}
	for c := max((from-f/2)/f-1, 0); c < h; c++ {
		top := c*f - f/2
		lo, hi := max(top, from), min(top+2*f, to)
		if top >= to {
			break
		}
		if lo >= hi {
			continue
		}
		for y := lo; y < hi; y++ {
			y0, y1, t := upTap(y, h, f)
			ws[y-lo] = 0
			if y0 == c {
				ws[y-lo] += 1 - t
			}
			if y1 == c {
				ws[y-lo] += t
			}
		}
		args.dst, args.grad, args.k = &dsrc[c*w], &g[(lo-from)*w*f], hi-lo
		callUpGrad(level, f, &args)
	}
}

func across(dst []float32, ds, dp int, src []float32, ss, sp, n, f, rows, planes int) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 || planes <= 0 || !vectorFactor(f) {
		acrossGeneric(dst, ds, dp, src, ss, sp, n, f, rows, planes)
		return
	}
	_, _ = dst[(planes-1)*ds+(rows-1)*dp+n*f-1], src[(planes-1)*ss+(rows-1)*sp+n+AcrossSlack]
	callAcross(level, f, &acrossArgs{
		dst: &dst[0], ds: ds, dp: dp, src: &src[0], ss: ss, sp: sp, n: n, rows: rows, planes: planes,
	})
}
