package tensorboard

import (
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Value is one thing to show under a tag: made by Scalar, Histogram or PNG.
type Value struct {
	field protowire.Number // of tensorflow.Summary.Value
	tag   string
	data  []byte
	num   float32
}

// Fields of tensorflow.Summary.Value.
const (
	fieldSimple    = 2
	fieldImage     = 4
	fieldHistogram = 5
)

// Scalar is a number on a curve.
func Scalar(tag string, v float64) Value { return Value{field: fieldSimple, tag: tag, num: float32(v)} }

// buckets is how many parts of equal width a histogram has.
const buckets = 30

// Histogram is how values are spread, in 30 parts of equal width from the
// smallest to the largest. Values must be finite; none of them is an empty one.
func Histogram(tag string, values []float32) Value {
	if len(values) == 0 {
		values = []float32{0}
	}
	low, high := float64(slices.Min(values)), float64(slices.Max(values))
	width := (high - low) / buckets
	if width == 0 {
		width = 1e-12 + math.Abs(high)*1e-6
	}
	counts := make([]float64, buckets)
	total, squares := 0.0, 0.0
	for _, v := range values {
		x := float64(v)
		counts[min(int((x-low)/width), buckets-1)]++
		total, squares = total+x, squares+x*x
	}
	var b, limits, in []byte
	for i, v := range []float64{low, high, float64(len(values)), total, squares} {
		b = appendDouble(b, protowire.Number(i+1), v)
	}
	for i, c := range counts {
		limits = protowire.AppendFixed64(limits, math.Float64bits(low+width*float64(i+1)))
		in = protowire.AppendFixed64(in, math.Float64bits(c))
	}
	b = appendBytes(b, 6, limits)
	b = appendBytes(b, 7, in)
	return Value{field: fieldHistogram, tag: tag, data: b}
}

// PNG is a picture of w x h pixels, already encoded.
func PNG(tag string, w, h int, png []byte) Value {
	var b []byte
	for i, v := range []int{h, w, 3} { // 3: RGB
		b = protowire.AppendTag(b, protowire.Number(i+1), protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(v))
	}
	return Value{field: fieldImage, tag: tag, data: appendBytes(b, 4, png)}
}

// event encodes a tensorflow.Event of wall clock time in seconds since 1970.
func event(wall float64, step int, values []Value) []byte {
	b := appendDouble(nil, 1, wall)
	b = protowire.AppendTag(b, 2, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(step))
	var summary []byte
	for _, v := range values {
		one := appendBytes(nil, 1, []byte(v.tag))
		if v.field == fieldSimple {
			one = protowire.AppendTag(one, v.field, protowire.Fixed32Type)
			one = protowire.AppendFixed32(one, math.Float32bits(v.num))
		} else {
			one = appendBytes(one, v.field, v.data)
		}
		summary = appendBytes(summary, 1, one)
	}
	return appendBytes(b, 5, summary)
}

// version encodes the event that every file begins with.
func version(wall float64) []byte {
	return appendBytes(appendDouble(nil, 1, wall), 3, []byte("brain.Event:2"))
}

// stepOf reads the step of an encoded event; 0 where it has none.
func stepOf(b []byte) (int, bool) {
	for len(b) > 0 {
		n, kind, k := protowire.ConsumeTag(b)
		if k < 0 {
			return 0, false
		}
		b = b[k:]
		if n == 2 && kind == protowire.VarintType {
			v, k := protowire.ConsumeVarint(b)
			return int(v), k >= 0
		}
		if k = protowire.ConsumeFieldValue(n, kind, b); k < 0 {
			return 0, false
		}
		b = b[k:]
	}
	return 0, true
}

func appendDouble(b []byte, n protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, n, protowire.Fixed64Type), math.Float64bits(v))
}

func appendBytes(b []byte, n protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}
