package resample

import (
	"fmt"
	"math"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// planes runs f for planes of windows of every width to 70 and CSNet's own.
func planes(t *testing.T, f func(t *testing.T, m kerneltest.Memory, h, w, seed int)) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
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
		planes(t, func(t *testing.T, m kerneltest.Memory, h, w, seed int) {
			r := kerneltest.NewRand(seed)
			n := h * w
			src := m.Vector(t, n*f*f, seed%16).Random(r)
			for i := range src.Data { // ties, NaN and infinities among them
				switch r.IntN(40) {
				case 0:
					src.Data[i] = nan
				case 1:
					src.Data[i] = inf
				default:
					src.Data[i] = float32(math.Round(float64(src.Data[i])*4) / 4)
				}
			}
			dst, want := m.Vector(t, n, (seed+3)%16), make([]float32, n)
			MaxPool(kernel.Rows(dst.Data, w*f/f), kernel.Rows(src.Data, w*f), w*f/f, h*f/f, 1, f)
			maxPoolGeneric(&kernel.Planes{X: want, Stride: 0, Pitch: w}, &kernel.Planes{X: src.Data, Stride: 0, Pitch: w * f}, w, h, 1, f)
			equal(t, fmt.Sprintf("max pool %dx%d by %d", h, w, f), dst.Data, want)
			apart(t, m, src.Data, dst.Data, h, w, f, func(d []float32, ds, dp int, x []float32, ss, sp, planes int) {
				MaxPool(&kernel.Planes{X: d, Stride: ds, Pitch: dp}, &kernel.Planes{X: x, Stride: ss, Pitch: sp}, w, h, planes, f)
			})

			g, dx := m.Vector(t, n, seed%5).Random(r), m.Vector(t, n*f*f, (seed+9)%16).Random(r)
			wantDx := kerneltest.Clone(dx.Data)
			MaxPoolGrad(dx.Data, src.Data, g.Data, h*f, w*f, f, true)
			maxPoolGradGeneric(wantDx, src.Data, g.Data, h*f, w*f, f, true)
			equal(t, fmt.Sprintf("max pool gradient %dx%d by %d", h, w, f), dx.Data, wantDx)

			clear(wantDx)
			maxPoolGradGeneric(wantDx, src.Data, g.Data, h*f, w*f, f, true)
			MaxPoolGrad(dx.Data, src.Data, g.Data, h*f, w*f, f, false)
			equal(t, fmt.Sprintf("stored max pool gradient %dx%d by %d", h, w, f), dx.Data, wantDx)
			MaxPoolGrad(src.Data, src.Data, g.Data, h*f, w*f, f, false)
			equal(t, fmt.Sprintf("max pool gradient in place %dx%d by %d", h, w, f), src.Data, wantDx)
			for _, v := range []kerneltest.Vector{src, dst, g, dx} {
				v.Check(t)
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
func apart(t *testing.T, m kerneltest.Memory, src, want []float32, h, w, k int, f func(d []float32, ds, dp int, x []float32, ss, sp, planes int)) {
	t.Helper()
	const gap, planes, mark = 2, 3, -7
	dp, sp := w+gap, w*k+1
	ds, ss := h*dp+1, h*k*sp+5
	v, x := m.Vector(t, (planes-1)*ds+h*dp-gap, 5), m.Vector(t, (planes-1)*ss+h*k*sp-1, 2)
	for i := range v.Data {
		v.Data[i] = mark
	}
	for p := range planes {
		for y := range h * k {
			copy(x.Data[p*ss+y*sp:][:w*k], src[y*w*k:])
		}
	}
	f(v.Data, ds, dp, x.Data, ss, sp, planes)
	for p := range planes {
		for y := range h {
			row := v.Data[p*ds+y*dp:][:w]
			equal(t, fmt.Sprintf("row %d of plane %d", y, p), row, want[y*w:][:w])
			for i := range row {
				row[i] = mark
			}
		}
	}
	for i, u := range v.Data {
		if u != mark {
			t.Fatalf("%v between rows, at %d", u, i)
		}
	}
	v.Check(t)
	x.Check(t)
}

func TestAvgPool2(t *testing.T) {
	planes(t, func(t *testing.T, m kerneltest.Memory, h, w, seed int) {
		r := kerneltest.NewRand(seed)
		n := h * w
		src, dst := m.Vector(t, 4*n, seed%16).Random(r), m.Vector(t, n, (seed+3)%16)
		want, scale := make([]float32, n), make([]float32, n)
		AvgPool2(dst.Data, src.Data, 2*h, 2*w)
		avgPool2Generic(&kernel.Planes{X: want, Stride: 0, Pitch: w}, &kernel.Planes{X: src.Data, Stride: 0, Pitch: 2 * w}, w, h, 1)
		avgPool2Generic(&kernel.Planes{X: scale, Stride: 0, Pitch: w}, &kernel.Planes{X: kerneltest.Magnitudes(src.Data), Stride: 0, Pitch: 2 * w}, w, h, 1)
		kerneltest.Same(t, "average pool", dst.Data, want, scale)
		apart(t, m, src.Data, dst.Data, h, w, 2, func(d []float32, ds, dp int, x []float32, ss, sp, planes int) {
			AvgPool2Rows(&kernel.Planes{X: d, Stride: ds, Pitch: dp}, &kernel.Planes{X: x, Stride: ss, Pitch: sp}, w, h, planes)
		})

		wantDx := kerneltest.Clone(src.Data)
		AvgPool2Grad(src.Data, dst.Data, 2*h, 2*w, true)
		avgPool2GradGeneric(wantDx, dst.Data, 2*h, 2*w, true)
		equal(t, "average pool gradient", src.Data, wantDx)
		clear(wantDx)
		avgPool2GradGeneric(wantDx, dst.Data, 2*h, 2*w, true)
		AvgPool2Grad(src.Data, dst.Data, 2*h, 2*w, false)
		equal(t, "stored average pool gradient", src.Data, wantDx)
		src.Check(t)
		dst.Check(t)
	})
}

func TestDeinterleave(t *testing.T) {
	planes(t, func(t *testing.T, m kerneltest.Memory, h, w, seed int) {
		n := h * w
		src := m.Vector(t, 4*n, seed%16).Random(kerneltest.NewRand(seed))
		var vs [4]kerneltest.Vector
		var got, want [4][]float32
		for i := range got {
			vs[i] = m.Vector(t, n, (seed+i)%16)
			got[i], want[i] = vs[i].Data, make([]float32, n)
		}
		Deinterleave(got, src.Data, 2*h, 2*w)
		deinterleaveGeneric(want, src.Data, 2*h, 2*w)
		for i := range got {
			equal(t, fmt.Sprintf("phase %d", i), got[i], want[i])
			vs[i].Check(t)
		}
		src.Check(t)
	})
}

func TestUpsample(t *testing.T) {
	for _, f := range []int{1, 2, 3, 4, 8, 16} {
		planes(t, func(t *testing.T, m kerneltest.Memory, h, w, seed int) {
			r := kerneltest.NewRand(seed)
			n := h * w
			if n*f*f > 30000 {
				return
			}
			src, tmp := m.Vector(t, n, seed%16).Random(r), m.Vector(t, 2*(w+3)*f, 1)
			dst := m.Vector(t, n*f*f, (seed+3)%16)
			acc := seed%2 == 0
			if acc {
				dst.Random(r)
			}
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Magnitudes(dst.Data)
			Upsample(dst.Data, src.Data, h, w, f, acc, tmp.Data)
			upsampleGeneric(want, src.Data, Upsampling{Height: h, Width: w, Factor: f, From: 0, To: h * f}, acc, make([]float32, w))
			upsampleGeneric(scale, kerneltest.Magnitudes(src.Data), Upsampling{Height: h, Width: w, Factor: f, From: 0, To: h * f}, acc, make([]float32, w))
			kerneltest.Same(t, fmt.Sprintf("upsample %dx%d by %d", h, w, f), dst.Data, want, scale)

			// Of some rows of two planes.
			from, to := seed%(h*f), h*f-seed/3%(h*f-seed%(h*f))
			gs, planes := (to-from)*w*f+seed%3, 2
			g, ds := m.Vector(t, gs+(to-from)*w*f, seed%7).Random(r), m.Vector(t, 2*n+seed%2, (seed+9)%16).Random(r)
			wantDs, dscale := kerneltest.Clone(ds.Data), kerneltest.Magnitudes(ds.Data)
			cut := kerneltest.Clone(ds.Data)
			UpsampleGradRows(&kernel.Planes{X: ds.Data, Stride: n + seed%2}, &kernel.Planes{X: g.Data, Stride: gs}, Upsampling{Height: h, Width: w, Factor: f, From: from, To: to}, planes, tmp.Data)
			upsampleGradGeneric(&kernel.Planes{X: wantDs, Stride: n + seed%2}, &kernel.Planes{X: g.Data, Stride: gs}, Upsampling{Height: h, Width: w, Factor: f, From: from, To: to}, planes, make([]float32, w))
			upsampleGradGeneric(&kernel.Planes{X: dscale, Stride: n + seed%2}, &kernel.Planes{X: kerneltest.Magnitudes(g.Data), Stride: gs}, Upsampling{Height: h, Width: w, Factor: f, From: from, To: to}, planes, make([]float32, w))
			kerneltest.Same(t, fmt.Sprintf("upsample gradient %dx%d by %d, rows %d to %d", h, w, f, from, to), ds.Data, wantDs, dscale)

			// Of sources that begin with the first row that counts.
			first, _, _ := upTap(from, h, f)
			u := Upsampling{Height: h, Width: w, Factor: f, From: from, To: to, First: first}
			UpsampleGradRows(&kernel.Planes{X: cut[first*w:], Stride: n + seed%2}, &kernel.Planes{X: g.Data, Stride: gs}, u, planes, tmp.Data)
			equal(t, fmt.Sprintf("upsample gradient from row %d on", first), cut, ds.Data)
			rows := make([]float32, (to-from)*w*f)
			UpsampleRows(rows, src.Data[first*w:], u, false, tmp.Data)
			Upsample(dst.Data, src.Data, h, w, f, false, tmp.Data)
			equal(t, fmt.Sprintf("upsample from row %d on", first), rows, dst.Data[from*w*f:to*w*f])
			for _, v := range []kerneltest.Vector{src, tmp, dst, g, ds} {
				v.Check(t)
			}
		})
	}
}

// TestUpsampleAdjoint: <up(x), g> = <x, upGrad(g)>.
func TestUpsampleAdjoint(t *testing.T) {
	planes(t, func(t *testing.T, m kerneltest.Memory, h, w, seed int) {
		f := []int{2, 4, 8}[seed%3]
		r := kerneltest.NewRand(seed)
		n := h * w
		x, g := m.Vector(t, n, 0).Random(r), m.Vector(t, n*f*f, 0).Random(r)
		y, dx, tmp := make([]float32, n*f*f), make([]float32, n), make([]float32, (w+3)*f)
		Upsample(y, x.Data, h, w, f, false, tmp)
		UpsampleGrad(dx, g.Data, h, w, f, 1, tmp)
		var a, b, scale float64
		for i, v := range y {
			a += float64(v) * float64(g.Data[i])
			scale += math.Abs(float64(v) * float64(g.Data[i]))
		}
		for i, v := range dx {
			b += float64(v) * float64(x.Data[i])
		}
		kerneltest.Near(t, "adjoint", a, b, scale)
	})
}

func TestPad(t *testing.T) {
	planes(t, func(t *testing.T, m kerneltest.Memory, h, w, seed int) {
		p := seed % 4
		src, dst := m.Vector(t, h*w, seed%16).Random(kerneltest.NewRand(seed)), m.Vector(t, (h+2*p)*(w+2*p), seed%5)
		Pad(dst.Data, src.Data, h, w, p)
		for i, v := range dst.Data {
			y, x := i/(w+2*p)-p, i%(w+2*p)-p
			want := float32(0)
			if y >= 0 && y < h && x >= 0 && x < w {
				want = src.Data[y*w+x]
			}
			if v != want {
				t.Fatalf("%dx%d by %d: (%d, %d) = %v, want %v", h, w, p, y, x, v, want)
			}
		}
		src.Check(t)
		dst.Check(t)
	})
}
