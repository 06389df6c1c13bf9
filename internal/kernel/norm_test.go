package kernel

import (
	"math"
	"testing"
)

// lengths are all tails and some long runs, more than a chunk of any level.
func lengths() []int {
	var ns []int
	for n := range 71 {
		ns = append(ns, n)
	}
	return append(ns, 127, 128, 129, 1023, 1025, 16384, 16385, 50176)
}

// eachLength runs f with two vectors of random numbers.
func eachLength(t *testing.T, f func(t *testing.T, a, b vector)) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, n := range lengths() {
			r := newRand(i)
			a, b := m.vector(t, n, i%16).random(r), m.vector(t, n, (i+7)%16).random(r)
			f(t, a, b)
			a.check(t)
			b.check(t)
		}
	})
}

func TestSum(t *testing.T) {
	eachLength(t, func(t *testing.T, a, b vector) {
		var want, dev, scale, dscale float64
		for _, v := range a.data {
			want += float64(v)
			scale += math.Abs(float64(v))
			d := float64(v) - float64(float32(0.3))
			dev += d * d
		}
		dscale = dev
		near(t, "sum", Sum(a.data), want, scale)
		near(t, "squared deviation", SquaredDeviation(a.data, 0.3), dev, dscale)
	})
}

func TestNormAct(t *testing.T) {
	eachLength(t, func(t *testing.T, a, b vector) {
		for _, slope := range []float32{0.25, 0, -0.5, 1.5} {
			want, scale := make([]float32, len(b.data)), make([]float32, len(b.data))
			normActGeneric(want, b.data, 0.7, -0.2, slope)
			normActGeneric(scale, magnitudes(b.data), 0.7, 0.2, 0)
			for i := range scale {
				scale[i] *= max(1, float32(math.Abs(float64(slope))))
			}
			NormAct(a.data, b.data, 0.7, -0.2, slope)
			same(t, "norm", a.data, want, scale)
		}
		want := clone(a.data)
		NormAct(want, b.data, 0.7, -0.2, 1.5)
		NormAct(b.data, b.data, 0.7, -0.2, 1.5)
		same(t, "norm in place", b.data, want, make([]float32, len(want)))
	})
}

// TestNormActSpecial: NaN comes through, 0 and -0 take the slope's side, and
// infinities behave as in the loop.
func TestNormActSpecial(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		inf, nan := float32(math.Inf(1)), float32(math.NaN())
		in := []float32{nan, inf, -inf, 0, float32(math.Copysign(0, -1)), 1, -1, math.SmallestNonzeroFloat32}
		for n := 1; n <= 40; n++ {
			z := m.vector(t, n, n%16)
			for i := range z.data {
				z.data[i] = in[(i+n)%len(in)]
			}
			want := make([]float32, n)
			normActGeneric(want, z.data, 1, 0, 0.25)
			NormAct(z.data, z.data, 1, 0, 0.25)
			for i, v := range z.data {
				if math.Float32bits(v) != math.Float32bits(want[i]) && !(v != v && want[i] != want[i]) {
					t.Fatalf("n %d: [%d] = %v, want %v", n, i, v, want[i])
				}
			}
			z.check(t)
		}
	})
}

func TestActGrad(t *testing.T) {
	const a, b, slope, mean = 0.7, -0.2, 0.3, -0.1
	eachLength(t, func(t *testing.T, d, z vector) {
		for i, v := range z.data { // keep u off 0, where rounding decides its side
			if u := a*v + b; u > -1e-5 && u < 1e-5 {
				z.data[i] = 1
			}
		}
		want, scale := clone(d.data), magnitudes(d.data)
		var w, s [3]float64
		for i, v := range z.data {
			e, u := float64(d.data[i]), float64(a)*float64(v)+float64(b)
			if !(u > 0) {
				w[2] += e * u
				s[2] += math.Abs(e) * (math.Abs(a*float64(v)) + math.Abs(b))
				e *= slope
			}
			dev := float64(v) - mean
			w[0], s[0] = w[0]+e, s[0]+math.Abs(e)
			w[1], s[1] = w[1]+e*dev, s[1]+math.Abs(e)*(math.Abs(float64(v))+math.Abs(mean))
		}
		actGradGeneric(want, z.data, a, b, slope, mean)
		s0, s1, s2 := ActGrad(d.data, z.data, a, b, slope, mean)
		same(t, "d", d.data, want, scale)
		near(t, "sum", s0, w[0], s[0])
		near(t, "sumz", s1, w[1], s[1])
		near(t, "sums", s2, w[2], s[2])
	})
}

// TestActGradSides: NormAct and ActGrad take the same side of 0 for every z,
// however close.
func TestActGradSides(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		const a, b = 1.0 / 3, -1.0 / 7
		z, d, y := m.vector(t, 101, 1), m.vector(t, 101, 2), make([]float32, 101)
		v := float32(3.0 / 7)
		for range 50 {
			v = math.Nextafter32(v, 0)
		}
		for i := range z.data {
			z.data[i], d.data[i] = v, 1
			v = math.Nextafter32(v, 1)
		}
		NormAct(y, z.data, a, b, 0)
		ActGrad(d.data, z.data, a, b, 0, 0)
		above := 0
		for i := range y {
			if (y[i] > 0) != (d.data[i] == 1) {
				t.Fatalf("z %v: output %v, gradient %v", z.data[i], y[i], d.data[i])
			}
			if y[i] > 0 {
				above++
			}
		}
		if above == 0 || above == len(y) {
			t.Fatal("the test must see both sides")
		}
	})
}

// TestActGradSpecial: a NaN takes the slope's side; what lies beyond the end
// adds nothing, though 0 times an infinite b would be NaN.
func TestActGradSpecial(t *testing.T) {
	inf := math.Inf(-1)
	eachLevel(t, func(t *testing.T, m memory) {
		for n := 1; n <= 70; n++ {
			z, d := m.vector(t, n, n%16), m.vector(t, n, n%5)
			for i := range n {
				z.data[i], d.data[i] = 1, 2
			}
			if s0, _, s2 := ActGrad(d.data, z.data, 1, float32(inf), 0.25, 0); s0 != 0.5*float64(n) || s2 != inf {
				t.Fatalf("n %d: sums %v and %v, want %v and -Inf", n, s0, s2, 0.5*float64(n))
			}
			d.data[n/2], z.data[n/2] = 8, float32(math.NaN())
			_, s1, s2 := ActGrad(d.data, z.data, 1, 0, 0.25, 0)
			if d.data[n/2] != 2 || s1 == s1 || s2 == s2 {
				t.Fatalf("n %d: a NaN gives the gradient %v, want 2, and sums %v and %v, want NaN", n, d.data[n/2], s1, s2)
			}
		}
	})
}

func TestNormGradAndAdd(t *testing.T) {
	eachLength(t, func(t *testing.T, d, z vector) {
		const p, q, r, mean = 0.7, -0.2, 0.3, -0.1
		want, scale := clone(d.data), magnitudes(d.data)
		normGradGeneric(want, z.data, p, q, r, mean)
		normGradGeneric(scale, magnitudes(z.data), p, -q, r, mean)
		NormGrad(d.data, z.data, p, q, r, mean)
		same(t, "d", d.data, want, scale)
		want = clone(d.data)
		addGeneric(want, z.data)
		Add(d.data, z.data)
		for i := range want {
			if want[i] != d.data[i] {
				t.Fatalf("add: [%d] = %v, want %v", i, d.data[i], want[i])
			}
		}
	})
}
