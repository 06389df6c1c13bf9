package dense

import (
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// convolution is a dense one: channels in, outputs, side of the filter and of
// the map, dilation.
type convolution struct {
	name                    string
	in, out, side, n, apart int
}

func convolutions() []convolution {
	return []convolution{
		{"mix10to10at224", 10, 10, 1, 224, 1},
		{"mix19to19at224", 19, 19, 1, 224, 1},
		{"mix40to20at112", 40, 20, 1, 112, 1},
		{"mix40to40at56", 40, 40, 1, 56, 1},
		{"mix80to80at14", 80, 80, 1, 14, 1},
		{"stem3to20at112", 3, 20, 3, 112, 1},
		{"conv10to10at224", 10, 10, 3, 224, 1},
		{"conv20to20at112", 20, 20, 3, 112, 1},
		{"conv40to40at28", 40, 40, 3, 28, 1},
		{"conv40to40at14", 40, 40, 3, 14, 1},
		{"conv40to40at7", 40, 40, 3, 7, 1},
		{"dilated10to10at112", 10, 10, 3, 112, 4},
		{"dilated10to10at56", 10, 10, 3, 56, 8},
		{"dilated10to10at28", 10, 10, 3, 28, 16},
		{"head20to1at224", 20, 1, 1, 224, 1},
	}
}

// buffers returns x with its pitch and taps, weights and an output.
func (c convolution) buffers() (x []float32, xp int, off []int32, w, y []float32) {
	p := (c.side - 1) * c.apart
	xp = c.n + p
	plane := xp * xp
	for ch := range c.in {
		for i := range c.side {
			for k := range c.side {
				off = append(off, int32(ch*plane+i*c.apart*xp+k*c.apart))
			}
		}
	}
	return kerneltest.Ones(c.in * plane), xp, off, kerneltest.Ones(len(off) * c.out), kerneltest.Ones(c.out * c.n * c.n)
}

func BenchmarkDense(b *testing.B) {
	for _, c := range convolutions() {
		b.Run(c.name, func(b *testing.B) {
			x, xp, off, w, y := c.buffers()
			kerneltest.Bench(b, len(off)*len(y), len(x)+len(y), func() {
				Conv(&kernel.Planes{X: y, Stride: c.n * c.n, Pitch: c.n}, kernel.Rows(x, xp), off, &kernel.Weights{W: w, Stride: c.out, Outputs: c.out}, c.n, c.n, false)
			})
		})
	}
}

func BenchmarkDenseGrad(b *testing.B) {
	for _, c := range convolutions() {
		b.Run(c.name, func(b *testing.B) {
			x, xp, off, w, y := c.buffers()
			kerneltest.Bench(b, len(off)*len(y), len(x)+len(y), func() {
				clear(w)
				ConvGrad(&kernel.Weights{W: w, Stride: c.out, Outputs: c.out}, kernel.Rows(x, xp), off, &kernel.Planes{X: y, Stride: c.n * c.n, Pitch: c.n}, c.n, c.n)
			})
		})
	}
}

// BenchmarkDenseAct runs convolutions as evaluation does: sums begin between rows
// to upsample by 2, as the coarse octave of a gOctConv is, and end with a PReLU.
func BenchmarkDenseAct(b *testing.B) {
	eachAct(b, func(b *testing.B, c convolution, a *Act) {
		x, xp, off, w, y := c.buffers()
		kerneltest.Bench(b, len(off)*len(y), len(x)+len(a.Z.X)+len(y), func() {
			ConvAct(&kernel.Planes{X: y, Stride: c.n * c.n, Pitch: c.n}, kernel.Rows(x, xp), off, &kernel.Weights{W: w, Stride: c.out, Outputs: c.out}, c.n, c.n, a)
		})
	})
}

// BenchmarkDenseDot adds a convolution of one output, whose multiply-adds count.
func BenchmarkDenseDot(b *testing.B) {
	eachAct(b, func(b *testing.B, c convolution, a *Act) {
		x, xp, off, w, y := c.buffers()
		d := &Reduce{W: kerneltest.Ones(c.out), Scratch: kerneltest.Ones(4 * c.n * c.n)}
		kerneltest.Bench(b, (len(off)+1)*len(y), len(x)+len(a.Z.X)+c.n*c.n, func() {
			ConvReduce(kernel.Rows(y, c.n), kernel.Rows(x, xp), off, &kernel.Weights{W: w, Stride: c.out, Outputs: c.out}, c.n, c.n, a, d)
		})
	})
}

// eachAct runs f for some convolutions.
func eachAct(b *testing.B, f func(b *testing.B, c convolution, a *Act)) {
	for _, c := range []convolution{{"mix10to10at224", 10, 10, 1, 224, 1}, {"mix24to20at112", 24, 20, 1, 112, 1}, {"conv10to10at112", 10, 10, 3, 112, 1}, {"mix40to40at14", 40, 40, 1, 14, 1}} {
		b.Run(c.name, func(b *testing.B) {
			rows := c.n/2 + 2
			f(b, c, &Act{Slope: kerneltest.Ones(c.out), Z: kernel.Planes{X: kerneltest.Ones(c.out * rows * c.n), Stride: rows * c.n, Pitch: c.n}, ZOff: []int32{int32(c.n), 0, int32(c.n), int32(2 * c.n)}, ZW: []float32{3, 1, 3, 1}, Phases: 2})
		})
	}
}
