package onnx_test

import (
	"math"
	"strings"
	"testing"

	"github.com/x448/float16"

	"csnet/internal/onnx"
	"csnet/model"
)

// halves are the files of one net with weights of 16 and of 32 bits, read.
func halves(t *testing.T, s model.Spec, p *model.Params) (half, whole *onnx.Model) {
	t.Helper()
	read := func(o onnx.Options) *onnx.Model {
		file, err := onnx.Encode(s, p, o)
		if err != nil {
			t.Fatal(err)
		}
		m, err := onnx.Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	return read(onnx.Options{Half: true}), read(onnx.Options{})
}

func TestHalfRoundsEveryWeight(t *testing.T) {
	s := arch(func(a *model.Arch) { a.Width = 0.5 })
	p, err := s.NewParams(3)
	if err != nil {
		t.Fatal(err)
	}
	half, whole := halves(t, s, p)
	if err := half.CheckRounded(whole); err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, w := range onnx.Rounded(half, whole) {
		for i, v := range w.Whole.Data {
			if w.Half.Data[i] != v {
				moved++
			}
		}
	}
	if moved == 0 {
		t.Error("no weight is rounded")
	}
	if err := whole.CheckRounded(whole); err == nil || !strings.Contains(err.Error(), "no weights of 16 bits") {
		t.Errorf("a file of 32 bits: %v", err)
	}
	first := onnx.Rounded(half, whole)[0]
	for name, v := range map[string]float64{
		"cut off instead of rounded": first.Whole.Data[0] + 1.5*onnx.HalfStep(first.Whole.Data[0]),
		"not a number":               math.NaN(),
		"infinite":                   math.Inf(1),
	} {
		was := first.Half.Data[0]
		first.Half.Data[0] = v
		if err := half.CheckRounded(whole); err == nil || !strings.Contains(err.Error(), first.Name+": value 0 is") {
			t.Errorf("a weight that is %s: %v", name, err)
		}
		first.Half.Data[0] = was
	}
}

// Against all numbers of float16: halfway between two neighbours rounding moves a value by
// half their distance, which HalfStep must allow, and not more than twice that.
func TestHalfStep(t *testing.T) {
	for bits := range uint16(0x7bff) {
		a, b := float64(float16.Frombits(bits).Float32()), float64(float16.Frombits(bits+1).Float32())
		v, most := (a+b)/2, (b-a)/2
		for _, got := range []float64{onnx.HalfStep(v), onnx.HalfStep(-v)} {
			if got < most || got > 2*most {
				t.Fatalf("between %g and %g: %g, must be from %g to twice that", a, b, got, most)
			}
		}
	}
}

func TestHalfRefusesHugeWeights(t *testing.T) {
	s := arch(func(a *model.Arch) { a.Width = 0.5 })
	p, err := s.NewParams(3)
	if err != nil {
		t.Fatal(err)
	}
	for _, ts := range s.Tensors() {
		if ts.Role == model.Weight {
			p.Get(ts.Path).Data[0] = 1e6
			break
		}
	}
	if _, err := onnx.Encode(s, p, onnx.Options{}); err != nil {
		t.Errorf("in 32 bits: %v", err)
	}
	if _, err := onnx.Encode(s, p, onnx.Options{Half: true}); err == nil || !strings.Contains(err.Error(), "16 bits hold at most 65504") {
		t.Errorf("in 16 bits: %v", err)
	}
}
