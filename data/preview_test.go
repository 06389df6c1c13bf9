package data

import (
	"bytes"
	"context"
	"image/color"
	"math"
	"strings"
	"testing"
)

// A preview shows the pictures of the run's first batch, pixel for pixel, and the
// mask in red.
func TestPreview(t *testing.T) {
	o := LoaderOptions{Pairs: drawSet(t, t.TempDir(), 7), Size: 16, Batch: 3, Seed: 5, Workers: 2, Augment: Augment{Crop: 3, Flip: 0.5, Scale: 0.6, Colour: 0.3}}
	img, err := Preview(context.Background(), o, 1, 5)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLoader(o)
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range l.Epoch(context.Background(), 1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		px := o.Size * o.Size
		for k := range 2 { // two columns
			x0, y0 := previewGap+k*2*(o.Size+previewGap), previewGap
			for i := range px {
				red := b.X[3*px*k+i]*0.229 + 0.485
				at := img.RGBAAt(x0+i%o.Size, y0+i/o.Size)
				if math.Abs(float64(at.R)-255*float64(red)) > 0.51 {
					t.Fatalf("picture %d, pixel %d: red is %d, want %g", k, i, at.R, 255*red)
				}
				over := img.RGBAAt(x0+o.Size+previewGap/2+i%o.Size, y0+i/o.Size)
				if m := b.Y[px*k+i]; m == 0 && over != at || m == 1 && (over.R < 127 || over.G > at.G/2+1) {
					t.Fatalf("picture %d, pixel %d, mask %g: %v over %v", k, i, m, over, at)
				}
			}
		}
		break
	}
	// A larger batch has the same pictures, whatever becomes of it afterwards.
	o.Batch = 7
	if l, err = NewLoader(o); err != nil {
		t.Fatal(err)
	}
	for b, err := range l.Epoch(context.Background(), 1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		first := b.First(5)
		clear(b.X)
		clear(b.Y)
		if !bytes.Equal(first.Sheet(5).Pix, img.Pix) || first.N != 5 || len(first.Stems) != 5 {
			t.Error("the first pictures of a larger batch are others")
		}
	}
	if c := img.RGBAAt(0, 0); c != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("the edge is %v", c)
	}
	for _, n := range []int{0, 8} {
		if _, err := Preview(context.Background(), o, 0, n); err == nil || !strings.Contains(err.Error(), "1 to 7") {
			t.Errorf("%d pictures: %v", n, err)
		}
	}
}
