package onnx

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// halfSuffix ends the names of constants of 16 bits; without it, they are the names of
// the same constants in a file of 32 bits.
const halfSuffix = ".half"

// HalfStep returns the most by which rounding to 16 bits (float16) may move the value v:
// 2^-11 of it, and 2^-25 where it is so small that float16 has fewer digits for it.
func HalfStep(v float64) float64 { return max(math.Abs(v)*0x1p-11, 0x1p-25) }

// Weights is a constant of a file with weights of 16 bits, and the same constant of the
// file with weights of 32 bits. Both are the models' own: what is changed in their Data
// changes what Forward computes.
type Weights struct {
	Name        string
	Half, Whole Tensor
}

// Rounded returns the constants that half, a file of Options.Half, stores in 16 bits,
// sorted by name, each beside that of whole, the file of the same net and options without
// Half. Constants that whole does not have are beside an empty one.
func Rounded(half, whole *Model) []Weights {
	var list []Weights
	for _, name := range slices.Sorted(maps.Keys(half.constants)) {
		if base, ok := strings.CutSuffix(name, halfSuffix); ok {
			list = append(list, Weights{base, half.constants[name], whole.constants[base]})
		}
	}
	return list
}

// CheckRounded compares m, a file of Options.Half, with whole, the file of the same net and
// options without Half. It fails, naming the constant, where a weight of 16 bits is farther
// from that of whole than rounding moves it, or where there is no such weight.
func (m *Model) CheckRounded(whole *Model) error {
	list := Rounded(m, whole)
	if len(list) == 0 {
		return fmt.Errorf("onnx: the file has no weights of 16 bits, must have some")
	}
	for _, w := range list {
		if !slices.Equal(w.Half.Shape, w.Whole.Shape) {
			return fmt.Errorf("onnx: constant %s has the shape %v in 16 bits and %v in 32, must have the same", w.Name, w.Half.Shape, w.Whole.Shape)
		}
		for i, v := range w.Whole.Data {
			if got := w.Half.Data[i]; !(math.Abs(got-v) <= HalfStep(v)) {
				return fmt.Errorf("onnx: constant %s: value %d is %g in 16 bits and %g in 32, must be within %.2g", w.Name, i, got, v, HalfStep(v))
			}
		}
	}
	return nil
}
