package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/kernel/winograd"
	"csnet/internal/op"
)

// winogradForward is a 3x3 convolution of whole maps by Winograd's F(2, 3), a band of tiles
// after the other. In a band all rows of a channel at one point of the transform lie in one
// run, with a zero between them.
type winogradForward struct {
	in, out, h, w int
	tiles         int // of a band
	pitch         int // between rows of a run
	outputs       int // that go by at a time
	size          int // weights of a point
	weights       []float32
}

// newWinogradForward returns the convolution of maps of h x w, nil where it had better be a
// plain sum. F(2, 3) needs no map of odd height: those of training's sizes are few and
// small.
func newWinogradForward(in, out, h, w int) *winogradForward {
	if in < op.MinForwardChannels || out < op.MinForwardChannels || !op.WinogradPays(h, 1) || h%winograd.F23Rows != 0 {
		return nil
	}
	t := &winogradForward{in: in, out: out, h: h, w: w, pitch: w + 1, size: 3 * in * out}
	t.tiles = min(max(op.ForwardFloats/(winograd.F23Points*in*t.pitch), 1), h/winograd.F23Rows)
	t.outputs = min(max(op.ForwardSums/(winograd.F23Points*t.tiles*t.pitch), op.ForwardOutputs), out)
	t.weights = make([]float32, winograd.F23Points*t.size)
	return t
}

// pack transforms the weights w (out, in, 3, 3) times scale, to [point][tap][output].
func (t *winogradForward) pack(w []float32, scale float32) {
	for o := range t.out {
		for c := range t.in {
			k := w[(o*t.in+c)*9:][:9]
			for x := range 3 {
				for p, u := range winograd.F23Taps(scale*k[x], scale*k[3+x], scale*k[6+x]) {
					t.weights[p*t.size+(3*c+x)*t.out+o] = u
				}
			}
		}
	}
}

// forward writes or adds the convolution of x, whose channels lie xs apart, to dst (out, h,
// w).
func (t *winogradForward) forward(dst, x []float32, xs int, acc bool, s *Scratch) {
	mark, all := s.Mark(), t.h/winograd.F23Rows
	v := s.Get(1 + winograd.F23Points*t.in*t.tiles*t.pitch)
	m := s.Get(winograd.F23Points * t.outputs * t.tiles * t.pitch)
	from := kernel.Planes{X: x, Stride: xs}
	// Zeros before, between and after rows of v.
	v[0] = 0
	pointwise.CopyRows(kernel.Rows(v[t.pitch:], t.pitch), kernel.Rows(s.Zeros(1), 0), 1, winograd.F23Points*t.in*t.tiles)
	for lo := 0; lo < all; lo += t.tiles {
		hi := min(lo+t.tiles, all)
		plane := (hi - lo) * t.pitch
		winograd.F23In(&kernel.Planes{X: v[1:], Stride: t.in * plane, Pitch: t.pitch}, &from, &winograd.Tiles{H: t.h, W: t.w, Planes: t.in, From: lo, To: hi})
		off := t.taps(plane, s)
		for o := 0; o < t.out; o += t.outputs {
			n := min(t.outputs, t.out-o)
			sums := kernel.Planes{X: m, Stride: n * plane, Pitch: t.pitch}
			for k := range winograd.F23Points {
				run := plane - 1
				w := kernel.Weights{W: t.weights[k*t.size+o:], Stride: t.out, Outputs: n}
				dense.Conv(&kernel.Planes{X: m[k*sums.Stride:], Stride: plane, Pitch: run}, kernel.Rows(v[k*t.in*plane:], run), off, &w, run, 1, false)
			}
			to := kernel.Planes{X: dst[o*t.h*t.w:], Stride: t.h * t.w}
			winograd.F23Out(&to, &sums, &winograd.Tiles{H: t.h, W: t.w, Planes: n, From: lo, To: hi}, acc)
		}
	}
	s.Release(mark)
}

// taps lists the offsets of the horizontal taps over runs of plane floats.
func (t *winogradForward) taps(plane int, s *Scratch) []int32 {
	off := s.Offsets(3 * t.in)
	for q := range off {
		off[q] = int32(q/3*plane + q%3)
	}
	return off
}
