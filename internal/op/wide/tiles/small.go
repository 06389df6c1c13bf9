package tiles

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/gemm"
	"csnet/internal/kernel/winograd2d"
	"csnet/internal/op"
	"csnet/internal/op/wide/matmul"
)

// Small is a convolution to a small map, as one product of matrices: for each pixel of the
// output the values under the taps, tap by tap with their channels side by side, times the
// weights. So a row of the product's registers is a pixel's outputs, of which there are many,
// and not an output's pixels, of which there are not even 64 in a map of 7x7.
type Small struct {
	Geometry
	k       int // products of an output
	columns int // outputs, rounded up
	groups  int // into which outputs are cut
}

// Geometry describes a convolution of C channels of H x W to Out channels of OutH x OutW; Taps
// are the numbers of the taps that meet the map anywhere, of K x K.
type Geometry struct {
	C, H, W, Out, OutH, OutW int
	K, Stride, Pad, Dilation int
	Taps                     []int
}

// smallMap is how many pixels a small map has at most: with more a row of registers holds
// pixels with little waste.
const smallMap = 144

// groupOutputs is how many outputs a task makes: two panels of gemm.MulRows, of a size that
// divides the powers of two.
const groupOutputs = 64

// NewSmall returns the convolution.
func NewSmall(g Geometry) Small {
	v := Small{Geometry: g, k: g.C * len(g.Taps)}
	v.columns = ceil(g.Out, gemm.RowColumns) * gemm.RowColumns
	v.groups = ceil(v.columns, groupOutputs)
	return v
}

// Pays reports whether the convolution takes less time in this way.
func (v *Small) Pays() bool { return v.C >= 32 && v.Out >= 48 && v.area() <= smallMap }

func (v *Small) area() int { return v.OutH * v.OutW }

// pitch is how far apart the values under the taps of two pixels lie.
func (v *Small) pitch() int { return matmul.Pitch(v.k) }

// IncludeSmall makes room for what v reads.
func (m *Map) IncludeSmall(v *Small) {
	reach := func(n int) int { return (n-1)*v.Stride - v.Pad + (v.K-1)*v.Dilation + 1 }
	m.include(v.C, v.H, v.W, v.Pad, max(v.H, reach(v.OutH)), max(v.W, reach(v.OutW)))
}

// direct reports whether the values are those of the map as it lies.
func (v *Small) direct(m *Map) bool {
	return v.K == 1 && v.Stride == 1 && v.Pad == 0 && m.width == v.W
}

// Values returns the values under the taps, which lie pitch apart, pixel by pixel: of the map
// itself, or those that Gather writes to dst, of Floats floats.
func (v *Small) Values(dst, pixels []float32, m *Map) *kernel.Planes {
	if v.direct(m) {
		return kernel.Rows(pixels[m.place(0, 0):], m.pitch)
	}
	return kernel.Rows(dst, v.pitch())
}

// Floats is the memory that the values under the taps take, 0 where they are the map.
func (v *Small) Floats(m *Map) int {
	if v.direct(m) {
		return 0
	}
	return v.area() * v.pitch()
}

// Gather writes part i, one of op.Parts, of the values under the taps.
func (v *Small) Gather(dst, pixels []float32, m *Map, i int) {
	for p := op.Cut(v.area(), i, op.Parts); p < op.Cut(v.area(), i+1, op.Parts); p++ {
		row := dst[p*v.pitch():]
		for j, tap := range v.Taps {
			y := p/v.OutW*v.Stride - v.Pad + tap/v.K*v.Dilation
			x := p%v.OutW*v.Stride - v.Pad + tap%v.K*v.Dilation
			copy(row[j*v.C:][:v.C], pixels[m.place(y, x):])
		}
	}
}

// WeightFloats is the size of the packed weights.
func (v *Small) WeightFloats() int { return v.k * v.columns }

// Groups is the number of tasks of Pack and of Multiply.
func (v *Small) Groups() int { return v.groups }

// group returns the columns of group g.
func (v *Small) group(g int) (lo, hi int) {
	return g * groupOutputs, min((g+1)*groupOutputs, v.columns)
}

// Pack packs the weights w (Out, C, K, K) of group g, with a factor for each output: sum by
// sum, each as gemm.MulRows takes it.
func (v *Small) Pack(dst, w []float32, factor func(output int) float32, g int) {
	lo, hi := v.group(g)
	k2 := v.K * v.K
	for s := range matmul.Sums(v.k) {
		from, to := s*matmul.SumLength, min((s+1)*matmul.SumLength, v.k)
		part := dst[lo*v.k+from*(hi-lo):]
		for o := lo; o < hi; o++ {
			f := float32(0)
			if o < v.Out {
				f = factor(o)
			}
			at, step := places(hi-lo, to-from, o-lo)
			for t := from; t < to; t++ {
				part[at] = 0
				if o < v.Out {
					part[at] = f * w[(o*v.C+t%v.C)*k2+v.Taps[t/v.C]]
				}
				at += step
			}
		}
	}
}

// places tells where in a packed matrix of n columns and k rows column o begins and how far
// apart its rows lie.
func places(n, k, o int) (at, step int) {
	at = gemm.RowPlace(n, k, 0, o)
	if k > 1 {
		step = gemm.RowPlace(n, k, 1, o) - at
	}
	return at, step
}

// Scratch is how many floats a task of Multiply needs.
func (v *Small) Scratch() int { return v.area() * groupOutputs }

// Multiply makes the outputs of group g, lo to hi-1, from the values under the taps and writes
// them to the planes dst, or adds them if acc. It returns lo and hi.
func (v *Small) Multiply(dst, weights, scratch []float32, values *kernel.Planes, acc bool, g int) (lo, hi int) {
	lo, end := v.group(g)
	hi = min(end, v.Out)
	n, area := end-lo, v.area()
	out := kernel.Rows(scratch, n)
	planes := dst[lo*area:]
	if acc {
		clear(scratch[:area*n])
		winograd2d.Transpose(scratch, n, planes, area, hi-lo, area)
	}
	for s := range matmul.Sums(v.k) {
		from, to := s*matmul.SumLength, min((s+1)*matmul.SumLength, v.k)
		x := kernel.Rows(values.X[from:], values.Pitch)
		gemm.MulRows(out, x, weights[lo*v.k+from*n:], area, n, to-from, acc || s > 0)
	}
	winograd2d.Transpose(planes, area, scratch, n, area, hi-lo)
	return lo, hi
}
