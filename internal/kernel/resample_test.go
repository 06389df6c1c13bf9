package kernel

import (
	"fmt"
	"math"
	"testing"
)

// planes runs f for planes of windows of every width to 70 and CSNet's own.
func planes(t *testing.T, f func(t *testing.T, m memory, h, w, seed int)) {
	eachLevel(t, func(t *testing.T, m memory) {
		for w := 1; w <= 70; w++ {
			f(t, m, 1+w%4, w, w)
		}
		for _, n := range []int{7, 14, 28, 56} {
			f(t, m, n, n, n)
		}
	})
}

func TestMaxPool(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, f := range []int{1, 2, 3, 4, 8} {
		planes(t, func(t *testing.T, m memory, h, w, seed int) {
			r := newRand(seed)
			n := h * w
			src := m.vector(t, n*f*f, seed%16).random(r)
			for i := range src.data { // ties, NaN and infinities among them
				switch r.IntN(40) {
				case 0:
					src.data[i] = nan
				case 1:
					src.data[i] = inf
				default:
					src.data[i] = float32(math.Round(float64(src.data[i])*4) / 4)
				}
			}
			dst, want := m.vector(t, n, (seed+3)%16), make([]float32, n)
			MaxPool(dst.data, src.data, h*f, w*f, f)
			maxPoolGeneric(want, 0, w, src.data, 0, w*f, w, h, 1, f)
			equal(t, fmt.Sprintf("max pool %dx%d by %d", h, w, f), dst.data, want)
			apart(t, m, src.data, dst.data, h, w, f, func(d []float32, ds, dp int, x []float32, ss, sp, planes int) {
				MaxPoolRows(d, ds, dp, x, ss, sp, w, h, planes, f)
			})

			g, dx := m.vector(t, n, seed%5).random(r), m.vector(t, n*f*f, (seed+9)%16).random(r)
			wantDx := clone(dx.data)
			MaxPoolGrad(dx.data, src.data, g.data, h*f, w*f, f, true)
			maxPoolGradGeneric(wantDx, src.data, g.data, h*f, w*f, f, true)
			equal(t, fmt.Sprintf("max pool gradient %dx%d by %d", h, w, f), dx.data, wantDx)

			clear(wantDx)
			maxPoolGradGeneric(wantDx, src.data, g.data, h*f, w*f, f, true)
			MaxPoolGrad(dx.data, src.data, g.data, h*f, w*f, f, false)
			equal(t, fmt.Sprintf("stored max pool gradient %dx%d by %d", h, w, f), dx.data, wantDx)
			MaxPoolGrad(src.data, src.data, g.data, h*f, w*f, f, false)
			equal(t, fmt.Sprintf("max pool gradient in place %dx%d by %d", h, w, f), src.data, wantDx)
			for _, v := range []vector{src, dst, g, dx} {
				v.check(t)
			}
		})
	}
}

// equal fails unless got equals want, NaN being equal to NaN.
func equal(t testing.TB, what string, got, want []float32) {
	t.Helper()
	for i, v := range want {
		if got[i] != v && !(got[i] != got[i] && v != v) {
			t.Fatalf("%s: [%d] = %v, want %v", what, i, got[i], v)
		}
	}
}

// apart fails unless f, which pools by k, gives want for src, h*k x w*k, in every
// plane of maps whose rows and planes lie apart, and leaves what lies between.
func apart(t *testing.T, m memory, src, want []float32, h, w, k int, f func(d []float32, ds, dp int, x []float32, ss, sp, planes int)) {
	t.Helper()
	const gap, planes, mark = 2, 3, -7
	dp, sp := w+gap, w*k+1
	ds, ss := h*dp+1, h*k*sp+5
	v, x := m.vector(t, (planes-1)*ds+h*dp-gap, 5), m.vector(t, (planes-1)*ss+h*k*sp-1, 2)
	for i := range v.data {
		v.data[i] = mark
	}
	for p := range planes {
		for y := range h * k {
			copy(x.data[p*ss+y*sp:][:w*k], src[y*w*k:])
		}
	}
	f(v.data, ds, dp, x.data, ss, sp, planes)
	for p := range planes {
		for y := range h {
			row := v.data[p*ds+y*dp:][:w]
			equal(t, fmt.Sprintf("row %d of plane %d", y, p), row, want[y*w:][:w])
			for i := range row {
				row[i] = mark
			}
		}
	}
	for i, u := range v.data {
		if u != mark {
			t.Fatalf("%v between rows, at %d", u, i)
		}
	}
	v.check(t)
	x.check(t)
}

func TestAvgPool2(t *testing.T) {
	planes(t, func(t *testing.T, m memory, h, w, seed int) {
		r := newRand(seed)
		n := h * w
		src, dst := m.vector(t, 4*n, seed%16).random(r), m.vector(t, n, (seed+3)%16)
		want, scale := make([]float32, n), make([]float32, n)
		AvgPool2(dst.data, src.data, 2*h, 2*w)
		avgPool2Generic(want, 0, w, src.data, 0, 2*w, w, h, 1)
		avgPool2Generic(scale, 0, w, magnitudes(src.data), 0, 2*w, w, h, 1)
		same(t, "average pool", dst.data, want, scale)
		apart(t, m, src.data, dst.data, h, w, 2, func(d []float32, ds, dp int, x []float32, ss, sp, planes int) {
			AvgPool2Rows(d, ds, dp, x, ss, sp, w, h, planes)
		})

		wantDx := clone(src.data)
		AvgPool2Grad(src.data, dst.data, 2*h, 2*w, true)
		avgPool2GradGeneric(wantDx, dst.data, 2*h, 2*w, true)
		equal(t, "average pool gradient", src.data, wantDx)
		clear(wantDx)
		avgPool2GradGeneric(wantDx, dst.data, 2*h, 2*w, true)
		AvgPool2Grad(src.data, dst.data, 2*h, 2*w, false)
		equal(t, "stored average pool gradient", src.data, wantDx)
		src.check(t)
		dst.check(t)
	})
}

func TestDeinterleave(t *testing.T) {
	planes(t, func(t *testing.T, m memory, h, w, seed int) {
		n := h * w
		src := m.vector(t, 4*n, seed%16).random(newRand(seed))
		var vs [4]vector
		var got, want [4][]float32
		for i := range got {
			vs[i] = m.vector(t, n, (seed+i)%16)
			got[i], want[i] = vs[i].data, make([]float32, n)
		}
		Deinterleave(got, src.data, 2*h, 2*w)
		deinterleaveGeneric(want, src.data, 2*h, 2*w)
		for i := range got {
			equal(t, fmt.Sprintf("phase %d", i), got[i], want[i])
			vs[i].check(t)
		}
		src.check(t)
	})
}

func TestUpsample(t *testing.T) {
	for _, f := range []int{1, 2, 3, 4, 8, 16} {
		planes(t, func(t *testing.T, m memory, h, w, seed int) {
			r := newRand(seed)
			n := h * w
			if n*f*f > 30000 {
				return
			}
			src, tmp := m.vector(t, n, seed%16).random(r), m.vector(t, 2*(w+3)*f, 1)
			dst := m.vector(t, n*f*f, (seed+3)%16)
			acc := seed%2 == 0
			if acc {
				dst.random(r)
			}
			want, scale := clone(dst.data), magnitudes(dst.data)
			Upsample(dst.data, src.data, h, w, f, acc, tmp.data)
			upsampleGeneric(want, src.data, h, w, f, 0, h*f, acc, make([]float32, w))
			upsampleGeneric(scale, magnitudes(src.data), h, w, f, 0, h*f, acc, make([]float32, w))
			same(t, fmt.Sprintf("upsample %dx%d by %d", h, w, f), dst.data, want, scale)

			// Of some rows of two planes.
			from, to := seed%(h*f), h*f-seed/3%(h*f-seed%(h*f))
			gs, planes := (to-from)*w*f+seed%3, 2
			g, ds := m.vector(t, gs+(to-from)*w*f, seed%7).random(r), m.vector(t, 2*n+seed%2, (seed+9)%16).random(r)
			wantDs, dscale := clone(ds.data), magnitudes(ds.data)
			UpsampleGradRows(ds.data, n+seed%2, g.data, gs, h, w, f, from, to, planes, tmp.data)
			upsampleGradGeneric(wantDs, n+seed%2, g.data, gs, h, w, f, from, to, planes, make([]float32, w))
			upsampleGradGeneric(dscale, n+seed%2, magnitudes(g.data), gs, h, w, f, from, to, planes, make([]float32, w))
			same(t, fmt.Sprintf("upsample gradient %dx%d by %d, rows %d to %d", h, w, f, from, to), ds.data, wantDs, dscale)
			for _, v := range []vector{src, tmp, dst, g, ds} {
				v.check(t)
			}
		})
	}
}

// TestUpsampleAdjoint: <up(x), g> = <x, upGrad(g)>.
func TestUpsampleAdjoint(t *testing.T) {
	planes(t, func(t *testing.T, m memory, h, w, seed int) {
		f := []int{2, 4, 8}[seed%3]
		r := newRand(seed)
		n := h * w
		x, g := m.vector(t, n, 0).random(r), m.vector(t, n*f*f, 0).random(r)
		y, dx, tmp := make([]float32, n*f*f), make([]float32, n), make([]float32, (w+3)*f)
		Upsample(y, x.data, h, w, f, false, tmp)
		UpsampleGrad(dx, g.data, h, w, f, 1, tmp)
		var a, b, scale float64
		for i, v := range y {
			a += float64(v) * float64(g.data[i])
			scale += math.Abs(float64(v) * float64(g.data[i]))
		}
		for i, v := range dx {
			b += float64(v) * float64(x.data[i])
		}
		near(t, "adjoint", a, b, scale)
	})
}

func TestPad(t *testing.T) {
	planes(t, func(t *testing.T, m memory, h, w, seed int) {
		p := seed % 4
		src, dst := m.vector(t, h*w, seed%16).random(newRand(seed)), m.vector(t, (h+2*p)*(w+2*p), seed%5)
		Pad(dst.data, src.data, h, w, p)
		for i, v := range dst.data {
			y, x := i/(w+2*p)-p, i%(w+2*p)-p
			want := float32(0)
			if y >= 0 && y < h && x >= 0 && x < w {
				want = src.data[y*w+x]
			}
			if v != want {
				t.Fatalf("%dx%d by %d: (%d, %d) = %v, want %v", h, w, p, y, x, v, want)
			}
		}
		src.check(t)
		dst.check(t)
	})
}
