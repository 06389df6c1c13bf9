// Package matmul runs a convolution as a product of two matrices, in blocks that the caches
// hold: the weights, packed once, times the values under the taps (im2col), of which some
// hundred columns are made at a time and never all. It says how a product is cut into
// tasks, which do not depend on the number of threads; who runs them is the caller's affair.
// The innermost product is internal/kernel/gemm's.
package matmul

import "csnet/internal/op"

// SumLength is how many products are summed by themselves before the sum is added to
// those before it: sums of thousands in a row, as a 3x3 convolution of 512 channels has,
// would lose two digits, and where a map is near 0 the gradient of its activation with them.
const SumLength = 128

// columnsAtOnce is about how many columns of the values under the taps are made before
// they are multiplied: with SumLength rows of them a quarter of the second-level cache.
const columnsAtOnce = 960

// Product is a convolution as a product of matrices: m outputs by k weights times the k
// values that lie under the taps of each of the h x w pixels of the output. Its rows are
// cut into bands and its outputs into groups; a task is a band of a group. The k products
// are cut into sums of SumLength.
type Product struct {
	m, k, h, w int
	bands      int // into which rows are cut
	groups     int // into which outputs are cut
	unit       int // of outputs that no cut parts
}

// New cuts a product, of sides of at least 1, into tasks of a size that the caches hold: an
// even number of bands, or so many groups of outputs that there are eight tasks where that
// leaves enough work to each.
func New(m, k, h, w int) Product {
	p := Product{m: m, k: k, h: h, w: w, unit: 1, bands: 1}
	if n := h * w / columnsAtOnce; n > 0 {
		p.bands = min(h, (n+2)/2*2)
	}
	p.groups = max(1, min((op.Parts+p.bands-1)/p.bands, m/64))
	if p.bands*p.groups == 1 {
		p.bands = min(h, 2)
	}
	return p
}

// NewScattered is New for unit outputs for each of c channels, which are added up in the
// channel: no cut parts them, and a group has all columns. See MultiplyGroup.
func NewScattered(c, unit, k, h, w int) Product {
	p := New(c*unit, k, h, w)
	p.unit, p.bands = unit, 1
	p.groups = min(c, max(1, c*unit*h*w/scatterFloats))
	return p
}

// scatterFloats is how many floats a group makes before it adds them up: a MiB.
const scatterFloats = 1 << 18

// Tasks is the number of tasks of Multiply.
func (p *Product) Tasks() int { return p.bands * p.groups }

// Groups is the number of groups of outputs.
func (p *Product) Groups() int { return p.groups }

// Group returns the outputs of group g: lo to hi-1.
func (p *Product) Group(g int) (lo, hi int) {
	n := p.m / p.unit
	return op.Cut(n, g, p.groups) * p.unit, op.Cut(n, g+1, p.groups) * p.unit
}

// Sums is the number of sums that are taken by themselves.
func (p *Product) Sums() int { return Sums(p.k) }

// Sums is into how many sums k products are cut.
func Sums(k int) int { return (k + SumLength - 1) / SumLength }

// Pitch is how far apart rows of n floats lie that are read down the columns: an odd number
// of lines of the cache, so that they do not all fall into few of its sets.
func Pitch(n int) int { return ((n+15)/16 | 1) * 16 }
