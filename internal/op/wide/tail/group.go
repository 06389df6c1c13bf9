package tail

import (
	"math"

	"csnet/internal/kernel/channels"
	"csnet/internal/kernel/pointwise"
)

// group makes the logits that group g gives: its channels a row of pixels at a time, then
// their norm, PReLU and weighted sum.
func (t *Tail) group(thread, g int) {
	a := t.env.Arena(thread)
	a.Reset()
	m := a.Get(t.scratch())
	width := t.octaves[0].w * t.columns
	z, m := m[:t.area()*t.columns], m[t.area()*t.columns:]
	coarse := make([]resized, 0, len(t.octaves))
	for i := range t.octaves[1:] {
		o := &t.octaves[i+1]
		n := o.h * o.w * t.columns
		r := resized{octave: o, values: m[:n], lines: m[n : n+2*width], have: [2]int{-1, -1}, columns: t.columns}
		o.multiply(r.values, g, t.columns, 0, o.h*o.w, false)
		coarse, m = append(coarse, r), m[n+2*width:]
	}
	var mean moments
	for y := range t.octaves[0].h {
		row := z[y*width:][:width]
		for i := range coarse {
			coarse[i].add(row, y, i > 0)
		}
		t.octaves[0].multiply(row, g, t.columns, y*t.octaves[0].w, t.octaves[0].w, len(coarse) > 0)
		mean.add(row)
	}
	s := t.scorer(m, g, mean.of(t.area()*t.each, t.area()*(t.columns-t.each)))
	channels.Score(t.partial[g*t.area():][:t.area()], z, &s)
}

// scratch is how many floats a task of group needs.
func (t *Tail) scratch() int {
	n := (t.area() + 4) * t.columns
	for i := range t.octaves[1:] {
		o := &t.octaves[i+1]
		n += (o.h*o.w + 2*t.octaves[0].w) * t.columns
	}
	return n
}

// resized is what an octave gives to a group, and two of its rows brought to the finest
// octave's width.
type resized struct {
	*octave
	values, lines []float32
	have          [2]int // their numbers
	columns       int
}

// add writes row y of the finest octave's size to dst, or adds it.
func (r *resized) add(dst []float32, y int, acc bool) {
	m := r.rows[y]
	a, b := r.row(m.A, len(dst)), r.row(m.B, len(dst))
	if acc {
		channels.AddBlend(dst, a, b, 1-m.T, m.T)
	} else {
		channels.Blend(dst, a, b, 1-m.T, m.T)
	}
}

// row returns row y, n floats wide. The one below it, which has another place, stays.
func (r *resized) row(y, n int) []float32 {
	row := r.lines[y%2*n:][:n]
	if r.have[y%2] != y {
		r.have[y%2] = y
		channels.Across(row, r.values[y*r.w*r.columns:], &r.line, r.columns)
	}
	return row
}

// moments adds up values, and their squares, about a first guess of their mean.
type moments struct {
	guess       float32
	begun       bool
	sum, square float64
}

func (m *moments) add(x []float32) {
	if !m.begun {
		m.guess, m.begun = float32(pointwise.Sum(x)/float64(len(x))), true
	}
	s, q := pointwise.Moments(x, m.guess)
	m.sum, m.square = m.sum+s, m.square+q
}

// of returns mean and variance, biased, of n of the values; the others are zeros.
func (m *moments) of(n, zeros int) [2]float64 {
	g := float64(m.guess)
	d := (m.sum + float64(zeros)*g) / float64(n)
	q := (m.square - float64(zeros)*g*g) / float64(n)
	return [2]float64{g + d, max(q-d*d, 0)}
}

// scorer returns the norm, PReLU and weights of group g, whose channels have this mean and
// variance, in memory of four times the columns.
func (t *Tail) scorer(m []float32, g int, mean [2]float64) channels.Scorer {
	n := t.columns
	s := channels.Scorer{A: m[:n], B: m[n : 2*n], Above: m[2*n : 3*n], Below: m[3*n : 4*n]}
	clear(m[:4*n])
	c, inv := &t.channels, 1/math.Sqrt(mean[1]+t.eps)
	for j := range t.each {
		k := g*t.each + j
		a := float64(c.gamma[k]) * inv
		s.A[j], s.B[j] = float32(a), float32(float64(c.beta[k])-mean[0]*a)
		s.Above[j], s.Below[j] = c.classifier[k], c.classifier[k]*c.slope[k]
	}
	return s
}
