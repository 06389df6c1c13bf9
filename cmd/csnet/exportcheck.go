package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"

	"csnet/graph"
	"csnet/internal/memory"
	"csnet/internal/onnx"
	"csnet/model"
)

// smallSide is the side of an image that is as small as shows every border.
func smallSide(s model.Spec) int {
	h := s.Coarsest()
	for h < 64 {
		h *= 2
	}
	return h
}

// roomToCompare finds out, before anything is written, whether a file that runs at its own
// size alone can be run once to be compared with the net, and refuses with the most images
// that can. What it takes is reckoned from a small image.
func (m memoryLeft) roomToCompare(n *evalNet, o onnx.Options) error {
	if !onnx.Sized(n.Spec, o) {
		return nil
	}
	small := o
	small.Batch, small.H, small.W = 1, smallSide(n.Spec), smallSide(n.Spec)
	file, err := onnx.Encode(n.Spec, n.Params, small)
	if err != nil {
		return err
	}
	model, err := onnx.Decode(file)
	if err != nil {
		return err
	}
	_, bytes, err := model.Measure(onnx.NewTensor(1, n.Spec.Input, small.H, small.W))
	if err != nil {
		return err
	}
	image := float64(bytes) / float64(small.H*small.W) * float64(o.H) * float64(o.W)
	image += memory.Net(n.Spec, 1, max(o.H, o.W), memory.Evaluation)
	left := m.bytes * roomShare
	need := float64(o.Batch) * image
	if !m.known || need <= left {
		return nil
	}
	most := memory.Largest(o.Batch, left, func(k int) float64 { return float64(k) * image })
	if most == 0 {
		return usagef("--size: a file for %dx%d is run once to be checked, which takes about %s, %s are left: take a smaller one, or one of multiples of %d", o.H, o.W, memory.Text(image), memory.Text(left), n.Spec.Coarsest())
	}
	return usagef("--batch: a file for %d images of %dx%d is run once to be checked, which takes about %s, %s are left: at most --batch %d fits", o.Batch, o.H, o.W, memory.Text(need), memory.Text(left), most)
}

// compareHalf checks a file of weights of 16 bits, whose distance from the net is the
// rounding's: each of its weights must be the one of 32 bits, rounded. It returns how far
// the net's file of 32 bits is from the net.
func compareHalf(file []byte, n *evalNet, o onnx.Options) (float64, error) {
	half, err := onnx.Decode(file)
	if err != nil {
		return 0, err
	}
	o.Half = false
	b, err := onnx.Encode(n.Spec, n.Params, o)
	if err != nil {
		return 0, err
	}
	whole, err := onnx.Decode(b)
	if err != nil {
		return 0, err
	}
	if err := half.CheckRounded(whole); err != nil {
		return 0, err
	}
	diff, _, err := compareONNX(whole, n, o)
	return diff, err
}

// compareFile reads a written file and compares it with the net.
func compareFile(path string, n *evalNet, o onnx.Options) (diff float64, size string, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, "", err
	}
	m, err := onnx.Decode(b)
	if err != nil {
		return 0, "", err
	}
	return compareONNX(m, n, o)
}

// compareONNX runs a file in float64 and the net in float32 on one
// image or two of drawn values and returns the largest difference of their outputs,
// relative to the largest value, and the size of that image. The image is as
// small as shows every border, and there are at most two; a file for a fixed size or
// number computes the same at any, unless it holds the sizes of its maps.
func compareONNX(m *onnx.Model, n *evalNet, o onnx.Options) (diff float64, size string, err error) {
	h := smallSide(n.Spec)
	w, batch := h, min(max(o.Batch, 1), 2)
	if onnx.Sized(n.Spec, o) {
		h, w, batch = o.H, o.W, o.Batch
	}
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, batch*n.Spec.Input*h*w)
	in := onnx.Tensor{Shape: []int{batch, n.Spec.Input, h, w}, Data: make([]float64, len(x))}
	for i := range x {
		in.Data[i] = float64(rng.IntN(256))
		x[i] = float32(onnx.Normalize(in.Data[i], i/(h*w)%n.Spec.Input))
		if !o.Normalize {
			in.Data[i] = float64(x[i])
		}
	}
	got, err := m.Forward(in)
	if err != nil {
		return 0, "", err
	}
	net := graph.NewPredictor(n.Spec, n.Params, 1)
	defer net.Close()
	want, err := net.Batch(x, batch, h, w)
	if err != nil {
		return 0, "", err
	}
	most := 0.0
	for i, v := range want {
		y := float64(v)
		if o.Sigmoid {
			y = 1 / (1 + math.Exp(-y))
		}
		diff, most = max(diff, math.Abs(got.Data[i]-y)), max(most, math.Abs(y))
	}
	return diff / most, fmt.Sprintf("%dx%d", h, w), nil
}
