//go:build !amd64 || noasm

package dense

import "csnet/internal/kernel"

func conv(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, acc bool) {
	ConvGeneric(dst, x, off, w, n, rows, acc)
}

func convGrad(dw *kernel.Weights, x *kernel.Planes, off []int32, g *kernel.Planes, n, rows int) {
	convGradGeneric(dw, x, off, g, n, rows)
}

func convAct(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act) {
	convActGeneric(dst, x, off, w, n, rows, a)
}

func convReduce(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act, d *Reduce) {
	convReduceGeneric(dst, x, off, w, n, rows, a, d)
}

func tall(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, bias, slope []float32) {
	tallGeneric(dst, x, off, w, n, rows, bias, slope)
}
