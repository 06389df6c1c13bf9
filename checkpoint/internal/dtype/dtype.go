// Package dtype decodes the numbers of foreign files to float32.
package dtype

import (
	"encoding/binary"
	"math"

	"github.com/x448/float16"
)

// The number types that can be decoded, as safetensors names them.
const (
	F64  = "F64"
	F32  = "F32"
	F16  = "F16"
	BF16 = "BF16"
)

// Width is the bytes of one number, 0 for a type that is none of the above.
func Width(dtype string) int {
	switch dtype {
	case F64:
		return 8
	case F32:
		return 4
	case F16, BF16:
		return 2
	}
	return 0
}

// At decodes number i of raw, little-endian, which must be of one of the types
// above. Doubles are rounded to the nearest float32; those beyond become infinite.
func At(dtype string, raw []byte, i int) float32 {
	switch dtype {
	case F64:
		return float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])))
	case F16:
		return float16.Frombits(binary.LittleEndian.Uint16(raw[2*i:])).Float32()
	case BF16:
		return math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16)
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
}

// Floats decodes all of raw.
func Floats(dtype string, raw []byte) []float32 {
	out := make([]float32, len(raw)/Width(dtype))
	for i := range out {
		out[i] = At(dtype, raw, i)
	}
	return out
}
