package op

import "csnet/internal/kernel"

// Winograd is a 3x3 convolution of some inputs together by Winograd's F(4, 3) over
// rows (kernel.WinogradAct): four rows of output at a time, which lie the dilation
// apart, make a tile. Which rows make a tile depends on the map alone, not on which
// rows are asked for, so that the bits stay the same however the rows are cut.
type Winograd struct {
	in, out, w int // channels of all inputs, channels and width of the output
	dilation   int
	firstRow   int // row with which one of the tiles begins; the others are multiples of four away

	tilesAtOnce int       // tiles whose transformed inputs are held at a time
	pitch       int       // of the transformed rows: from point to point
	plane       int       // from channel to channel
	margin      int       // zeros before the first row; as many lie between rows
	off         []int32   // taps over the transformed rows
	weights     []float32 // transformed: [point][tap][output]
}

// WinogradPays reports whether maps of h rows had better go by tiles of rows the
// dilation apart: of fewer rows too much of the tiles lies outside the map.
func WinogradPays(h, dilation int) bool { return h >= MinWinogradRows*dilation }

// NewWinograd returns the convolution of in channels to out channels, w wide. One of
// the tiles begins with row firstRow of the output.
func NewWinograd(in, out, w, dilation, firstRow int) *Winograd {
	g := &Winograd{in: in, out: out, w: w, dilation: dilation, firstRow: firstRow}
	g.pitch = (w + dilation + cacheLine - 1) / cacheLine * cacheLine
	g.tilesAtOnce = max(WinogradFloats/(in*kernel.WinogradPoints*g.pitch), 1)
	g.margin = (dilation + cacheLine - 1) / cacheLine * cacheLine
	g.plane = g.tilesAtOnce * kernel.WinogradPoints * g.pitch
	g.weights = make([]float32, kernel.WinogradPoints*3*in*out)
	for c := range in {
		for x := range 3 {
			g.off = append(g.off, int32(c*g.plane+g.margin+(x-1)*dilation))
		}
	}
	return g
}

// Pack transforms the weights w (out, in, 3, 3) of the input channels from at on,
// times scale and times the outputs' own scales, which may be nil.
func (g *Winograd) Pack(at, in int, w, scales []float32, scale float32) {
	for o := range g.out {
		f := scale
		if scales != nil {
			f = scales[o] * scale
		}
		for c := range in {
			k := w[(o*in+c)*9:][:9]
			for x := range 3 {
				tap := 3*(at+c) + x
				for p, u := range kernel.WinogradTaps(f*k[x], f*k[3+x], f*k[6+x]) {
					g.weights[(p*3*g.in+tap)*g.out+o] = u
				}
			}
		}
	}
}

// PackTurned transforms the weights w (in, out, 3, 3) of another convolution, turned
// by 180 degrees and times scale: this one then takes the gradient of that one's
// output to the gradient of its input.
func (g *Winograd) PackTurned(w []float32, scale float32) {
	for c := range g.in {
		for o := range g.out {
			k := w[(c*g.out+o)*9:][:9]
			for x := range 3 {
				for p, u := range kernel.WinogradTaps(scale*k[8-x], scale*k[5-x], scale*k[2-x]) {
					g.weights[(p*3*g.in+3*c+x)*g.out+o] = u
				}
			}
		}
	}
}

// TileStart is the first row of the tile that row lies in.
func (g *Winograd) TileStart(row int) int {
	return FloorDiv(row-g.firstRow, kernel.WinogradRows)*kernel.WinogradRows + g.firstRow
}

// Reads returns the rows of the inputs that rows [from, to) of the output depend on,
// where the dilation is 1. They may lie outside the map.
func (g *Winograd) Reads(from, to int) (lo, hi int) {
	return g.TileStart(from) - 1, g.TileStart(to+kernel.WinogradRows-1) + 1
}

// Planes are rows [Lo, Hi) of N channels: row y of channel c begins at
// X[c*Stride+(y-Lo)*Pitch]. Rows outside are zeros.
type Planes struct {
	X             []float32
	N             int
	Stride, Pitch int
	Lo, Hi        int
}

// Rows makes rows [from, to) of the output channels [lo, hi). Row r depends on row
// r*dilation+shift of the inputs and on those the dilation above and below it. dst
// begins with row from; its rows lie pitch apart, its channels stride. e says what the
// sums start with and what follows them, beginning with channel lo and row from.
func (g *Winograd) Rows(dst []float32, stride, pitch int, inputs []Planes, shift, lo, hi, from, to int, e kernel.WinogradEnd, a *Arena) {
	mark := a.Mark()
	v, m := a.Get(g.margin+g.in*g.plane+kernel.WinogradSlack), a.Get(kernel.WinogradScratch(g.w))
	gap := g.pitch - g.w
	clear(v[:g.margin])
	kernel.CopyRows(v[g.margin+g.w:], g.pitch, a.Zeros(gap), 0, gap, g.in*g.plane/g.pitch)
	for from < to {
		r := g.TileStart(from)
		end := min(r+g.tilesAtOnce*kernel.WinogradRows, to)
		at := 0
		for _, x := range inputs {
			g.transform(v[at*g.plane+g.margin:], x, shift, r, end, a)
			at += x.N
		}
		kernel.WinogradAct(dst, stride, pitch, v, g.pitch, kernel.WinogradPoints*g.pitch, g.off, g.weights[lo:], g.out, hi-lo, g.w, from-r, end-r, &e, m)
		if done := end - from; end < to {
			dst = dst[done*pitch:]
			if e.Start != nil {
				e.Start = e.Start[done*e.SP:]
			}
		}
		from = end
	}
	a.Release(mark)
}

// transform writes to v the transformed rows of one input for the tiles of rows
// [r, end) of the output.
func (g *Winograd) transform(v []float32, x Planes, shift, r, end int, a *Arena) {
	zeros := a.Zeros(g.w)
	for ; r < end; r += kernel.WinogradRows {
		var rows [kernel.WinogradPoints]kernel.Row
		for j := range rows {
			y := (r+j-1)*g.dilation + shift
			if rows[j].X = zeros; y >= x.Lo && y < x.Hi {
				rows[j] = kernel.Row{X: x.X[(y-x.Lo)*x.Pitch:], Stride: x.Stride}
			}
		}
		kernel.WinogradIn(v, g.plane, g.pitch, &rows, g.w, x.N)
		v = v[min(kernel.WinogradPoints*g.pitch, len(v)):]
	}
}
