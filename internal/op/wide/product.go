package wide

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/gemm"
)

// termsAtOnce is how many products are summed by themselves before the sum is added to
// those before it: sums of thousands in a row, as a 3x3 convolution of 512 channels has,
// would lose two digits, and where a map is near 0 the gradient of its activation with them.
const termsAtOnce = 128

// columnsAtOnce is about how many columns of the values under the taps are made before
// they are multiplied: with termsAtOnce rows of them a quarter of the second-level cache.
const columnsAtOnce = 960

// product is a convolution as a product of matrices: m outputs by k weights times the k
// values that lie under the taps of each of the h x w pixels of the output.
type product struct {
	m, k, h, w int
	bands      int // into which rows are cut
	groups     int // into which outputs are cut
	unit       int // of outputs that no cut parts
}

// newProduct cuts a product into tasks of a size that the caches hold, an even number of
// bands, or so many groups of outputs that there are eight tasks where that leaves enough
// work to each.
func newProduct(m, k, h, w int) product {
	p := product{m: m, k: k, h: h, w: w, unit: 1, bands: 1}
	if n := h * w / columnsAtOnce; n > 0 {
		p.bands = min(h, (n+2)/2*2)
	}
	p.groups = max(1, min((parts+p.bands-1)/p.bands, m/64))
	if p.bands*p.groups == 1 {
		p.bands = min(h, 2)
	}
	return p
}

// shares reports whether the columns of c are made once, for all groups, before they are
// multiplied.
func (p *product) shares(c *columns) bool { return p.bands == 1 && p.groups > 1 && !c.direct() }

// newScattered is newProduct for unit outputs for each of c channels, which are added up in the
// channel: no cut parts them, and all columns are one task.
func newScattered(c, unit, k, h, w int) product {
	p := newProduct(c*unit, k, h, w)
	p.unit, p.bands = unit, 1
	p.groups = min(c, max(1, c*unit*h*w/scatterFloats))
	return p
}

// scatterFloats is how many floats a task makes before it adds them up: a MiB.
const scatterFloats = 1 << 18

// group returns the outputs of group g.
func (p *product) group(g int) (lo, hi int) {
	n := p.m / p.unit
	return cut(n, g, p.groups) * p.unit, cut(n, g+1, p.groups) * p.unit
}

// sums is into how many sums the k products are cut.
func (p *product) sums() int { return (p.k + termsAtOnce - 1) / termsAtOnce }

// matrix tells where in a slice of weights the elements of an m x k matrix lie: row r and
// column t at rows[r] + columns[t]. scale multiplies all, each of rowScale and columnScale,
// where they are not nil, a row or a column.
type matrix struct {
	rows, columns         []int32
	scale                 float32
	rowScale, columnScale []float32
}

// pack writes part i, one of groups*sums, of the matrix that multiply takes.
func (p *product) pack(dst, w []float32, m *matrix, i int) {
	lo, hi := p.group(i / p.sums())
	from := i % p.sums() * termsAtOnce
	to := min(from+termsAtOnce, p.k)
	dst = dst[lo*p.k+from*(hi-lo):]
	at := 0
	for b := range gemm.Blocks(hi - lo) {
		first, end := lo+gemm.Block(hi-lo, b), lo+gemm.Block(hi-lo, b+1)
		rows := m.rows[first:end]
		var factors [8]float32
		for r := range rows {
			factors[r] = m.scale
			if m.rowScale != nil {
				factors[r] *= m.rowScale[first+r]
			}
		}
		for t, off := range m.columns[from:to] {
			f := float32(1)
			if m.columnScale != nil {
				f = m.columnScale[from+t]
			}
			block := dst[at:][:len(rows)]
			for r, row := range rows {
				block[r] = f * factors[r] * w[row+off]
			}
			at += len(rows)
		}
	}
}

// multiply makes task i, one of bands*groups, of dst (m planes) from the packed matrix and
// what c has under its taps. b is memory of at least scratch floats, or holds all columns
// where they are shared.
func (p *product) multiply(dst, packed []float32, c *columns, b []float32, acc bool, i int) (lo, hi, from, to int) {
	lo, hi = p.group(i / p.bands)
	from, to = cut(p.h, i%p.bands, p.bands), cut(p.h, i%p.bands+1, p.bands)
	n := (to - from) * p.w
	out := kernel.Planes{X: dst[lo*p.h*p.w+from*p.w:], Stride: p.h * p.w}
	for s := 0; s < p.k; s += termsAtOnce {
		end := min(s+termsAtOnce, p.k)
		var x kernel.Planes
		switch {
		case c.direct():
			x = kernel.Planes{X: c.x[s*p.h*p.w+from*p.w:], Pitch: p.h * p.w}
		case p.shares(c):
			x = kernel.Planes{X: b[s*pitch(n):], Pitch: pitch(n)}
		default:
			x = kernel.Planes{X: b, Pitch: pitch(n)}
			c.fill(&x, s, end, from, to)
		}
		gemm.Mul(&out, packed[lo*p.k+s*(hi-lo):], hi-lo, &x, n, end-s, acc || s > 0)
	}
	return lo, hi, from, to
}

// scratch is how many floats multiply needs.
func (p *product) scratch() int {
	return min(p.k, termsAtOnce) * pitch((p.h+p.bands-1)/p.bands*p.w)
}

// pitch is how far apart rows of n floats lie that are read down the columns: an odd number
// of lines of the cache, so that they do not all fall into few of its sets.
func pitch(n int) int { return ((n+15)/16 | 1) * 16 }
