package winograd

import (
	"fmt"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// BenchmarkWinogradRows evaluates the rows of one tile.
func BenchmarkWinogradRows(b *testing.B) {
	for _, s := range [][2]int{{224, 3}, {112, 10}, {56, 34}, {14, 40}} {
		n, planes := s[0], s[1]
		size := Points * n
		y, x := kerneltest.Ones(planes*size), kerneltest.Ones(planes*size)
		b.Run(fmt.Sprintf("In/%dx%d", n, planes), func(b *testing.B) {
			var in [Points]Row
			for i := range in {
				in[i] = Row{X: x[i*n:], Stride: size}
			}
			kerneltest.Bench(b, 0, len(x)+len(y), func() { In(&kernel.Planes{X: y, Stride: size, Pitch: n}, &in, n, planes) })
		})
		b.Run(fmt.Sprintf("GradIn/%dx%d", n, planes), func(b *testing.B) {
			var in [Rows]Row
			for i := range in {
				in[i] = Row{X: x[i*n:], Stride: size}
			}
			kerneltest.Bench(b, 0, planes*Rows*n+len(y), func() { GradIn(&kernel.Planes{X: y, Stride: size, Pitch: n}, &in, n, planes) })
		})
	}
}

// BenchmarkWinogradTapGrads turns the gradients at the points into those of the taps.
func BenchmarkWinogradTapGrads(b *testing.B) {
	in, n := 40, 3*40
	dst, du, g := kerneltest.Ones(3*n*in), kerneltest.Ones(Points*n*in), NewTapGrads(n*in)
	kerneltest.Bench(b, Points*len(dst), 2*len(dst)+len(du), func() { g.Add(&kernel.Planes{X: dst, Stride: 3 * n, Pitch: n}, du, n, in) })
}
