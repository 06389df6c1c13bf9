package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"csnet/internal/onnx"
	"csnet/model"
)

// halved writes a net with weights of 16 bits, and what that file gives when it is read
// back and run in float64. The bound in half.tsv is the net's own: rounding moves a weight
// by at most half a step of float16, so it must not move the logits by more than moving
// each weight by that most, up or down at random, does; the largest of four draws counts.
func halved(out, name string, s model.Spec, p *model.Params) (item, error) {
	side := 4 * s.Coarsest()
	it := item{Name: name, Sizes: [][2]int{{side, side}}, Half: true}
	file, half, err := decoded(s, p, onnx.Options{Batch: 1, H: side, W: side, Half: true})
	if err != nil {
		return it, err
	}
	_, whole, err := decoded(s, p, onnx.Options{Batch: 1, H: side, W: side})
	if err != nil {
		return it, err
	}
	if err := half.CheckRounded(whole); err != nil {
		return it, fmt.Errorf("%s: %w", name, err)
	}
	x := drawn(side, side, s.Input)
	in := onnx.Tensor{Shape: []int{1, s.Input, side, side}, Data: make([]float64, len(x))}
	for i, v := range x {
		in.Data[i] = float64(v)
	}
	want, err := whole.Forward(in)
	if err != nil {
		return it, err
	}
	y, err := half.Forward(in)
	if err != nil {
		return it, err
	}
	bound := 0.0
	for draw := range uint64(4) {
		move(half, whole, rand.New(rand.NewPCG(16, draw)))
		moved, err := half.Forward(in)
		if err != nil {
			return it, err
		}
		bound = max(bound, apart(moved, want))
	}
	got := make([]float32, len(y.Data))
	for i, v := range y.Data {
		got[i] = float32(v)
	}
	f, err := os.OpenFile(filepath.Join(out, "half.tsv"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return it, err
	}
	_, err = fmt.Fprintf(f, "rounding\t%s-a.onnx\t%dx%d\t%.1e\t%.1e\n", name, side, side, apart(y, want), bound)
	base := filepath.Join(out, fmt.Sprintf("%s.%dx%d", name, side, side))
	return it, errors.Join(err, f.Close(), os.WriteFile(filepath.Join(out, name+"-a.onnx"), file, 0o644), floats(base+".in", x), floats(base+".out", got))
}

// decoded is a net's file, and the same read back.
func decoded(s model.Spec, p *model.Params, o onnx.Options) ([]byte, *onnx.Model, error) {
	file, err := onnx.Encode(s, p, o)
	if err != nil {
		return nil, nil, err
	}
	m, err := onnx.Decode(file)
	return file, m, err
}

// move gives half, a file of weights of 16 bits, those of whole, the same net's file of 32
// bits, each moved by the most that rounding to 16 bits can move it.
func move(half, whole *onnx.Model, rng *rand.Rand) {
	for _, w := range onnx.Rounded(half, whole) {
		for i, v := range w.Whole.Data {
			if v == 0 {
				w.Half.Data[i] = 0 // is exact in 16 bits
				continue
			}
			w.Half.Data[i] = v + onnx.HalfStep(v)*float64(2*rng.IntN(2)-1)
		}
	}
}

// apart is the largest difference, of the largest value of want.
func apart(got, want onnx.Tensor) float64 {
	diff := 0.0
	for i, v := range want.Data {
		diff = max(diff, math.Abs(got.Data[i]-v))
	}
	return diff / max(slices.Max(want.Data), -slices.Min(want.Data))
}
