package onnx_test

import (
	"testing"

	"csnet/internal/onnx"
)

// What the values of a file take grows with the image, so that a small image tells of a
// large one, and is far less than all values together: they go when nobody needs them.
func TestMeasure(t *testing.T) {
	for name, s := range specs() {
		p, err := s.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		perPixel := func(n, h, w int) float64 {
			file, err := onnx.Encode(s, p, onnx.Options{Batch: n, H: h, W: w})
			if err != nil {
				t.Fatal(err)
			}
			m, err := onnx.Decode(file)
			if err != nil {
				t.Fatal(err)
			}
			_, most, err := m.Measure(onnx.NewTensor(n, 3, h, w))
			if err != nil {
				t.Fatal(err)
			}
			return float64(most) / float64(n*h*w)
		}
		k := 2 * s.Coarsest()
		small, large := perPixel(1, k, k), perPixel(2, 2*k, 3*k)
		if small < 0.99*large || small > 1.01*large {
			t.Errorf("%s: %.1f bytes a pixel of a small image, %.1f of a large one", name, small, large)
		}
		if small > 1000 {
			t.Errorf("%s: %.1f bytes a pixel", name, small)
		}
	}
}
