//go:build amd64 && !noasm

package resample

import "csnet/internal/kernel"

func maxPool(dst, src *kernel.Planes, n, rows, planes, f int) {
	level := kernel.Current()
	if level == kernel.Plain || rows <= 0 || n <= 0 || planes <= 0 || f != 2 && f != 4 {
		maxPoolGeneric(dst, src, n, rows, planes, f)
		return
	}
	dst.Check(planes, rows, n)
	src.Check(planes, rows*f, n*f)
	callMaxPool(level, f, &maxPoolArgs{
		dst: &dst.X[0], ds: dst.Stride, dp: dst.Pitch, src: &src.X[0], ss: src.Stride, pitch: src.Pitch, n: n, rows: rows, planes: planes,
	})
}

func maxPoolGrad(dx, src, g []float32, h, w, f int, acc bool) {
	level := kernel.Current()
	oh, ow := h/f, w/f
	if level == kernel.Plain || oh <= 0 || ow <= 0 || f != 2 && f != 4 {
		maxPoolGradGeneric(dx, src, g, h, w, f, acc)
		return
	}
	end := (oh*f-1)*w + ow*f - 1
	_, _, _ = dx[end], src[end], g[oh*ow-1]
	callMaxPoolGrad(level, f, acc, &dx[0], &src[0], &g[0], w, ow, oh)
}

func avgPool2(dst, src *kernel.Planes, n, rows, planes int) {
	level := kernel.Current()
	if level == kernel.Plain || rows <= 0 || n <= 0 || planes <= 0 {
		avgPool2Generic(dst, src, n, rows, planes)
		return
	}
	dst.Check(planes, rows, n)
	src.Check(planes, 2*rows, 2*n)
	callAvgPool2(level, &avgPool2Args{
		dst: &dst.X[0], ds: dst.Stride, dp: dst.Pitch, src: &src.X[0], ss: src.Stride, pitch: src.Pitch, n: n, rows: rows, planes: planes,
	})
}

func avgPool2Grad(dx, g []float32, h, w int, acc bool) {
	level := kernel.Current()
	oh, ow := h/2, w/2
	if level == kernel.Plain || oh <= 0 || ow <= 0 {
		avgPool2GradGeneric(dx, g, h, w, acc)
		return
	}
	_, _ = g[oh*ow-1], dx[(2*oh-1)*w+2*ow-1]
	callAvgPool2Grad(level, acc, &dx[0], &g[0], w, ow, oh)
}

func deinterleave(dst [4][]float32, src []float32, h, w int) {
	level := kernel.Current()
	ow := w / 2
	if level == kernel.Plain || h <= 0 || ow <= 0 {
		deinterleaveGeneric(dst, src, h, w)
		return
	}
	for y := range h {
		row, at := src[y*w:][:2*ow], y/2*ow
		even, odd := dst[y%2*2][at:][:ow], dst[y%2*2+1][at:][:ow]
		callDeinterleave(level, &even[0], &odd[0], &row[0], ow)
	}
}
