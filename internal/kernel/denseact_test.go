package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// slowDenseAct is DenseAct as its comment says it, before the PReLU; scale
// takes magnitudes.
func slowDenseAct(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act) {
	for o := range oc {
		for r := range rows {
			for i := range n {
				var s float64
				if len(a.Bias) > 0 {
					s = float64(a.Bias[o])
				}
				phases := max(a.Phases, 1)
				terms := len(a.ZOff) / phases
				for k := r % phases * terms; k < (r%phases+1)*terms; k++ {
					s += float64(a.ZW[k]) * float64(a.Z[int(a.ZOff[k])+o*a.ZS+r/phases*a.ZP+i])
				}
				for t, f := range off {
					s += float64(w[t*ws+o]) * float64(x[int(f)+r*xp+i])
				}
				dst[o*ds+r*dp+i] = float32(s)
			}
		}
	}
}

// randomAct returns an Act for outputs of n x rows with some of its parts, in up
// to four phases; own makes dst the first term.
func randomAct(t *testing.T, m memory, r *rand.Rand, seed int, c denseCase, dst []float32, ds, dp int) (*Act, []vector) {
	a, vs := &Act{Ahead: seed % 3 * 16}, []vector{}
	if seed%4 > 0 {
		v := m.vector(t, c.oc, seed%5).random(r)
		a.Bias, vs = v.data, append(vs, v)
	}
	if seed%3 > 0 {
		v := m.vector(t, c.oc, seed%3).random(r)
		if seed%2 == 0 { // none above 1
			for i, s := range v.data {
				v.data[i] = min(s, 1)
			}
		}
		a.Slope, vs = v.data, append(vs, v)
	}
	switch terms := seed / 2 % 5; {
	case terms == 4:
		a.Z, a.ZS, a.ZP, a.ZOff, a.ZW = dst, ds, dp, []int32{0}, []float32{1}
	case terms > 0:
		for a.Phases = seed % 5; a.Phases > 0 && c.rows%a.Phases > 0; {
			a.Phases--
		}
		rows := c.rows / max(a.Phases, 1)
		terms *= max(a.Phases, 1)
		a.ZP = c.n + seed%2
		plane := a.ZP * rows
		a.ZS = plane*terms + seed%3
		for k := range terms {
			a.ZOff = append(a.ZOff, int32(k*plane))
			a.ZW = append(a.ZW, float32(r.NormFloat64()))
			if seed%7 == 0 {
				a.Bias, a.ZW[k] = nil, 1
			}
		}
		v := m.vector(t, (c.oc-1)*a.ZS+(terms*rows-1)*a.ZP+c.n, seed%11)
		for o := range c.oc {
			for k := range terms {
				v.plane(r, o*a.ZS+k*plane, a.ZP, c.n, rows)
			}
		}
		a.Z, vs = v.data, append(vs, v)
	}
	return a, vs
}

func (a *Act) magnitudes(z []float32) *Act {
	return &Act{Bias: magnitudes(a.Bias), Z: magnitudes(z), ZS: a.ZS, ZP: a.ZP, ZOff: a.ZOff, ZW: magnitudes(a.ZW), Phases: a.Phases}
}

func TestDenseAct(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
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

func testDenseAct(t *testing.T, m memory, c denseCase, seed int) {
	r := newRand(seed)
	xp, size, off := c.layout()
	ws := c.oc + seed%3
	x := m.vector(t, size, seed%16)
	for _, f := range off {
		x.plane(r, int(f), xp, c.n, c.rows)
	}
	w := m.vector(t, max(len(off)*ws-ws+c.oc, 0), seed%7)
	w.plane(r, 0, ws, c.oc, len(off))
	dp := c.n + c.gap
	ds := dp*c.rows + c.gap
	dst := m.vector(t, (c.oc-1)*ds+(c.rows-1)*dp+c.n, (seed+5)%16)
	for o := range c.oc {
		dst.plane(r, o*ds, dp, c.n, c.rows)
	}
	a, vs := randomAct(t, m, r, seed, c, dst.data, ds, dp)
	want, scale := clone(dst.data), clone(dst.data)
	slowDenseAct(want, ds, dp, x.data, xp, off, w.data, ws, c.oc, c.n, c.rows, a)
	ma := a.magnitudes(a.Z)
	slowDenseAct(scale, ds, dp, magnitudes(x.data), xp, off, magnitudes(w.data), ws, c.oc, c.n, c.rows, ma)
	for o := range c.oc {
		for k := range c.n * c.rows {
			at := o*ds + k/c.n*dp + k%c.n
			if a.Slope != nil && want[at] < 0 {
				want[at], scale[at] = want[at]*a.Slope[o], scale[at]*max(a.Slope[o], -a.Slope[o])
			}
		}
	}
	DenseAct(dst.data, ds, dp, x.data, xp, off, w.data, ws, c.oc, c.n, c.rows, a)
	same(t, fmt.Sprintf("dense act %v: dst", c), dst.data, want, scale)
	for _, v := range append(vs, x, w, dst) {
		v.check(t)
	}
}

// TestDenseActCuts: an element's bits do not depend on how rows, columns and
// outputs are cut.
func TestDenseActCuts(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		r := newRand(1)
		c := denseCase{24, 3, 13, 61, 48, 0, false}
		xp, size, off := c.layout()
		x, w := m.vector(t, size, 3).random(r), m.vector(t, len(off)*c.oc, 1).random(r)
		plane := c.n * c.rows
		whole, parts := make([]float32, c.oc*plane), make([]float32, c.oc*plane)
		a, _ := randomAct(t, m, r, 34, c, nil, 0, 0) // bias, slope, two terms in four phases
		DenseAct(whole, plane, c.n, x.data, xp, off, w.data, c.oc, c.oc, c.n, c.rows, a)
		for o := range c.oc {
			for y := range c.rows {
				for _, cut := range [][2]int{{0, 5}, {5, 22}, {22, 61}} {
					b := *a
					b.Bias, b.Slope, b.Phases = a.Bias[o:], a.Slope[o:], 0
					terms := len(a.ZOff) / a.Phases
					b.Z, b.ZOff, b.ZW = a.Z[o*a.ZS+y/a.Phases*a.ZP+cut[0]:], a.ZOff[y%a.Phases*terms:][:terms], a.ZW[y%a.Phases*terms:][:terms]
					DenseAct(parts[o*plane+y*c.n+cut[0]:], plane, c.n, x.data[y*xp+cut[0]:], xp, off, w.data[o:], c.oc, 1, cut[1]-cut[0], 1, &b)
				}
			}
		}
		for i := range whole {
			if whole[i] != parts[i] {
				t.Fatalf("element %d: %v in one, %v in parts", i, whole[i], parts[i])
			}
		}
	})
}

// TestDenseDot: bit by bit what DenseAct and, over its outputs, DenseAct again
// make, slopes above 1 among them.
func TestDenseDot(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, c := range denseCases(m) {
			r := newRand(i)
			xp, size, off := c.layout()
			x, w := m.vector(t, size, i%16).random(r), m.vector(t, len(off)*c.oc, i%7).random(r)
			plane, dp := c.n*c.rows, c.n+c.gap
			maps := make([]float32, c.oc*plane)
			a, vs := randomAct(t, m, r, i, c, maps, plane, c.n)
			if len(a.ZOff) == 1 {
				a.Z, a.ZOff, a.ZW = nil, nil, nil // dst cannot be a term
			}
			factors, dst := m.vector(t, c.oc, i%3).random(r), m.vector(t, (c.rows-1)*dp+c.n, (i+5)%16)
			dst.plane(r, 0, dp, c.n, c.rows)
			want := clone(dst.data)
			d := &Dot{W: factors.data, Bias: 0.5, Acc: c.acc}
			var one []int32
			for o := range c.oc {
				one = append(one, int32(o*plane))
			}
			DenseAct(maps, plane, c.n, x.data, xp, off, w.data, c.oc, c.oc, c.n, c.rows, a)
			start := &Act{Bias: []float32{0.5}}
			if c.acc {
				start = &Act{Z: want, ZP: dp, ZOff: []int32{0}, ZW: []float32{1}}
			}
			DenseAct(want, 0, dp, maps, c.n, one, factors.data, 1, 1, c.n, c.rows, start)
			DenseDot(dst.data, dp, x.data, xp, off, w.data, c.oc, c.oc, c.n, c.rows, a, d, make([]float32, 4*plane))
			for k, v := range dst.data {
				if math.Float32bits(v) != math.Float32bits(want[k]) {
					t.Fatalf("dense dot %+v: [%d] = %v, in two steps %v", c, k, v, want[k])
				}
			}
			for _, v := range append(vs, x, w, factors, dst) {
				v.check(t)
			}
		}
	})
}
