package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkDenseAct runs convolutions as evaluation does: sums begin between rows
// to upsample by 2, as the coarse octave of a gOctConv is, and end with a PReLU.
func BenchmarkDenseAct(b *testing.B) {
	eachAct(b, func(b *testing.B, c convolution, a *Act) {
		x, xp, off, w, y := c.buffers()
		bench(b, len(off)*len(y), len(x)+len(a.Z)+len(y), func() {
			DenseAct(y, c.n*c.n, c.n, x, xp, off, w, c.out, c.out, c.n, c.n, a)
		})
	})
}

// BenchmarkDenseDot adds a convolution of one output, whose multiply-adds count.
func BenchmarkDenseDot(b *testing.B) {
	eachAct(b, func(b *testing.B, c convolution, a *Act) {
		x, xp, off, w, y := c.buffers()
		d, scratch := &Dot{W: ones(c.out)}, ones(4*c.n*c.n)
		bench(b, (len(off)+1)*len(y), len(x)+len(a.Z)+c.n*c.n, func() {
			DenseDot(y, c.n, x, xp, off, w, c.out, c.out, c.n, c.n, a, d, scratch)
		})
	})
}

// eachAct runs f for some convolutions.
func eachAct(b *testing.B, f func(b *testing.B, c convolution, a *Act)) {
	for _, c := range []convolution{{"mix10to10at224", 10, 10, 1, 224, 1}, {"mix24to20at112", 24, 20, 1, 112, 1}, {"conv10to10at112", 10, 10, 3, 112, 1}, {"mix40to40at14", 40, 40, 1, 14, 1}} {
		b.Run(c.name, func(b *testing.B) {
			rows := c.n/2 + 2
			f(b, c, &Act{Slope: ones(c.out), Z: ones(c.out * rows * c.n), ZS: rows * c.n, ZP: c.n, ZOff: []int32{int32(c.n), 0, int32(c.n), int32(2 * c.n)}, ZW: []float32{3, 1, 3, 1}, Phases: 2})
		})
	}
}

func BenchmarkAcross(b *testing.B) {
	for _, s := range [][3]int{{112, 10, 2}, {28, 40, 2}, {28, 26, 4}} {
		n, planes, f := s[0], s[1], s[2]
		b.Run(fmt.Sprintf("%dx%dby%d", n, planes, f), func(b *testing.B) {
			x, y := ones(1+planes*n*n+AcrossSlack), ones(planes*n*n*f)
			bench(b, 0, len(x)+len(y), func() { Across(y, n*n*f, n*f, x, n*n, n, n, f, n, planes) })
		})
	}
}

// BenchmarkWinogradRows evaluates the rows of one tile.
func BenchmarkWinogradRows(b *testing.B) {
	for _, s := range [][2]int{{224, 3}, {112, 10}, {56, 34}, {14, 40}} {
		n, planes := s[0], s[1]
		size := WinogradPoints * n
		y, x := ones(planes*size), ones(planes*size)
		b.Run(fmt.Sprintf("In/%dx%d", n, planes), func(b *testing.B) {
			var in [WinogradPoints]Row
			for i := range in {
				in[i] = Row{X: x[i*n:], Stride: size}
			}
			bench(b, 0, len(x)+len(y), func() { WinogradIn(y, size, n, &in, n, planes) })
		})
		b.Run(fmt.Sprintf("GradIn/%dx%d", n, planes), func(b *testing.B) {
			var in [WinogradRows]Row
			for i := range in {
				in[i] = Row{X: x[i*n:], Stride: size}
			}
			bench(b, 0, planes*WinogradRows*n+len(y), func() { WinogradGradIn(y, size, n, &in, n, planes) })
		})
	}
}

// BenchmarkWinogradTapGrads turns the gradients at the points into those of the taps.
func BenchmarkWinogradTapGrads(b *testing.B) {
	in, n := 40, 3*40
	dst, du, g := ones(3*n*in), ones(WinogradPoints*n*in), NewWinogradTapGrads(n*in)
	bench(b, WinogradPoints*len(dst), 2*len(dst)+len(du), func() { g.Add(dst, 3*n, n, du, n, in) })
}

func BenchmarkCopies(b *testing.B) {
	eachMap(b, func(b *testing.B, n, channels int) {
		size := channels * n * n
		x, y := ones(size), ones(size)
		b.Run("CopyRows", func(b *testing.B) {
			bench(b, 0, 2*size, func() { CopyRows(y, n*n, x, n*n, n*n, channels) })
		})
		b.Run("Stream", func(b *testing.B) { bench(b, 0, 2*size, func() { Stream(y, x) }) })
		if n%2 > 0 {
			return
		}
		b.Run("Deinterleave", func(b *testing.B) {
			q := n * n / 4
			bench(b, 0, 2*size, func() {
				for at := 0; at < size; at += n * n {
					d := y[at:]
					Deinterleave([4][]float32{d[:q], d[q : 2*q], d[2*q : 3*q], d[3*q:]}, x[at:], n, n)
				}
			})
		})
	})
}
