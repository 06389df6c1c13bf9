//go:build amd64 && !noasm

package kernel

func maxPool(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes, f int) {
	level := Current()
	if level == Plain || rows <= 0 || n <= 0 || planes <= 0 || f != 2 && f != 4 {
		maxPoolGeneric(dst, ds, dp, src, ss, sp, n, rows, planes, f)
		return
	}
	_, _ = dst[(planes-1)*ds+(rows-1)*dp+n-1], src[(planes-1)*ss+(rows*f-1)*sp+n*f-1]
	callMaxPool(level, f, &maxPoolArgs{
		dst: &dst[0], ds: ds, dp: dp, src: &src[0], ss: ss, pitch: sp, n: n, rows: rows, planes: planes,
	})
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
	callMaxPoolGrad(level, f, acc, &dx[0], &src[0], &g[0], w, ow, oh)
}

func avgPool2(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes int) {
	level := Current()
	if level == Plain || rows <= 0 || n <= 0 || planes <= 0 {
		avgPool2Generic(dst, ds, dp, src, ss, sp, n, rows, planes)
		return
	}
	_, _ = dst[(planes-1)*ds+(rows-1)*dp+n-1], src[(planes-1)*ss+(2*rows-1)*sp+2*n-1]
	callAvgPool2(level, &avgPool2Args{
		dst: &dst[0], ds: ds, dp: dp, src: &src[0], ss: ss, pitch: sp, n: n, rows: rows, planes: planes,
	})
}

func avgPool2Grad(dx, g []float32, h, w int, acc bool) {
	level := Current()
	oh, ow := h/2, w/2
	if level == Plain || oh <= 0 || ow <= 0 {
		avgPool2GradGeneric(dx, g, h, w, acc)
		return
	}
	_, _ = g[oh*ow-1], dx[(2*oh-1)*w+2*ow-1]
	callAvgPool2Grad(level, acc, &dx[0], &g[0], w, ow, oh)
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
		callDeinterleave(level, &even[0], &odd[0], &row[0], ow)
	}
}
