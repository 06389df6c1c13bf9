package op

import "csnet/internal/kernel"

// winograd is a 3x3 convolution in evaluation, of some inputs together, by
// kernel.WinogradAct: four rows of output at a time, dil rows apart. Which rows
// make a tile does not depend on what is asked for.
type winograd struct {
	cin, cout, w int // of all inputs; of the output
	dil          int
	firstRow     int // row with which a tile begins; others are multiples of four away
	tilesAtOnce  int // at a time
	pitch, plane int // of what the inputs' rows become: from point to point, from channel to channel
	margin       int // before the first, as between them
	off          []int32
	u            []float32 // weights, [point][tap][output]
}

// minWinogradOutputs is for how many outputs a convolution is made so: with fewer,
// the rows of the inputs are too much work.
const minWinogradOutputs = 3

// winogradPays reports whether maps of h rows go by tiles of rows the dilation apart:
// of fewer rows too much of the tiles lies outside.
func winogradPays(h, dil int) bool { return h >= 6*dil }

// winogradFloats is about how much the inputs of some tiles take when they are
// ready for the sums: they are to stay in the nearest caches.
const winogradFloats = 16 << 10

// newWinograd returns the convolution of cin inputs and cout outputs, w wide. A
// tile begins with row first of the output.
func newWinograd(cin, cout, w, dil, first int) *winograd {
	g := &winograd{cin: cin, cout: cout, w: w, dil: dil, firstRow: first}
	g.pitch = (w + dil + line - 1) / line * line
	g.tilesAtOnce = max(winogradFloats/(cin*kernel.WinogradPoints*g.pitch), 1)
	g.margin = (dil + line - 1) / line * line
	g.plane = g.tilesAtOnce * kernel.WinogradPoints * g.pitch
	g.u = make([]float32, kernel.WinogradPoints*3*cin*cout)
	for c := range cin {
		for x := range 3 {
			g.off = append(g.off, int32(c*g.plane+g.margin+(x-1)*dil))
		}
	}
	return g
}

// pack packs the weights w of cin inputs from at on, times the outputs' scales
// and scale.
func (g *winograd) pack(at, cin int, w []float32, a inferEpilogue, scale float32) {
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

// tileStart is the first row of the tile that row lies in.
func (g *winograd) tileStart(row int) int {
	return floorDiv(row-g.firstRow, kernel.WinogradRows)*kernel.WinogradRows + g.firstRow
}

// reads tells which rows of the inputs go into rows from up to to of the output,
// those outside included, where dil is 1.
func (g *winograd) reads(from, to int) (lo, hi int) {
	return g.tileStart(from) - 1, g.tileStart(to+kernel.WinogradRows-1) + 1
}

// planes are rows lo up to hi of n channels: row y begins at x[(y-lo)*pitch].
// What is not there is zero.
type planes struct {
	x             []float32
	n             int
	stride, pitch int
	lo, hi        int
}

// rows makes rows from up to to of outputs lo up to hi; row r reads row r*dil +
// shift of the inputs and those dil above and below it. dst begins with row from,
// its rows are pitch apart, outputs stride. e is of output lo and row from.
func (g *winograd) rows(dst []float32, stride, pitch int, inputs []planes, shift, lo, hi, from, to int, e kernel.WinogradEnd, s *scratch) {
	used := s.used
	v, m := s.get(g.margin+g.cin*g.plane+kernel.WinogradSlack), s.get(kernel.WinogradScratch(g.w))
	gap := g.pitch - g.w
	clear(v[:g.margin])
	kernel.CopyRows(v[g.margin+g.w:], g.pitch, s.zeros(gap), 0, gap, g.cin*g.plane/g.pitch)
	for from < to {
		r := g.tileStart(from)
		end := min(r+g.tilesAtOnce*kernel.WinogradRows, to)
		at := 0
		for _, x := range inputs {
			g.fill(v[at*g.plane+g.margin:], x, shift, r, end, s)
			at += x.n
		}
		kernel.WinogradAct(dst, stride, pitch, v, g.pitch, kernel.WinogradPoints*g.pitch, g.off, g.u[lo:], g.cout, hi-lo, g.w, from-r, end-r, &e, m)
		if done := end - from; end < to {
			dst = dst[done*pitch:]
			if e.Start != nil {
				e.Start = e.Start[done*e.SP:]
			}
		}
		from = end
	}
	s.used = used
}

// fill makes of an input what the tiles of rows r up to end of output need.
func (g *winograd) fill(v []float32, x planes, shift, r, end int, s *scratch) {
	zeros := s.zeros(g.w)
	for ; r < end; r += kernel.WinogradRows {
		var rows [kernel.WinogradPoints]kernel.Row
		for j := range rows {
			y := (r+j-1)*g.dil + shift
			if rows[j].X = zeros; y >= x.lo && y < x.hi {
				rows[j] = kernel.Row{X: x.x[(y-x.lo)*x.pitch:], Stride: x.stride}
			}
		}
		kernel.WinogradIn(v, g.plane, g.pitch, &rows, g.w, x.n)
		v = v[min(kernel.WinogradPoints*g.pitch, len(v)):]
	}
}
