package op

import "csnet/internal/kernel"

// winograd is a 3x3 convolution in evaluation, of some inputs together, by
// kernel.WinogradAct: four rows of output at a time, dil rows apart. Which rows
// make a tile does not depend on what is asked for.
type winograd struct {
	cin, cout, w int // of all inputs; of the output
	dil          int
	first        int // row with which a tile begins; others are multiples of four away
	tiles        int // at most at a time
	pitch, plane int // of what the inputs' rows become: from point to point, from channel to channel
	off          []int32
	u            []float32 // weights, [point][tap][output]
}

// leastWinograd is for how many outputs a convolution is made so: with fewer,
// the rows of the inputs are too much work.
const leastWinograd = 3

// newWinograd returns the convolution for up to rows rows of output at a time,
// anywhere.
func newWinograd(cin, cout, w, dil, first, rows int) *winograd {
	g := &winograd{cin: cin, cout: cout, w: w, dil: dil, first: first}
	g.tiles = rows/kernel.WinogradRows + 1
	if rows%kernel.WinogradRows != 0 {
		g.tiles++
	}
	g.pitch = w + dil
	g.plane = dil + g.tiles*kernel.WinogradPoints*g.pitch
	g.u = make([]float32, kernel.WinogradPoints*3*cin*cout)
	for c := range cin {
		for x := range 3 {
			g.off = append(g.off, int32(c*g.plane+x*dil))
		}
	}
	return g
}

// floats is how much a row of output takes in scratch memory.
func (g *winograd) floats() int {
	return g.cin * g.pitch * kernel.WinogradPoints / kernel.WinogradRows
}

// fold packs the weights w of the inputs from channel at on, times the outputs'
// scales and scale.
func (g *winograd) fold(at, cin int, w []float32, a act, scale float32) {
	for o := range g.cout {
		f := a.of(o) * scale
		for c := range cin {
			k := w[(o*cin+c)*9:][:9]
			for x := range 3 {
				tap := 3*(at+c) + x
				for p, u := range kernel.WinogradTaps(f*k[x], f*k[3+x], f*k[6+x]) {
					g.u[(p*3*g.cin+tap)*g.cout+o] = u
				}
			}
		}
	}
}

// begin is the first row of the tile that row lies in.
func (g *winograd) begin(row int) int {
	return down(row-g.first, kernel.WinogradRows)*kernel.WinogradRows + g.first
}

// reads tells which rows of the inputs go into rows from up to to of the output,
// those outside included, where dil is 1.
func (g *winograd) reads(from, to int) (lo, hi int) {
	return g.begin(from) - 1, g.begin(to+kernel.WinogradRows-1) + 1
}

// planes are rows lo up to hi of some planes: row y begins at x[(y-lo)*pitch].
// What is not there is zero.
type planes struct {
	x             []float32
	stride, pitch int
	lo, hi        int
}

// points returns room for what the inputs become.
func (g *winograd) points(s *scratch) []float32 {
	return s.get(g.cin*g.plane + kernel.WinogradSlack)
}

// fill makes the points' rows, for rows from up to to of the output, of n
// channels, which are the inputs from channel at on. Row r of output is row
// r*dil + shift of the planes.
func (g *winograd) fill(v []float32, at, n int, x planes, shift, from, to int, s *scratch) {
	zeros := s.zeros(g.w)
	for c := range n {
		clear(v[(at+c)*g.plane:][:g.dil])
	}
	for t, r := 0, g.begin(from); r < to; t, r = t+1, r+kernel.WinogradRows {
		var rows [kernel.WinogradPoints]kernel.Row
		for j := range rows {
			y := (r+j-1)*g.dil + shift
			if rows[j].X = zeros; y >= x.lo && y < x.hi {
				rows[j] = kernel.Row{X: x.x[(y-x.lo)*x.pitch:], Stride: x.stride}
			}
		}
		kernel.WinogradIn(v[at*g.plane+g.dil+t*kernel.WinogradPoints*g.pitch:], g.plane, g.pitch, &rows, g.w, n, g.dil)
	}
}

// run makes rows from up to to of outputs lo up to hi of what fill made; dst
// begins with the first, its rows are pitch apart, outputs stride. e is of output
// lo.
func (g *winograd) run(dst []float32, stride, pitch int, v []float32, lo, hi, from, to int, e *kernel.WinogradEnd, s *scratch) {
	r, used := g.begin(from), s.used
	m := s.get(kernel.WinogradScratch(g.w))
	kernel.WinogradAct(dst, stride, pitch, v, g.pitch, kernel.WinogradPoints*g.pitch, g.off, g.u[lo:], g.cout, hi-lo, g.w, from-r, to-r, e, m)
	s.used = used
}
