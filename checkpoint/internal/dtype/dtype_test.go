package dtype

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

// Every type decodes to the number that was stored, in its own precision.
func TestFloats(t *testing.T) {
	f64 := func(vs ...float64) (raw []byte) {
		for _, v := range vs {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
		}
		return raw
	}
	u16 := func(vs ...uint16) (raw []byte) {
		for _, v := range vs {
			raw = binary.LittleEndian.AppendUint16(raw, v)
		}
		return raw
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		dtype string
		raw   []byte
		want  []float32
	}{
		{F64, f64(1.5, -0.1, 1e300), []float32{1.5, -0.1, inf}},
		{F32, []byte{0, 0, 0x80, 0x3f, 0xcd, 0xcc, 0xcc, 0x3d}, []float32{1, 0.1}},
		{F16, u16(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00), []float32{1, -2, 0x1p-24, 65504, inf}},
		{BF16, u16(0x3f80, 0xc000, 0x7f80, 0x0001), []float32{1, -2, inf, math.Float32frombits(1 << 16)}},
	} {
		if got := Floats(c.dtype, c.raw); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.dtype, got, c.want)
		}
	}
	if Width("I64") != 0 || Width(BF16) != 2 {
		t.Error("widths are wrong")
	}
}
