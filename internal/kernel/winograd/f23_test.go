package winograd

import (
	"fmt"
	"math"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// f23Case is tiles of planes, some floats between planes and between what the tiles become.
type f23Case struct {
	Tiles
	apart, gap int
	acc        bool
}

func f23Cases() []f23Case {
	var cs []f23Case
	for n := 1; n <= 90; n++ {
		h := 4 + n%5*2
		c := f23Case{Tiles{H: h, W: n, Planes: 1 + n%3, To: h / F23Rows}, n % 4 / 3, n % 3, n%2 == 0}
		if n%5 > 2 { // some of them
			c.From, c.To = n%2, c.To-n%3/2
		}
		cs = append(cs, c)
	}
	return cs
}

// slow is what F23In, products with the evaluated taps g of each plane, and F23Out come to:
// the plain sum of three vertical taps, added to dst with acc.
func (c f23Case) slow(dst []float32, stride int, x []float32, g [][3]float32) {
	for p := range c.Planes {
		for r := F23Rows * c.From; r < F23Rows*c.To; r++ {
			for i := range c.W {
				to := &dst[p*stride+r*c.W+i]
				var s float64
				if c.acc {
					s = float64(*to)
				}
				for y, w := range g[p] {
					if row := r + y - 1; row >= 0 && row < c.H {
						s += float64(w) * float64(x[p*stride+row*c.W+i])
					}
				}
				*to = float32(s)
			}
		}
	}
}

// TestF23 compares the steps of F(2, 3) with the plain sum. A tile's terms are at most two
// values and two taps apart from each other, so the errors are some times those of the
// plain sum; a wrong sign or row anywhere is far outside.
func TestF23(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n, c := range f23Cases() {
			r := kerneltest.NewRand(n)
			stride, pitch, tiles := c.H*c.W+c.apart, c.W+c.gap, c.Planes*(c.To-c.From)
			x := m.Vector(t, (c.Planes-1)*stride+c.H*c.W, n%16)
			for p := range c.Planes {
				x.Plane(r, p*stride, c.W, c.W, c.H)
			}
			point := tiles*pitch + n%5
			v := m.Vector(t, (F23Points-1)*point+(tiles-1)*pitch+c.W, (n+3)%16)
			dst := m.Vector(t, (c.Planes-1)*stride+c.H*c.W, (n+7)%16)
			for p := range c.Planes {
				dst.Plane(r, p*stride+F23Rows*c.From*c.W, c.W, c.W, F23Rows*(c.To-c.From))
			}
			g := make([][3]float32, c.Planes)
			for p := range g {
				g[p] = [3]float32{float32(r.NormFloat64()), float32(r.NormFloat64()), float32(r.NormFloat64())}
			}
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Magnitudes(dst.Data)
			c.slow(want, stride, x.Data, g)
			for i, s := range scale {
				if math.Float32bits(s) != kerneltest.Guard {
					scale[i] = s + 20 // the sum of what a tile's products can be: values and taps are about 1
				}
			}
			points := kernel.Planes{X: v.Data, Stride: point, Pitch: pitch}
			F23In(&points, &kernel.Planes{X: x.Data, Stride: stride}, &c.Tiles)
			for k := range F23Points {
				for row := range tiles {
					u := F23Taps(g[row/(c.To-c.From)][0], g[row/(c.To-c.From)][1], g[row/(c.To-c.From)][2])
					for i := range c.W {
						v.Data[k*point+row*pitch+i] *= u[k]
					}
				}
			}
			F23Out(&kernel.Planes{X: dst.Data, Stride: stride}, &points, &c.Tiles, c.acc)
			kerneltest.Same(t, fmt.Sprintf("%+v: dst", c), dst.Data, want, scale)
			for at, f := range v.Data {
				if col := at % point % pitch; (col >= c.W || at%point/pitch >= tiles) && math.Float32bits(f) != kerneltest.Guard {
					t.Fatalf("%+v: word %d between rows became %v", c, at, f)
				}
			}
			for _, v := range []kerneltest.Vector{x, v, dst} {
				v.Check(t)
			}
		}
	})
}
