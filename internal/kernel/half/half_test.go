package half

import (
	"math"
	"os"
	"slices"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
	"csnet/internal/kernel/pointwise"
)

// halves returns n halves at the very end of guarded memory, and the vector that they lie in.
func halves[H kernel.Half](t *testing.T, m kerneltest.Memory, n, skew int) ([]H, kerneltest.Vector) {
	v := m.Vector(t, kernel.HalfSize(n), skew)
	return kernel.Halves[H](v.Data)[2*len(v.Data)-n:], v
}

// eachLevel is kerneltest.EachLevel, and AVX-512 without the processor's own instructions for
// bfloat16s.
func eachLevel(t *testing.T, f func(t *testing.T, m kerneltest.Memory)) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		f(t, m)
		if kernel.NativeBFloat16() {
			kernel.LimitBFloat16()
			t.Run("without BF16", func(t *testing.T) { f(t, m) })
		}
	})
}

// lengths are all tails and some long runs, more than a chunk of any level.
func lengths() []int {
	var ns []int
	for n := range 71 {
		ns = append(ns, n)
	}
	return append(ns, 127, 128, 129, 1023, 1025, 16384, 16385, 50176)
}

// anything fills x with numbers of all sizes, NaNs, infinities and denormals among them.
func anything(x []float32, seed int) {
	r := kerneltest.NewRand(seed)
	for i := range x {
		switch r.IntN(4) {
		case 0:
			x[i] = math.Float32frombits(r.Uint32())
		case 1: // around the least float16, and ties of it
			x[i] = float32(math.Ldexp(float64(r.IntN(4096)), -27))
		case 2: // ties of both formats
			x[i] = math.Float32frombits(r.Uint32() &^ 0xfff)
		default:
			x[i] = float32(r.NormFloat64())
		}
	}
}

// Every instruction set rounds to the bits of the loop, from any place to any place.
func TestStoreHalves(t *testing.T) {
	eachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, n := range lengths() {
			x := m.Vector(t, n, i%16)
			anything(x.Data, i)
			wantF, wantB := make([]kernel.Float16, n), make([]kernel.BFloat16, n)
			storeFloat16Generic(wantF, x.Data)
			storeBFloat16Generic(wantB, x.Data)
			for skew := range 3 {
				for _, f := range []func([]kernel.Float16, []float32){StoreFloat16, StreamFloat16} {
					got, v := halves[kernel.Float16](t, m, n, (i+7*skew)%16)
					if f(got, x.Data); !slices.Equal(got, wantF) {
						t.Fatalf("%d float16s: %04x, want %04x of %08x", n, got, wantF, x.Data)
					}
					v.Check(t)
				}
				for _, f := range []func([]kernel.BFloat16, []float32){StoreBFloat16, StreamBFloat16} {
					got, v := halves[kernel.BFloat16](t, m, n, (i+5*skew)%16)
					if f(got, x.Data); !slices.Equal(got, wantB) {
						t.Fatalf("%d bfloat16s: %04x, want %04x of %08x", n, got, wantB, x.Data)
					}
					v.Check(t)
				}
			}
			x.Check(t)
		}
	})
}

// lows are lower halves of float32s, around those at which the bfloat16 changes. With
// CSNET_ALL_FLOATS they are all, and TestEveryBFloat16 takes a minute.
func lows() []uint32 {
	if os.Getenv("CSNET_ALL_FLOATS") == "" {
		return []uint32{0, 1, 2, 0x5a5a, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff}
	}
	var all []uint32
	for i := range uint32(1 << 16) {
		all = append(all, i)
	}
	return all
}

// Floats of all signs, exponents and mantissas that are kept, NaNs and denormals among them,
// become the bfloat16s that kernel.ToBFloat16 says.
func TestEveryBFloat16(t *testing.T) {
	low := lows()
	x, want, got := make([]float32, 64*len(low)), make([]kernel.BFloat16, 64*len(low)), make([]kernel.BFloat16, 64*len(low))
	for upper := uint32(0); upper < 1<<16; upper += 64 {
		for i := range x {
			x[i] = math.Float32frombits((upper+uint32(i/len(low)))<<16 | low[i%len(low)])
			want[i] = kernel.ToBFloat16(x[i])
		}
		check := func() {
			if StoreBFloat16(got, x); !slices.Equal(got, want) {
				i := 0
				for got[i] == want[i] {
					i++
				}
				t.Fatalf("%v: %08x gives %04x, want %04x", kernel.Current(), math.Float32bits(x[i]), got[i], want[i])
			}
		}
		for l := kernel.AVX2; l <= kernel.AVX512; l++ {
			if kernel.Limit(l) == l {
				check()
			}
		}
		kernel.LimitBFloat16()
		check()
		kernel.Limit(kernel.AVX512)
	}
}

// Kernels that take sums and store take the sums, and store the bits, of those that do one.
func TestSumsStored(t *testing.T) {
	eachHalves(t, func(t *testing.T, m kerneltest.Memory, k drawn) {
		n := len(k.z)
		wantD, wantX := make([]kernel.BFloat16, n), make([]kernel.Float16, n)
		storeBFloat16Generic(wantD, k.d.Data)
		storeFloat16Generic(wantX, k.d.Data)
		var w, got [4]float64
		w[0], w[1], w[2], w[3] = ActSums(k.d.Data, k.z, 0.7, -0.2, 0.3, 0.1)
		s, q := pointwise.Moments(k.d.Data, 0.3)
		for _, skew := range []int{0, 8, 16, n % 16} {
			for _, stream := range []bool{false, true} {
				g, gv := halves[kernel.BFloat16](t, m, n, skew%16)
				got[0], got[1], got[2], got[3] = ActSumsStore(g, k.d.Data, k.z, 0.7, -0.2, 0.3, 0.1, stream)
				if got != w || !slices.Equal(g, wantD) {
					t.Fatalf("%d gradients, stream %v: sums %v, want %v; stored as they must be: %v", n, stream, got, w, slices.Equal(g, wantD))
				}
				gv.Check(t)
				x, xv := halves[kernel.Float16](t, m, n, skew%16)
				if gs, gq := MomentsStore(x, k.d.Data, 0.3, stream); gs != s || gq != q || !slices.Equal(x, wantX) {
					t.Fatalf("%d values, stream %v: moments %v and %v, want %v and %v; stored as they must be: %v", n, stream, gs, gq, s, q, slices.Equal(x, wantX))
				}
				xv.Check(t)
			}
		}
	})
}

// drawn are halves of both formats, also as floats, and as many floats.
type drawn struct {
	d            kerneltest.Vector
	z            []kernel.Float16
	g            []kernel.BFloat16
	wideZ, wideG []float32
}

// eachHalves runs f with numbers of all lengths.
func eachHalves(t *testing.T, f func(t *testing.T, m kerneltest.Memory, k drawn)) {
	eachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, n := range lengths() {
			r := kerneltest.NewRand(i)
			d := m.Vector(t, n, i%16).Random(r)
			z, zv := halves[kernel.Float16](t, m, n, (i+7)%16)
			g, gv := halves[kernel.BFloat16](t, m, n, (i+3)%16)
			for k := range n {
				z[k], g[k] = kernel.ToFloat16(float32(r.NormFloat64())), kernel.ToBFloat16(float32(r.NormFloat64()))
			}
			f(t, m, drawn{d, z, g, widen(make([]float32, n), z), widen(make([]float32, n), g)})
			d.Check(t)
			zv.Check(t)
			gv.Check(t)
		}
	})
}

// The kernels on halves give the bits of those on float32, for the same numbers.
func TestHalvesSameBits(t *testing.T) {
	factor := func(v float32) []float32 { return []float32{v, v / 2} }
	f := &pointwise.NormFactors{A: factor(0.7), B: factor(-0.2), Slope: factor(0.3), P: factor(1.1), Q: factor(0.2), R: factor(-0.05), Mean: factor(0.1)}
	eachHalves(t, func(t *testing.T, _ kerneltest.Memory, k drawn) {
		d, z, g, wideZ, wideG := k.d, k.z, k.g, k.wideZ, k.wideG
		n := len(z)
		want := make([]float32, n)
		copy(want, d.Data)
		pointwise.Add(want, wideG)
		Add(d.Data, g)
		kerneltest.SameBits(t, "sum", d.Data, want)

		w := [4]float64{}
		w[0], w[1], w[2], w[3] = pointwise.ActSums(d.Data, wideZ, 0.7, -0.2, 0.3, 0.1)
		s0, s1, s2, s3 := ActSums(d.Data, z, 0.7, -0.2, 0.3, 0.1)
		if got := [4]float64{s0, s1, s2, s3}; got != w {
			t.Fatalf("sums of %d: %v, want %v", n, got, w)
		}

		// Whole, as rows, and as planes.
		pointwise.NormAct(want, wideZ, 0.7, -0.2, 0.3)
		NormActRows(kernel.Rows(d.Data, 0), kernel.HalfRows(z, 0), n, 1, 0.7, -0.2, 0.3)
		kerneltest.SameBits(t, "norm", d.Data, want)
		pointwise.ActNormGrad(kernel.Rows(want, 0), kernel.Rows(wideG, 0), kernel.Rows(wideZ, 0), n, 1, f, 0)
		ActNormGrad(kernel.Rows(d.Data, 0), kernel.HalfRows(g, 0), kernel.HalfRows(z, 0), n, 1, f, 0)
		kerneltest.SameBits(t, "gradient", d.Data, want)
		few := n / 2
		if few == 0 {
			return
		}
		pointwise.NormActPlanes(&kernel.Planes{X: want, Stride: few}, &kernel.Planes{X: wideZ, Stride: few}, few, f.A, f.B, f.Slope)
		NormActPlanes(&kernel.Planes{X: d.Data, Stride: few}, &MapPlanes{X: z, Stride: few}, few, f.A, f.B, f.Slope)
		kerneltest.SameBits(t, "norm of planes", d.Data, want)
		pointwise.ActNormGradPlanes(&kernel.Planes{X: want, Stride: few}, &kernel.Planes{X: wideG, Stride: few}, &kernel.Planes{X: wideZ, Stride: few}, few, f)
		ActNormGradPlanes(&kernel.Planes{X: d.Data, Stride: few}, &GradPlanes{X: g, Stride: few}, &MapPlanes{X: z, Stride: few}, few, f)
		kerneltest.SameBits(t, "gradient of planes", d.Data, want)
		cols := (few + 1) / 2
		pointwise.NormActRows(kernel.Rows(want, few), kernel.Rows(wideZ, few), cols, 2, 0.7, -0.2, 0.3)
		NormActRows(kernel.Rows(d.Data, few), kernel.HalfRows(z, few), cols, 2, 0.7, -0.2, 0.3)
		kerneltest.SameBits(t, "norm of rows", d.Data, want)
		pointwise.ActNormGrad(kernel.Rows(want, few), kernel.Rows(wideG, few), kernel.Rows(wideZ, few), cols, 2, f, 1)
		ActNormGrad(kernel.Rows(d.Data, few), kernel.HalfRows(g, few), kernel.HalfRows(z, few), cols, 2, f, 1)
		kerneltest.SameBits(t, "gradient of rows", d.Data, want)
	})
}

// Halves that are infinite, NaN or denormal are loaded as what they are.
func TestLoadSpecialHalves(t *testing.T) {
	eachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		const n = 1<<16 + 5
		z, _ := halves[kernel.Float16](t, m, n, 3)
		g, _ := halves[kernel.BFloat16](t, m, n, 5)
		got := m.Vector(t, n, 0)
		for i := range n {
			z[i], g[i] = kernel.Float16(i), kernel.BFloat16(i)
		}
		NormActRows(kernel.Rows(got.Data, 0), kernel.HalfRows(z, 0), n, 1, 1, 0, 1)
		for i, v := range got.Data {
			// u = 1*z + 0 turns -0 into 0.
			if want := kernel.Float16(i).Float32() + 0; v != want && (v == v || want == want) {
				t.Fatalf("float16 %04x: %v, want %v", i, v, want)
			}
		}
		clear(got.Data)
		Add(got.Data, g)
		for i, v := range got.Data {
			want := kernel.BFloat16(i).Float32()
			if v == 0 && math.Abs(float64(want)) < 0x1p-126 {
				continue // kernels take denormals of float32 for 0
			}
			if v != want && (v == v || want == want) {
				t.Fatalf("bfloat16 %04x: %v, want %v", i, v, want)
			}
		}
	})
}
