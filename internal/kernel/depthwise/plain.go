//go:build !amd64 || noasm

package depthwise

import "csnet/internal/kernel"

func conv(dst, x *kernel.Planes, w *[9]float32, n, rows int, _ Next) {
	convGeneric(dst, x, w, n, rows)
}

func convFloat16(dst *kernel.HalfPlanes[kernel.Float16], x *kernel.Planes, w *[9]float32, n, rows int, _ Next) {
	convFloat16Generic(dst, x, w, n, rows)
}

func convGrad(dw *[9]float32, x, g *kernel.Planes, n, rows int, _ [2]Next) {
	convGradGeneric(dw, x, g, n, rows)
}

func convAct(dst, x *Band, params []float32, s Span, _ bool) {
	convActGeneric(dst, x, params, s)
}
