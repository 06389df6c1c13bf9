//go:build amd64 && !noasm

package kernel

func maxPool(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes, f int) {
	level := Current()
	if level == Plain || rows <= 0 || n <= 0 || planes <= 0 || f != 2 && f != 4 {
		maxPoolGeneric(dst, ds, dp, src, ss, sp, n, rows, planes, f)
		return
	}
	_, _ = dst[(planes-1)*ds+(rows-1)*dp+n-1], src[(planes-1)*ss+(rows*f-1)*sp+n*f-1]
	switch {
	case f == 2 && level == AVX512:
		maxPool2AVX512(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	case f == 2:
		maxPool2AVX2(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	case level == AVX512:
		maxPool4AVX512(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	default:
		maxPool4AVX2(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	}
}

func maxPoolGrad(dx, src, g []float32, h, w, f int, acc bool) {
	level := Current()
	oh, ow := h/f, w/f
	if level == Plain || oh <= 0 || ow <= 0 || f != 2 && f != 4 {
		maxPoolGradGeneric(dx, src, g, h, w, f, acc)
		return
	}
	end := (oh*f-1)*w + ow*f - 1
	_, _, _ = dx[end], src[end], g[oh*ow-1]
	switch {
	case f == 2 && level == AVX512 && acc:
		maxPoolGrad2AVX512(&dx[0], &src[0], &g[0], w, ow, oh)
	case f == 2 && level == AVX512:
		maxPoolGrad2StoreAVX512(&dx[0], &src[0], &g[0], w, ow, oh)
	case f == 2 && acc:
		maxPoolGrad2AVX2(&dx[0], &src[0], &g[0], w, ow, oh)
	case f == 2:
		maxPoolGrad2StoreAVX2(&dx[0], &src[0], &g[0], w, ow, oh)
	case level == AVX512 && acc:
		maxPoolGrad4AVX512(&dx[0], &src[0], &g[0], w, ow, oh)
	case level == AVX512:
		maxPoolGrad4StoreAVX512(&dx[0], &src[0], &g[0], w, ow, oh)
	case acc:
		maxPoolGrad4AVX2(&dx[0], &src[0], &g[0], w, ow, oh)
	default:
		maxPoolGrad4StoreAVX2(&dx[0], &src[0], &g[0], w, ow, oh)
	}
}

func avgPool2(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes int) {
	level := Current()
	if level == Plain || rows <= 0 || n <= 0 || planes <= 0 {
		avgPool2Generic(dst, ds, dp, src, ss, sp, n, rows, planes)
		return
	}
	_, _ = dst[(planes-1)*ds+(rows-1)*dp+n-1], src[(planes-1)*ss+(2*rows-1)*sp+2*n-1]
	if level == AVX512 {
		avgPool2AVX512(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
		return
	}
	avgPool2AVX2(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
}

func avgPool2Grad(dx, g []float32, h, w int, acc bool) {
	level := Current()
	oh, ow := h/2, w/2
	if level == Plain || oh <= 0 || ow <= 0 {
		avgPool2GradGeneric(dx, g, h, w, acc)
		return
	}
	_, _ = g[oh*ow-1], dx[(2*oh-1)*w+2*ow-1]
	switch {
	case level == AVX512 && acc:
		avgPool2GradAVX512(&dx[0], &g[0], w, ow, oh)
	case level == AVX512:
		avgPool2GradStoreAVX512(&dx[0], &g[0], w, ow, oh)
	case acc:
		avgPool2GradAVX2(&dx[0], &g[0], w, ow, oh)
	default:
		avgPool2GradStoreAVX2(&dx[0], &g[0], w, ow, oh)
	}
}

func deinterleave(dst [4][]float32, src []float32, h, w int) {
	level := Current()
	ow := w / 2
	if level == Plain || h <= 0 || ow <= 0 {
		deinterleaveGeneric(dst, src, h, w)
		return
	}
	for y := range h {
		row, at := src[y*w:][:2*ow], y/2*ow
		even, odd := dst[y%2*2][at:][:ow], dst[y%2*2+1][at:][:ow]
		if level == AVX512 {
			deinterleaveAVX512(&even[0], &odd[0], &row[0], ow)
		} else {
			deinterleaveAVX2(&even[0], &odd[0], &row[0], ow)
		}
	}
}

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
		upRow(level, f, d, a, b, 1-t, t, acc)
	}
}

// upRow upsamples the row wa*a + wb*b but for its ends.
func upRow(level Level, f int, d, a, b []float32, wa, wb float32, acc bool) {
	add, n := 0, len(a)
	if acc {
		add = 1
	}
	switch {
	case f == 2 && level == AVX512:
		upRow2AVX512(&d[0], &a[0], &b[0], n, wa, wb, add)
	case f == 2:
		upRow2AVX2(&d[0], &a[0], &b[0], n, wa, wb, add)
	case f == 4 && level == AVX512:
		upRow4AVX512(&d[0], &a[0], &b[0], n, wa, wb, add)
	case f == 4:
		upRow4AVX2(&d[0], &a[0], &b[0], n, wa, wb, add)
	case level == AVX512:
		upRow8AVX512(&d[0], &a[0], &b[0], n, wa, wb, add)
	default:
		upRow8AVX2(&d[0], &a[0], &b[0], n, wa, wb, add)
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
		d, p := &dsrc[c*w], &g[(lo-from)*w*f]
		switch {
		case f == 2 && level == AVX512:
			upGrad2AVX512(d, ds, p, gs, w*f, &ws[0], hi-lo, w, planes, &tmp[0])
		case f == 2:
			upGrad2AVX2(d, ds, p, gs, w*f, &ws[0], hi-lo, w, planes, &tmp[0])
		case f == 4 && level == AVX512:
			upGrad4AVX512(d, ds, p, gs, w*f, &ws[0], hi-lo, w, planes, &tmp[0])
		case f == 4:
			upGrad4AVX2(d, ds, p, gs, w*f, &ws[0], hi-lo, w, planes, &tmp[0])
		case level == AVX512:
			upGrad8AVX512(d, ds, p, gs, w*f, &ws[0], hi-lo, w, planes, &tmp[0])
		default:
			upGrad8AVX2(d, ds, p, gs, w*f, &ws[0], hi-lo, w, planes, &tmp[0])
		}
	}
}
