//go:build amd64 && !noasm

package dense

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

func tall(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, bias, slope []float32) {
	level, oc := kernel.Current(), w.Outputs
	if level == kernel.Plain || len(off) == 0 || n <= 0 || rows <= 0 {
		tallGeneric(dst, x, off, w, n, rows, bias, slope)
		return
	}
	if slope != nil && pointwise.Steep(slope[:oc]) {
		tall(dst, x, off, w, n, rows, bias, nil)
		steepPReLU(dst, slope[:oc], n, rows)
		return
	}
	x.CheckTaps(off, rows+2, n)
	dst.Check(oc, rows, n)
	_ = w.W[3*len(off)*oc-1]
	if bias != nil {
		_ = bias[oc-1]
	}
	callDenseTall(level, oc, &denseTallArgs{
		dst: &dst.X[0], ds: dst.Stride, dp: dst.Pitch, x: &x.X[0], xp: x.Pitch, off: &off[0], taps: len(off), w: &w.W[0],
		n: n, rows: rows, bias: kernel.First(bias), slope: kernel.First(slope),
	})
}
