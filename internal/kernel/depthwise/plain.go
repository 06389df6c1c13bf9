//go:build !amd64 || noasm

package depthwise

import "csnet/internal/kernel"

func conv(dst, x *kernel.Planes, w *[9]float32, n, rows int, _ []float32) {
	convGeneric(dst, x, w, n, rows)
}

func convGrad(dw *[9]float32, x, g *kernel.Planes, n, rows int, _ [2][]float32) {
	convGradGeneric(dw, x, g, n, rows)
}

func convAct(dst, x *Band, params []float32, s Span, _ bool) {
	convActGeneric(dst, x, params, s)
}
