package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// nearest is the slow twin of ToFloat16: among all finite numbers of the format, and the one
// that would follow the largest, the nearest to v, of two the one whose last bit is 0.
func nearest(v float32) Float16 {
	if v != v {
		return Float16(math.Float32bits(v)>>16&0x8000) | 0x7e00 | Float16(math.Float32bits(v)>>13&0x1ff)
	}
	sign := Float16(math.Float32bits(v) >> 16 & 0x8000)
	x := math.Abs(float64(v))
	value := func(h int) float64 { // of the bits h, without a bound to the exponent
		e, m := h>>10, float64(h&0x3ff)
		if e == 0 {
			return m * math.Ldexp(1, -24)
		}
		return (1024 + m) * math.Ldexp(1, e-25)
	}
	lo, hi := 0, 0x7c00
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; value(mid) <= x {
			lo = mid
		} else {
			hi = mid
		}
	}
	if down, up := x-value(lo), value(hi)-x; up < down || up == down && lo&1 == 1 {
		lo = hi
	}
	return sign | Float16(lo)
}

// specials are numbers at which a conversion has a border, and their neighbours.
func specials() []float32 {
	var vs []float32
	for _, b := range []uint32{
		0, 1, 0x007fffff, 0x00800000, // zero, denormals of float32
		0x33000000, 0x33000001, 0x33800000, 0x33c00000, 0x387fc000, 0x387fe000, 0x387ff000, 0x38800000, // denormals of binary16
		0x477fe000, 0x477fefff, 0x477ff000, 0x47800000, // the largest of binary16
		0x7f7f7fff, 0x7f7f8000, 0x7f7fffff, // the largest of bfloat16
		0x7f800000, 0x7f800001, 0x7f801fff, 0x7f80ffff, 0x7fc00000, 0x7fffffff, 0x7fbfffff, // Inf and NaNs
		0x3f800000, 0x3f801000, 0x3f803000, 0x3f808000, 0x3f818000, 0x3f800fff, 0x3f801001, // ties
	} {
		for _, c := range []uint32{b - 1, b, b + 1} {
			vs = append(vs, math.Float32frombits(c), math.Float32frombits(c|1<<31))
		}
	}
	return vs
}

func TestToFloat16(t *testing.T) {
	vs := specials()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200000 {
		vs = append(vs, math.Float32frombits(r.Uint32()), float32(r.NormFloat64()*math.Exp(8*r.NormFloat64())))
	}
	for _, v := range vs {
		if got, want := ToFloat16(v), nearest(v); got != want {
			t.Fatalf("%v (%08x): %04x, want %04x", v, math.Float32bits(v), got, want)
		}
	}
}

// Every half comes back from float32 as it went, a NaN quiet; a denormal bfloat16, which is a
// denormal float32, as 0.
func TestHalvesThereAndBack(t *testing.T) {
	for h := range 1 << 16 {
		f, b := Float16(h), BFloat16(h)
		if wide := f.Float32(); wide != wide {
			f |= 0x200
		}
		if got := ToFloat16(f.Float32()); got != f {
			t.Fatalf("float16 %04x comes back as %04x", h, got)
		}
		if wide := b.Float32(); wide != wide {
			b |= 0x40
		} else if math.Abs(float64(wide)) < 0x1p-126 {
			b &= 0x8000
		}
		if got := ToBFloat16(b.Float32()); got != b {
			t.Fatalf("bfloat16 %04x comes back as %04x", h, got)
		}
	}
}

// A bfloat16 is the nearer of the two around a number, of two as near the even one; a denormal
// becomes 0.
func TestToBFloat16(t *testing.T) {
	vs := specials()
	r := rand.New(rand.NewPCG(3, 4))
	for range 200000 {
		vs = append(vs, math.Float32frombits(r.Uint32()))
	}
	for _, v := range vs {
		b, got := math.Float32bits(v), ToBFloat16(v)
		lo := BFloat16(b >> 16)
		want := lo
		switch rest := b & 0xffff; {
		case v != v:
			want |= 0x40
		case math.Abs(float64(v)) < 0x1p-126:
			want &= 0x8000
		case rest > 0x8000 || rest == 0x8000 && lo&1 == 1:
			want++
		}
		if got != want {
			t.Fatalf("%v (%08x): %04x, want %04x", v, b, got, want)
		}
	}
}

func TestHalves(t *testing.T) {
	x := make([]float32, 3)
	h := Halves[BFloat16](x)
	if len(h) != 6 || Halves[Float16](x[:0]) != nil || HalfSize(5) != 3 || HalfSize(6) != 3 {
		t.Fatal("halves of three floats")
	}
	h[1], h[2] = ToBFloat16(1), ToBFloat16(-2)
	if math.Float32bits(x[0]) != 0x3f800000 || math.Float32bits(x[1]) != 0xc000 {
		t.Fatalf("%08x", x)
	}
}

func TestBeforeLine(t *testing.T) {
	x := Words(make([]float32, 64))
	first := BeforeLine(x)
	if first >= 32 || BeforeLine(x[first:]) != 0 || BeforeLine(x[first+1:]) != 31 || BeforeLine(x[first+1:][:5]) != 5 || BeforeLine(x[:0]) != 0 {
		t.Fatalf("the first line begins at %d, of the memory from there on at %d, one further on at %d", first, BeforeLine(x[first:]), BeforeLine(x[first+1:]))
	}
	if floats := Floats(x[first:]); BeforeLine(floats) != 0 || BeforeLine(floats[3:]) != 13 {
		t.Fatal("lines of floats")
	}
}
