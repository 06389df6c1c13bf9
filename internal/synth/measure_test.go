package synth

import (
	"image"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// curve sums precision and recall at 256 thresholds over images, for maxF with
// beta^2 = 0.3: the paper's measure, in its plainest form.
type curve struct {
	n    int
	p, r [256]float64
}

func (c *curve) add(saliency []uint8, mask *image.Gray) {
	c.n++
	var on, off [256]float64 // pixels of each value inside and outside the mask
	there := 1e-4
	for i, v := range saliency {
		if mask.Pix[i] > 128 {
			on[v]++
			there++
		} else {
			off[v]++
		}
	}
	hit, said := 1e-4, 1e-4
	for t := 255; t >= 0; t-- { // the map says yes where it is above t
		c.p[t] += hit / said
		c.r[t] += hit / there
		hit += on[t]
		said += on[t] + off[t]
	}
}

func (c *curve) maxF() float64 {
	best := 0.0
	for t := range 256 {
		p, r := c.p[t]/float64(c.n), c.r[t]/float64(c.n)
		best = max(best, 1.3*p*r/(.3*p+r))
	}
	return best
}

// centred is the map that only bets on the middle: a Gaussian of sigma = side/6.
func centred(side int) []uint8 {
	s := make([]uint8, side*side)
	mid, sigma := float64(side)/2, float64(side)/6
	for i := range s {
		x, y := float64(i%side)+.5-mid, float64(i/side)+.5-mid
		s[i] = uint8(255 * math.Exp(-(x*x+y*y)/(2*sigma*sigma)))
	}
	return s
}

// borderContrast is each pixel's distance from the mean colour of the border: the
// simplest detector that looks at the image.
func borderContrast(img *image.NRGBA) []uint8 {
	n := img.Rect.Dx()
	at := func(i int) rgb {
		p := img.Pix[4*i:]
		return rgb{float64(p[0]) / 255, float64(p[1]) / 255, float64(p[2]) / 255}
	}
	var mean rgb
	k := 0.0
	for i := range n * n {
		if x, y := i%n, i/n; min(x, y, n-1-x, n-1-y) < 4 {
			c := at(i)
			mean = rgb{mean.r + c.r, mean.g + c.g, mean.b + c.b}
			k++
		}
	}
	mean = mean.scale(1 / k)
	d, far := make([]float64, n*n), 0.0
	for i := range d {
		d[i] = at(i).distance(mean)
		far = max(far, d[i])
	}
	s := make([]uint8, n*n)
	for i := range s {
		s[i] = uint8(255 * d[i] / far)
	}
	return s
}

// massOf gives a mask's share of the image, its middle in 0..1, and how many
// pixels are neither 0 nor 255.
func massOf(mask *image.Gray) (share, u, v float64, edge int) {
	w, h := mask.Rect.Dx(), mask.Rect.Dy()
	for i, p := range mask.Pix {
		m := float64(p) / 255
		share += m
		u += m * (float64(i%w) + .5) / float64(w)
		v += m * (float64(i/w) + .5) / float64(h)
		if p != 0 && p != 255 {
			edge++
		}
	}
	return share / float64(w*h), u / share, v / share, edge
}

func meanDifference(a, b image.Image) float64 {
	sum, r := 0.0, a.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			_, g1, _, _ := a.At(x, y).RGBA()
			_, g2, _, _ := b.At(x, y).RGBA()
			sum += math.Abs(float64(g1)-float64(g2)) / 257
		}
	}
	return sum / float64(r.Dx()*r.Dy())
}

// files lists the files under dir, relative to it.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			names = append(names, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func open(t *testing.T, parts ...string) io.Reader {
	t.Helper()
	f, err := os.Open(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
