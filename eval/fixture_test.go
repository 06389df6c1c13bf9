package eval

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"csnet/metrics"

	"csnet/internal/shared"
)

// brightNet calls bright pixels salient: logit = mean of the normalised channels.
type brightNet struct {
	out    []float32
	closed *int
}

func (n *brightNet) Logits(x []float32, h, w int) ([]float32, error) {
	if len(n.out) != h*w {
		n.out = make([]float32, h*w)
	}
	for i := range n.out {
		n.out[i] = 2 * (x[i] + x[h*w+i] + x[2*h*w+i]) / 3
	}
	return n.out, nil
}

func (n *brightNet) Close() error {
	if n.closed != nil {
		*n.closed++
	}
	return nil
}

func newBright() (Net, error) { return &brightNet{}, nil }

func bright(name string) Method { return Method{Name: name, NewNet: newBright, Size: 32} }

func savePNG(t *testing.T, path string, img image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	save(t, path, b.Bytes())
}

func save(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// disc is a photo of a bright disc on a dark ground, and its mask.
func disc(i, w, h int) (photo *image.RGBA, mask *image.Gray) {
	photo, mask = image.NewRGBA(image.Rect(0, 0, w, h)), image.NewGray(image.Rect(0, 0, w, h))
	cx, cy := float64(w)*(0.3+0.05*float64(i%8)), float64(h)*(0.6-0.04*float64(i%7))
	for y := range h {
		for x := range w {
			in := math.Hypot(float64(x)-cx, float64(y)-cy) < float64(min(w, h))*(0.2+0.02*float64(i%5))
			v := uint8(20 + (x*7+y*13+i*29)%60)
			if in {
				v += 120
				mask.SetGray(x, y, color.Gray{255})
			}
			photo.SetRGBA(x, y, color.RGBA{v, v / 2, 200 - v, 255})
		}
	}
	return photo, mask
}

// drawSet writes n pairs as DIR/images and DIR/GT; stems 0001 ...
func drawSet(t *testing.T, dir string, n int) {
	t.Helper()
	for i := range n {
		photo, mask := disc(i, 40+i%3, 30+i%4)
		savePNG(t, filepath.Join(dir, "images", stem(i)+".png"), photo)
		savePNG(t, filepath.Join(dir, "GT", stem(i)+".png"), mask)
	}
}

func stem(i int) string { return fmt.Sprintf("%04d", i+1) }

// drawMaps writes maps for drawSet's masks, named by name; noise moves them off the truth.
func drawMaps(t *testing.T, dir string, n int, name func(stem string) string) {
	t.Helper()
	for i := range n {
		_, mask := disc(i, 40+i%3, 30+i%4)
		for k := range mask.Pix {
			mask.Pix[k] = uint8(int(mask.Pix[k])*3/4 + (k*31+i)%50)
		}
		savePNG(t, filepath.Join(dir, name(stem(i))+".png"), mask)
	}
}

func same(s string) string { return s }

// run is Run with defaults, failing the test on an error.
func run(t *testing.T, o Options) *Report {
	t.Helper()
	if o.Protocol == "" {
		o.Protocol = metrics.Both
	}
	o.Threads = max(1, o.Threads)
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func jsonOf(t *testing.T, r *Report) string {
	t.Helper()
	b, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sharedDir is the reference material's folder, or skips.
func sharedDir(t *testing.T, parts ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{shared.Dir(t)}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no %s (set CSNET_SHARED)", dir)
	}
	return dir
}
