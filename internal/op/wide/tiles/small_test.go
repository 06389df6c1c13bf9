package tiles

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/op"
)

// geometry is a convolution padded by half its kernel, all taps of which count.
func geometry(c, h, w, out, k, stride, dilation int) Geometry {
	g := Geometry{C: c, H: h, W: w, Out: out, K: k, Stride: stride, Dilation: dilation, Pad: k / 2 * dilation}
	g.OutH, g.OutW = (h-1)/stride+1, (w-1)/stride+1
	for tap := range k * k {
		g.Taps = append(g.Taps, tap)
	}
	return g
}

func geometries() []Geometry {
	few := geometry(20, 4, 5, 33, 3, 1, 4)
	few.Taps = []int{3, 4} // as where the others meet nothing
	return []Geometry{
		geometry(40, 7, 7, 70, 1, 1, 1), // the map as it lies
		geometry(33, 7, 6, 130, 3, 1, 1),
		geometry(150, 9, 11, 16, 1, 2, 1),
		geometry(35, 13, 10, 49, 3, 2, 1),
		geometry(7, 3, 3, 5, 3, 1, 2),
		few,
	}
}

// Convolutions to small maps, written and added, the tasks in the reverse order, against sums in
// float64.
func TestSmall(t *testing.T) {
	for number, g := range geometries() {
		for _, acc := range []bool{false, true} {
			t.Run(fmt.Sprintf("%+v_%v", g, acc), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(number), 9))
				v := NewSmall(g)
				x, w, factors, dst := drawn(r, g.C*g.H*g.W), drawn(r, g.Out*g.C*g.K*g.K), drawn(r, g.Out), drawn(r, g.Out*v.area())
				start := append([]float32(nil), dst...)
				v.whole(r, dst, x, w, factors, acc)
				var off, largest float64
				for i, got := range dst {
					want := g.at(x, w, i/v.area(), i%v.area()) * float64(factors[i/v.area()])
					if acc {
						want += float64(start[i])
					}
					off, largest = max(off, math.Abs(want-float64(got))), max(largest, math.Abs(want))
				}
				if !(off <= 1e-6*largest) {
					t.Errorf("off by %.2g of the largest, %.3g", off/largest, largest)
				}
			})
		}
	}
}

// whole runs all steps in memory that holds anything.
func (v *Small) whole(r *rand.Rand, dst, x, w, factors []float32, acc bool) {
	var m Map
	m.IncludeSmall(v)
	pixels, values, weights := drawn(r, m.Floats()), drawn(r, v.Floats(&m)), drawn(r, v.WeightFloats())
	for i := op.Parts - 1; i >= 0; i-- {
		m.Make(pixels, x, i)
	}
	for i := range op.Parts {
		if len(values) > 0 {
			v.Gather(values, pixels, &m, i)
		}
	}
	for g := v.Groups() - 1; g >= 0; g-- {
		v.Pack(weights, w, func(o int) float32 { return factors[o] }, g)
		v.Multiply(dst, weights, drawn(r, v.Scratch()), v.Values(values, pixels, &m), acc, g)
	}
}

// at is pixel p of output o.
func (g *Geometry) at(x, w []float32, o, p int) (sum float64) {
	for c := range g.C {
		for _, tap := range g.Taps {
			y, px := p/g.OutW*g.Stride-g.Pad+tap/g.K*g.Dilation, p%g.OutW*g.Stride-g.Pad+tap%g.K*g.Dilation
			if y >= 0 && y < g.H && px >= 0 && px < g.W {
				sum += float64(w[(o*g.C+c)*g.K*g.K+tap]) * float64(x[(c*g.H+y)*g.W+px])
			}
		}
	}
	return sum
}
