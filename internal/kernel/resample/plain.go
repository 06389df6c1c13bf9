//go:build !amd64 || noasm

package resample

import "csnet/internal/kernel"

func maxPool(dst, src *kernel.Planes, n, rows, planes, f int) {
	maxPoolGeneric(dst, src, n, rows, planes, f)
}

func maxPoolGrad(dx, src, g []float32, h, w, f int, acc bool) {
	maxPoolGradGeneric(dx, src, g, h, w, f, acc)
}

func avgPool2(dst, src *kernel.Planes, n, rows, planes int) {
	avgPool2Generic(dst, src, n, rows, planes)
}

func avgPool2Grad(dx, g []float32, h, w int, acc bool) { avgPool2GradGeneric(dx, g, h, w, acc) }

func deinterleave(dst [4][]float32, src []float32, h, w int) { deinterleaveGeneric(dst, src, h, w) }

func upsample(dst, src []float32, u Upsampling, acc bool, tmp []float32) {
	upsampleGeneric(dst, src, u, acc, tmp)
}

func upsampleGrad(dsrc, g *kernel.Planes, u Upsampling, planes int, tmp []float32) {
	upsampleGradGeneric(dsrc, g, u, planes, tmp)
}

func across(dst, src *kernel.Planes, n, f, rows, planes int) {
	acrossGeneric(dst, src, n, f, rows, planes)
}

func evensOf(dst, src []float32) { evensGeneric(dst, src) }

func maximumOf(dst, x []float32) { maximumGeneric(dst, x) }
