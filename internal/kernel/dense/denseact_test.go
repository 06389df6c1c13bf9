package dense

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// slowConvAct is ConvAct as its comment says it, before the PReLU; scale
// takes magnitudes.
func slowConvAct(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act) {
	for o := range w.Outputs {
		for r := range rows {
			for i := range n {
				var s float64
				if len(a.Bias) > 0 {
					s = float64(a.Bias[o])
				}
				phases := max(a.Phases, 1)
				terms := len(a.ZOff) / phases
				for k := r % phases * terms; k < (r%phases+1)*terms; k++ {
					s += float64(a.ZW[k]) * float64(a.Z.X[int(a.ZOff[k])+o*a.Z.Stride+r/phases*a.Z.Pitch+i])
				}
				for t, f := range off {
					s += float64(w.W[t*w.Stride+o]) * float64(x.X[int(f)+r*x.Pitch+i])
				}
				dst.X[o*dst.Stride+r*dst.Pitch+i] = float32(s)
			}
		}
	}
}

// slowPReLU applies the PReLUs of a to want, and their slopes to scale.
func slowPReLU(want, scale *kernel.Planes, n, rows int, a *Act) {
	for o, slope := range a.Slope {
		for k := range n * rows {
			at := o*want.Stride + k/n*want.Pitch + k%n
			if want.X[at] < 0 {
				want.X[at], scale.X[at] = want.X[at]*slope, scale.X[at]*max(slope, -slope)
			}
		}
	}
}

// randomAct returns an Act for outputs of n x rows with some of its parts, in up
// to four phases; own makes dst the first term.
func randomAct(t *testing.T, m kerneltest.Memory, r *rand.Rand, seed int, c denseCase, dst kernel.Planes) (*Act, []kerneltest.Vector) {
	a, vs := &Act{Prefetch: seed % 3 * 16}, []kerneltest.Vector{}
	if seed%4 > 0 {
		v := m.Vector(t, c.oc, seed%5).Random(r)
		a.Bias, vs = v.Data, append(vs, v)
	}
	if seed%3 > 0 {
		v := m.Vector(t, c.oc, seed%3).Random(r)
		if seed%2 == 0 { // none above 1
			for i, s := range v.Data {
				v.Data[i] = min(s, 1)
			}
		}
		a.Slope, vs = v.Data, append(vs, v)
	}
	switch terms := seed / 2 % 5; {
	case terms == 4:
		a.Z, a.ZOff, a.ZW = dst, []int32{0}, []float32{1}
	case terms > 0:
		for a.Phases = seed % 5; a.Phases > 0 && c.rows%a.Phases > 0; {
			a.Phases--
		}
		rows := c.rows / max(a.Phases, 1)
		terms *= max(a.Phases, 1)
		a.Z.Pitch = c.n + seed%2
		plane := a.Z.Pitch * rows
		a.Z.Stride = plane*terms + seed%3
		for k := range terms {
			a.ZOff = append(a.ZOff, int32(k*plane))
			a.ZW = append(a.ZW, float32(r.NormFloat64()))
			if seed%7 == 0 {
				a.Bias, a.ZW[k] = nil, 1
			}
		}
		v := m.Vector(t, (c.oc-1)*a.Z.Stride+(terms*rows-1)*a.Z.Pitch+c.n, seed%11)
		for o := range c.oc {
			for k := range terms {
				v.Plane(r, o*a.Z.Stride+k*plane, a.Z.Pitch, c.n, rows)
			}
		}
		a.Z.X, vs = v.Data, append(vs, v)
	}
	return a, vs
}

func (a *Act) magnitudes() *Act {
	return &Act{Bias: kerneltest.Magnitudes(a.Bias), Z: kernel.Planes{X: kerneltest.Magnitudes(a.Z.X), Stride: a.Z.Stride, Pitch: a.Z.Pitch}, ZOff: a.ZOff, ZW: kerneltest.Magnitudes(a.ZW), Phases: a.Phases}
}

func TestDenseAct(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		cs := denseCases(m)
		for n := 1; n <= 40; n++ { // starts and PReLUs alone
			cs = append(cs, denseCase{0, 1, 1 + n%13, n, 4, n % 3, false})
		}
		for range 10 { // rows cut between phases
			cs = append(cs, denseCase{300, 1, 12, 112, 8, 0, false})
		}
		for i, c := range cs {
			testDenseAct(t, m, c, i)
		}
	})
}

func testDenseAct(t *testing.T, m kerneltest.Memory, c denseCase, seed int) {
	r := kerneltest.NewRand(seed)
	xp, size, off := c.layout()
	ws := c.oc + seed%3
	x := m.Vector(t, size, seed%16)
	for _, f := range off {
		x.Plane(r, int(f), xp, c.n, c.rows)
	}
	w := m.Vector(t, max(len(off)*ws-ws+c.oc, 0), seed%7)
	w.Plane(r, 0, ws, c.oc, len(off))
	dp := c.n + c.gap
	ds := dp*c.rows + c.gap
	dst := m.Vector(t, (c.oc-1)*ds+(c.rows-1)*dp+c.n, (seed+5)%16)
	for o := range c.oc {
		dst.Plane(r, o*ds, dp, c.n, c.rows)
	}
	out := kernel.Planes{X: dst.Data, Stride: ds, Pitch: dp}
	a, vs := randomAct(t, m, r, seed, c, out)
	want, scale := out, out
	want.X, scale.X = kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
	weights := kernel.Weights{W: w.Data, Stride: ws, Outputs: c.oc}
	slowConvAct(&want, kernel.Rows(x.Data, xp), off, &weights, c.n, c.rows, a)
	ma, mw := a.magnitudes(), weights
	mw.W = kerneltest.Magnitudes(w.Data)
	slowConvAct(&scale, kernel.Rows(kerneltest.Magnitudes(x.Data), xp), off, &mw, c.n, c.rows, ma)
	slowPReLU(&want, &scale, c.n, c.rows, a)
	ConvAct(&out, kernel.Rows(x.Data, xp), off, &weights, c.n, c.rows, a)
	kerneltest.Same(t, fmt.Sprintf("dense act %v: dst", c), dst.Data, want.X, scale.X)
	for _, v := range append(vs, x, w, dst) {
		v.Check(t)
	}
}

// TestDenseActCuts: an element's bits do not depend on how rows, columns and
// outputs are cut.
func TestDenseActCuts(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		r := kerneltest.NewRand(1)
		c := denseCase{24, 3, 13, 61, 48, 0, false}
		a, _ := randomAct(t, m, r, 34, c, kernel.Planes{}) // bias, slope, two terms in four phases
		testCuts(t, m, c, 1, func(dst, x *kernel.Planes, off []int32, w *kernel.Weights, p piece) {
			b, terms := *a, len(a.ZOff)/a.Phases
			if p.rows < c.rows { // one row, of one phase
				phase := p.row % a.Phases * terms
				b.Phases, b.ZOff, b.ZW = 0, a.ZOff[phase:][:terms], a.ZW[phase:][:terms]
			}
			b.Bias, b.Slope = a.Bias[p.output:], a.Slope[p.output:]
			b.Z.X = a.Z.X[p.output*a.Z.Stride+p.row/a.Phases*a.Z.Pitch+p.col:]
			ConvAct(dst, x, off, w, p.cols, p.rows, &b)
		})
	})
}

// TestDenseReduce: bit by bit what ConvAct and, over its outputs, ConvAct again
// make, slopes above 1 among them.
func TestDenseReduce(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, c := range denseCases(m) {
			r := kerneltest.NewRand(i)
			xp, size, off := c.layout()
			x, w := m.Vector(t, size, i%16).Random(r), m.Vector(t, len(off)*c.oc, i%7).Random(r)
			plane, dp := c.n*c.rows, c.n+c.gap
			maps := make([]float32, c.oc*plane)
			a, vs := randomAct(t, m, r, i, c, kernel.Planes{X: maps, Stride: plane, Pitch: c.n})
			if len(a.ZOff) == 1 {
				a.Z, a.ZOff, a.ZW = kernel.Planes{}, nil, nil // dst cannot be a term
			}
			factors, dst := m.Vector(t, c.oc, i%3).Random(r), m.Vector(t, (c.rows-1)*dp+c.n, (i+5)%16)
			dst.Plane(r, 0, dp, c.n, c.rows)
			want := kerneltest.Clone(dst.Data)
			d := &Reduce{W: factors.Data, Bias: 0.5, Acc: c.acc, Scratch: make([]float32, 4*plane)}
			var one []int32
			for o := range c.oc {
				one = append(one, int32(o*plane))
			}
			ConvAct(&kernel.Planes{X: maps, Stride: plane, Pitch: c.n}, kernel.Rows(x.Data, xp), off, &kernel.Weights{W: w.Data, Stride: c.oc, Outputs: c.oc}, c.n, c.rows, a)
			start := &Act{Bias: []float32{0.5}}
			if c.acc {
				start = &Act{Z: *kernel.Rows(want, dp), ZOff: []int32{0}, ZW: []float32{1}}
			}
			ConvAct(&kernel.Planes{X: want, Stride: 0, Pitch: dp}, kernel.Rows(maps, c.n), one, &kernel.Weights{W: factors.Data, Stride: 1, Outputs: 1}, c.n, c.rows, start)
			ConvReduce(kernel.Rows(dst.Data, dp), kernel.Rows(x.Data, xp), off, &kernel.Weights{W: w.Data, Stride: c.oc, Outputs: c.oc}, c.n, c.rows, a, d)
			kerneltest.SameBits(t, fmt.Sprintf("dense reduce %+v", c), dst.Data, want)
			for _, v := range append(vs, x, w, factors, dst) {
				v.Check(t)
			}
		}
	})
}
