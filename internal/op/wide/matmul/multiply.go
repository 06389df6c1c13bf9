package matmul

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/gemm"
	"csnet/internal/op"
)

// Multiply makes task i, one of Tasks, of dst (m planes of h x w) from the packed matrix
// and what c has under its taps, or adds it to dst if acc. b is memory of at least Scratch
// floats, of the task alone, or holds all columns where tasks share them (Shares). e is what
// is done with the sums: its values are the product's, those in More planes as in dst. It
// returns the outputs, lo to hi-1, and the rows, from to to-1, that it made.
func (p *Product) Multiply(dst, packed []float32, c *Columns, b []float32, acc bool, e *gemm.End, i int) (lo, hi, from, to int) {
	lo, hi = p.Group(i / p.bands)
	from, to = op.Cut(p.h, i%p.bands, p.bands), op.Cut(p.h, i%p.bands+1, p.bands)
	n := (to - from) * p.w
	out := kernel.Planes{X: dst[lo*p.h*p.w+from*p.w:], Stride: p.h * p.w}
	last := gemm.End{ReLU: e.ReLU}
	if len(e.More) > 0 {
		last.More = e.More[lo*p.h*p.w+from*p.w:]
	}
	if len(e.Shift) > 0 {
		last.Shift = e.Shift[lo:hi]
	}
	for s := 0; s < p.k; s += SumLength {
		end := min(s+SumLength, p.k)
		var now gemm.End
		if end == p.k {
			now = last
		}
		var x kernel.Planes
		switch {
		case c.direct():
			x = kernel.Planes{X: c.X[s*p.h*p.w+from*p.w:], Pitch: p.h * p.w}
		case p.Shares(c):
			x = kernel.Planes{X: b[s*Pitch(n):], Pitch: Pitch(n)}
		default:
			x = kernel.Planes{X: b, Pitch: Pitch(n)}
			c.fill(&x, s, end, from, to)
		}
		gemm.MulEnd(&out, packed[lo*p.k+s*(hi-lo):], hi-lo, &x, n, end-s, acc || s > 0, &now)
	}
	return lo, hi, from, to
}

// MultiplyGroup writes all rows of the outputs of group g to dst, whose first plane is that
// of the group's first output. b is memory of at least Scratch floats.
func (p *Product) MultiplyGroup(dst, packed []float32, c *Columns, b []float32, g int) {
	lo, hi := p.Group(g)
	one := *p
	one.m, one.groups, one.unit = hi-lo, 1, 1
	one.Multiply(dst, packed[lo*p.k:], c, b, false, &gemm.End{}, 0)
}

// Scratch is how many floats a task of Multiply needs that makes its columns itself.
func (p *Product) Scratch() int {
	return min(p.k, SumLength) * Pitch((p.h+p.bands-1)/p.bands*p.w)
}

// Shares reports whether the columns of c are made once, for all groups, before they are
// multiplied: by Fill.
func (p *Product) Shares(c *Columns) bool { return p.bands == 1 && p.groups > 1 && !c.direct() }

// SharedFloats is the size of all columns.
func (p *Product) SharedFloats() int { return p.k * Pitch(p.h*p.w) }

// Fill makes the columns of sum i, one of Sums, in shared, SharedFloats large.
func (p *Product) Fill(shared []float32, c *Columns, i int) {
	n, s := Pitch(p.h*p.w), i*SumLength
	c.fill(&kernel.Planes{X: shared[s*n:], Pitch: n}, s, min(s+SumLength, p.k), 0, p.h)
}
