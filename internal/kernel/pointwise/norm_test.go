package pointwise

import (
	"math"
	"slices"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
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
func eachLength(t *testing.T, f func(t *testing.T, a, b kerneltest.Vector)) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, n := range lengths() {
			r := kerneltest.NewRand(i)
			a, b := m.Vector(t, n, i%16).Random(r), m.Vector(t, n, (i+7)%16).Random(r)
			f(t, a, b)
			a.Check(t)
			b.Check(t)
		}
	})
}

func TestSum(t *testing.T) {
	eachLength(t, func(t *testing.T, a, b kerneltest.Vector) {
		var want, dev, scale, square float64
		for _, v := range a.Data {
			want += float64(v)
			scale += math.Abs(float64(v))
			d := float64(v) - float64(float32(0.3))
			dev += d
			square += d * d
		}
		kerneltest.Near(t, "sum", Sum(a.Data), want, scale)
		s0, s1 := Moments(a.Data, 0.3)
		kerneltest.Near(t, "deviation", s0, dev, scale+0.3*float64(len(a.Data)))
		kerneltest.Near(t, "squared deviation", s1, square, square)
	})
}

func TestNormAct(t *testing.T) {
	eachLength(t, func(t *testing.T, a, b kerneltest.Vector) {
		for _, slope := range []float32{0.25, 0, -0.5, 1.5} {
			want, scale := make([]float32, len(b.Data)), make([]float32, len(b.Data))
			normActGeneric(kernel.Rows(want, 0), kernel.Rows(b.Data, 0), len(b.Data), 1, 0.7, -0.2, slope)
			normActGeneric(kernel.Rows(scale, 0), kernel.Rows(kerneltest.Magnitudes(b.Data), 0), len(b.Data), 1, 0.7, 0.2, 0)
			for i := range scale {
				scale[i] *= max(1, float32(math.Abs(float64(slope))))
			}
			NormAct(a.Data, b.Data, 0.7, -0.2, slope)
			kerneltest.Same(t, "norm", a.Data, want, scale)
		}
		want := kerneltest.Clone(a.Data)
		NormAct(want, b.Data, 0.7, -0.2, 1.5)
		NormAct(b.Data, b.Data, 0.7, -0.2, 1.5)
		kerneltest.Same(t, "norm in place", b.Data, want, make([]float32, len(want)))
	})
}

func TestCopyRows(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := 1; n <= 150; n++ {
			r, rows := kerneltest.NewRand(n), 1+n%4
			dp, xp := n+n%3, n+n%5
			x := m.Vector(t, (rows-1)*xp+n, n%16).Random(r)
			dst := m.Vector(t, (rows-1)*dp+n, (n+3)%16)
			CopyRows(kernel.Rows(dst.Data, dp), kernel.Rows(x.Data, xp), n, rows)
			for k := range rows {
				if !slices.Equal(dst.Data[k*dp:][:n], x.Data[k*xp:][:n]) {
					t.Fatalf("%d rows of %d: row %d is not what was copied", rows, n, k)
				}
			}
			x.Check(t)
			dst.Check(t)

			// To where x lies, by floats further up.
			by := 1 + n*n%(n+20)
			both := m.Vector(t, rows*(n+by), n%16).Random(r)
			want := kerneltest.Clone(both.Data)
			CopyRows(kernel.Rows(both.Data, n+by), kernel.Rows(both.Data[by:], n+by), n, rows)
			for k := range rows {
				if row := k * (n + by); !slices.Equal(both.Data[row:][:n], want[row+by:][:n]) {
					t.Fatalf("%d rows of %d moved by %d: row %d is not what it was", rows, n, by, k)
				}
			}
			both.Check(t)
		}
	})
}

// TestNormActSpecial: NaN comes through, 0 and -0 take the slope's side, and
// infinities behave as in the loop.
func TestNormActSpecial(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		inf, nan := float32(math.Inf(1)), float32(math.NaN())
		in := []float32{nan, inf, -inf, 0, float32(math.Copysign(0, -1)), 1, -1, math.SmallestNonzeroFloat32}
		for n := 1; n <= 40; n++ {
			z := m.Vector(t, n, n%16)
			for i := range z.Data {
				z.Data[i] = in[(i+n)%len(in)]
			}
			want := make([]float32, n)
			normActGeneric(kernel.Rows(want, 0), kernel.Rows(z.Data, 0), n, 1, 1, 0, 0.25)
			NormAct(z.Data, z.Data, 1, 0, 0.25)
			for i, v := range z.Data {
				if want[i] == math.SmallestNonzeroFloat32 && v == 0 {
					continue // kerneltest.Vector kernels make denormals 0
				}
				if math.Float32bits(v) != math.Float32bits(want[i]) && !(v != v && want[i] != want[i]) {
					t.Fatalf("n %d: [%d] = %v, want %v", n, i, v, want[i])
				}
			}
			z.Check(t)
		}
	})
}

func TestActSums(t *testing.T) {
	const a, b, slope, mean = 0.7, -0.2, 0.3, -0.1
	eachLength(t, func(t *testing.T, d, z kerneltest.Vector) {
		for i, v := range z.Data { // keep u off 0, where rounding decides its side
			if u := a*v + b; u > -1e-5 && u < 1e-5 {
				z.Data[i] = 1
			}
		}
		var w, s [4]float64
		for i, v := range z.Data {
			e, u := float64(d.Data[i]), float64(a)*float64(v)+float64(b)
			size := math.Abs(a*float64(v)) + math.Abs(b)
			y := u
			if !(u > 0) {
				w[2] += e * u
				s[2] += math.Abs(e) * size
				e *= slope
				y *= slope
			}
			dev := float64(v) - mean
			w[0], s[0] = w[0]+e, s[0]+math.Abs(e)
			w[1], s[1] = w[1]+e*dev, s[1]+math.Abs(e)*(math.Abs(float64(v))+math.Abs(mean))
			w[3], s[3] = w[3]+y, s[3]+size
		}
		s0, s1, s2, s3 := ActSums(d.Data, z.Data, a, b, slope, mean)
		kerneltest.Near(t, "sum", s0, w[0], s[0])
		kerneltest.Near(t, "sumz", s1, w[1], s[1])
		kerneltest.Near(t, "sums", s2, w[2], s[2])
		kerneltest.Near(t, "sumy", s3, w[3], s[3])
	})
}

// TestSumsStored: kernels that take sums and store take the sums of those that only do that.
func TestSumsStored(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, n := range lengths() {
			r := kerneltest.NewRand(i)
			d, z := m.Vector(t, n, i%16).Random(r), m.Vector(t, n, (i+7)%16).Random(r)
			var w, got [4]float64
			w[0], w[1], w[2], w[3] = ActSums(d.Data, z.Data, 0.7, -0.2, 0.3, 0.1)
			s, q := Moments(d.Data, 0.3)
			for _, skew := range []int{0, 8, i % 16} {
				for _, stream := range []bool{false, true} {
					a, b := m.Vector(t, n, skew), m.Vector(t, n, skew)
					got[0], got[1], got[2], got[3] = ActSumsStore(a.Data, d.Data, z.Data, 0.7, -0.2, 0.3, 0.1, stream)
					gs, gq := MomentsStore(b.Data, d.Data, 0.3, stream)
					if got != w || gs != s || gq != q {
						t.Fatalf("%d, stream %v: sums %v, %v and %v, want %v, %v and %v", n, stream, got, gs, gq, w, s, q)
					}
					kerneltest.SameBits(t, "gradient", a.Data, d.Data)
					kerneltest.SameBits(t, "value", b.Data, d.Data)
					a.Check(t)
					b.Check(t)
				}
			}
			d.Check(t)
			z.Check(t)
		}
	})
}

// TestSides: NormAct and ActNormGrad take the same side of 0 for every z,
// however close.
func TestSides(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		const a, b = 1.0 / 3, -1.0 / 7
		z, d, y := m.Vector(t, 101, 1), m.Vector(t, 101, 2), make([]float32, 101)
		v := float32(3.0 / 7)
		for range 50 {
			v = math.Nextafter32(v, 0)
		}
		for i := range z.Data {
			z.Data[i], d.Data[i] = v, 1
			v = math.Nextafter32(v, 1)
		}
		NormAct(y, z.Data, a, b, 0)
		ActNormGrad(kernel.Rows(d.Data, 0), kernel.Rows(d.Data, 0), kernel.Rows(z.Data, 0), 101, 1, factors(a, b, 0, 1, 0, 0, 0), 0)
		above := 0
		for i := range y {
			if (y[i] > 0) != (d.Data[i] == 1) {
				t.Fatalf("z %v: output %v, gradient %v", z.Data[i], y[i], d.Data[i])
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

// TestActSpecial: a NaN takes the slope's side; what lies beyond the end adds
// nothing, though 0 times an infinite b would be NaN.
func TestActSpecial(t *testing.T) {
	inf := math.Inf(-1)
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := 1; n <= 70; n++ {
			z, d := m.Vector(t, n, n%16), m.Vector(t, n, n%5)
			for i := range n {
				z.Data[i], d.Data[i] = 1, 2
			}
			if s0, _, s2, s3 := ActSums(d.Data, z.Data, 1, float32(inf), 0.25, 0); s0 != 0.5*float64(n) || s2 != inf || s3 != inf {
				t.Fatalf("n %d: sums %v, %v and %v, want %v, -Inf and -Inf", n, s0, s2, s3, 0.5*float64(n))
			}
			if s0, _, _, s3 := ActSums(d.Data, z.Data, 1, 1, float32(inf), 0); s0 != 2*float64(n) || s3 != 2*float64(n) {
				t.Fatalf("n %d, infinite slope: sums %v and %v, want %v", n, s0, s3, 2*n)
			}
			d.Data[n/2], z.Data[n/2] = 8, float32(math.NaN())
			_, s1, s2, s3 := ActSums(d.Data, z.Data, 1, 0, 0.25, 0)
			ActNormGrad(kernel.Rows(d.Data, 0), kernel.Rows(d.Data, 0), kernel.Rows(z.Data, 0), n, 1, factors(1, 0, 0.25, 1, 0, 0, 0), 0)
			if s1 == s1 || s2 == s2 || s3 == s3 || d.Data[n/2] == d.Data[n/2] {
				t.Fatalf("n %d: a NaN gives the sums %v, %v, %v and the gradient %v, want NaN", n, s1, s2, s3, d.Data[n/2])
			}
		}
	})
}

// factors are those of one plane.
func factors(a, b, slope, p, q, r, mean float32) *NormFactors {
	return &NormFactors{[]float32{a}, []float32{b}, []float32{slope}, []float32{p}, []float32{q}, []float32{r}, []float32{mean}}
}

// TestPlanes: planes apart give what each alone gives with its factors.
func TestPlanes(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := 1; n <= 90; n++ {
			const planes = 3
			r := kerneltest.NewRand(n)
			ds, gs, zs := n+n%5, n+n%3, n+n%7
			f := &NormFactors{}
			for _, p := range []*[]float32{&f.A, &f.B, &f.Slope, &f.P, &f.Q, &f.R, &f.Mean} {
				*p = m.Vector(t, planes, n%4).Random(r).Data
			}
			dst := m.Vector(t, (planes-1)*ds+n, n%16)
			g, z := m.Vector(t, (planes-1)*gs+n, n%5).Random(r), m.Vector(t, (planes-1)*zs+n, n%3).Random(r)
			for what, make := range map[string]func(d []float32, k int){
				"act": func(d []float32, k int) {
					if k < 0 {
						NormActPlanes(&kernel.Planes{X: d, Stride: ds}, &kernel.Planes{X: z.Data, Stride: zs}, n, f.A, f.B, f.Slope)
						return
					}
					NormAct(d[k*ds:][:n], z.Data[k*zs:][:n], f.A[k], f.B[k], f.Slope[k])
				},
				"grad": func(d []float32, k int) {
					if k < 0 {
						ActNormGradPlanes(&kernel.Planes{X: d, Stride: ds}, &kernel.Planes{X: g.Data, Stride: gs}, &kernel.Planes{X: z.Data, Stride: zs}, n, f)
						return
					}
					ActNormGrad(kernel.Rows(d[k*ds:], 0), kernel.Rows(g.Data[k*gs:], 0), kernel.Rows(z.Data[k*zs:], 0), n, 1, f, k)
				},
			} {
				want := kerneltest.Clone(dst.Data)
				for k := range planes {
					make(want, k)
				}
				make(dst.Data, -1)
				for i, v := range dst.Data {
					if math.Float32bits(v) != math.Float32bits(want[i]) {
						t.Fatalf("%s of %d: [%d] = %v, want %v", what, n, i, v, want[i])
					}
				}
			}
			dst.Check(t)
			g.Check(t)
			z.Check(t)
		}
	})
}

func TestActNormGrad(t *testing.T) {
	const a, b, slope, p, q, r, mean = 0.9, -0.2, 0.4, 0.7, -0.2, 0.3, -0.1
	eachLength(t, func(t *testing.T, d, z kerneltest.Vector) {
		n := len(d.Data)
		for i, v := range z.Data {
			if u := a*v + b; u > -1e-5 && u < 1e-5 {
				z.Data[i] = 1
			}
		}
		want, scale := make([]float32, n), make([]float32, n)
		actNormGradGeneric(kernel.Rows(want, 0), kernel.Rows(d.Data, 0), kernel.Rows(z.Data, 0), n, 1, factors(a, b, slope, p, q, r, mean), 0)
		actNormGradGeneric(kernel.Rows(scale, 0), kernel.Rows(kerneltest.Magnitudes(d.Data), 0), kernel.Rows(kerneltest.Magnitudes(z.Data), 0), n, 1, factors(a, 1, 1, p, -q, r, mean), 0)
		ActNormGrad(kernel.Rows(d.Data, 0), kernel.Rows(d.Data, 0), kernel.Rows(z.Data, 0), n, 1, factors(a, b, slope, p, q, r, mean), 0)
		kerneltest.Same(t, "d", d.Data, want, scale)
	})
}

// TestRows: rows apart give what the rows alone give, and nothing between them
// is touched.
func TestRows(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := 1; n <= 40; n++ {
			const rows = 3
			dp, gp, zp := n+n%5, n+n%3, n+n%7
			r := kerneltest.NewRand(n)
			dst := m.Vector(t, (rows-1)*dp+n, n%16).Random(r)
			g, z := m.Vector(t, (rows-1)*gp+n, n%5).Random(r), m.Vector(t, (rows-1)*zp+n, n%3).Random(r)
			for _, f := range []func(dst []float32, dp int, g []float32, gp int, z []float32, zp, rows int){
				func(dst []float32, dp int, _ []float32, _ int, z []float32, zp, rows int) {
					NormActRows(kernel.Rows(dst, dp), kernel.Rows(z, zp), n, rows, 0.7, -0.2, 0.25)
				},
				func(dst []float32, dp int, g []float32, gp int, z []float32, zp, rows int) {
					ActNormGrad(kernel.Rows(dst, dp), kernel.Rows(g, gp), kernel.Rows(z, zp), n, rows, factors(0.9, -0.2, 0.4, 0.7, -0.2, 0.3, -0.1), 0)
				},
			} {
				want := kerneltest.Clone(dst.Data)
				for k := range rows {
					f(want[k*dp:], 0, g.Data[k*gp:], 0, z.Data[k*zp:], 0, 1)
				}
				f(dst.Data, dp, g.Data, gp, z.Data, zp, rows)
				for i := range want {
					if want[i] != dst.Data[i] {
						t.Fatalf("n %d: [%d] = %v, want %v", n, i, dst.Data[i], want[i])
					}
				}
			}
			dst.Check(t)
			g.Check(t)
			z.Check(t)
		}
	})
}

func TestAdd(t *testing.T) {
	eachLength(t, func(t *testing.T, d, z kerneltest.Vector) {
		want := kerneltest.Clone(d.Data)
		addGeneric(want, z.Data)
		Add(d.Data, z.Data)
		for i := range want {
			if want[i] != d.Data[i] {
				t.Fatalf("add: [%d] = %v, want %v", i, d.Data[i], want[i])
			}
		}
	})
}

// TestDenormals: kerneltest.Vector kernels take denormals for 0 and make none, and leave
// the processor as they found it.
func TestDenormals(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, _ kerneltest.Memory) {
		tiny := []float32{0x1p-130, 0x1p-140, 0x1p-100, 1}
		y := make([]float32, len(tiny))
		NormAct(y, tiny, 1, 0, 1)
		if kernel.Current() != kernel.Plain && (y[0] != 0 || y[1] != 0) || y[2] != 0x1p-100 || y[3] != 1 {
			t.Errorf("denormals: got %v", y)
		}
		NormAct(y, tiny, 0x1p-50, 0, 1)
		if kernel.Current() != kernel.Plain && y[2] != 0 || y[3] != 0x1p-50 {
			t.Errorf("products: got %v", y)
		}
		if v := tiny[0] * tiny[3]; v != 0x1p-130 {
			t.Errorf("after the kernel %g times 1 is %g", tiny[0], v)
		}
	})
}

func TestStream(t *testing.T) {
	eachLength(t, func(t *testing.T, a, b kerneltest.Vector) {
		Stream(a.Data, b.Data)
		for i, v := range b.Data {
			if math.Float32bits(a.Data[i]) != math.Float32bits(v) {
				t.Fatalf("%d of %d: %v, want %v", i, len(b.Data), a.Data[i], v)
			}
		}
	})
}
