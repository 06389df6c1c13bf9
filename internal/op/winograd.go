package op

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/kernel/winograd"
	"csnet/internal/pages"
)

// Winograd is a 3x3 convolution of some inputs together by Winograd's F(4, 3) over
// rows (winograd.ConvAct): four rows of output at a time, which lie the dilation
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
// the tiles begins with row firstRow of the output. Its weights lie in memory of m, which may be nil.
func NewWinograd(in, out, w, dilation, firstRow int, m *pages.Pool) *Winograd {
	g := &Winograd{in: in, out: out, w: w, dilation: dilation, firstRow: firstRow}
	g.pitch = (w + dilation + cacheLine - 1) / cacheLine * cacheLine
	g.tilesAtOnce = max(WinogradFloats/(in*winograd.Points*g.pitch), 1)
	g.margin = (dilation + cacheLine - 1) / cacheLine * cacheLine
	g.plane = g.tilesAtOnce * winograd.Points * g.pitch
	g.weights = m.Floats(winograd.Points * 3 * in * out)
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
				for p, u := range winograd.Taps(f*k[x], f*k[3+x], f*k[6+x]) {
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
				for p, u := range winograd.Taps(scale*k[8-x], scale*k[5-x], scale*k[2-x]) {
					g.weights[(p*3*g.in+3*c+x)*g.out+o] = u
				}
			}
		}
	}
}

// TileStart is the first row of the tile that row lies in.
func (g *Winograd) TileStart(row int) int {
	return FloorDiv(row-g.firstRow, winograd.Rows)*winograd.Rows + g.firstRow
}

// Reads returns the rows of the inputs that rows [from, to) of the output depend on,
// where the dilation is 1. They may lie outside the map.
func (g *Winograd) Reads(from, to int) (lo, hi int) {
	return g.TileStart(from) - 1, g.TileStart(to+winograd.Rows-1) + 1
}

// Planes are rows [Lo, Hi) of N channels: row y of channel c begins at
// X[c*Stride+(y-Lo)*Pitch]. Rows outside are zeros.
type Planes struct {
	X             []float32
	N             int
	Stride, Pitch int
	Lo, Hi        int
}

// Block is rows [From, To) of the output channels [Lo, Hi).
type Block struct{ Lo, Hi, From, To int }

// Rows makes a block of the output. Row r depends on row r*dilation+shift of the inputs
// and on those the dilation above and below it. dst begins with the first row of the
// block. e says what the sums start with and what follows them, beginning with the
// first channel and row of the block.
func (g *Winograd) Rows(dst kernel.Planes, inputs []Planes, shift int, b Block, e winograd.End, a *Arena) {
	mark := a.Mark()
	v := a.Get(g.margin + g.in*g.plane + winograd.Slack)
	e.Scratch = a.Get(winograd.Scratch(g.w))
	gap := g.pitch - g.w
	clear(v[:g.margin])
	pointwise.CopyRows(kernel.Rows(v[g.margin+g.w:], g.pitch), kernel.Rows(a.Zeros(gap), 0), gap, g.in*g.plane/g.pitch)
	tiles := kernel.Planes{X: v, Stride: winograd.Points * g.pitch, Pitch: g.pitch}
	weights := kernel.Weights{W: g.weights[b.Lo:], Stride: g.out, Outputs: b.Hi - b.Lo}
	for from := b.From; from < b.To; {
		r := g.TileStart(from)
		end := min(r+g.tilesAtOnce*winograd.Rows, b.To)
		at := 0
		for _, x := range inputs {
			g.transform(v[at*g.plane+g.margin:], x, shift, r, end, a)
			at += x.N
		}
		winograd.ConvAct(&dst, &tiles, g.off, &weights, g.w, from-r, end-r, &e)
		if done := end - from; end < b.To {
			dst.X = dst.X[done*dst.Pitch:]
			if e.Start.X != nil {
				e.Start.X = e.Start.X[done*e.Start.Pitch:]
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
	for ; r < end; r += winograd.Rows {
		var rows [winograd.Points]winograd.Row
		for j := range rows {
			y := (r+j-1)*g.dilation + shift
			if rows[j].X = zeros; y >= x.Lo && y < x.Hi {
				rows[j] = winograd.Row{X: x.X[(y-x.Lo)*x.Pitch:], Stride: x.Stride}
			}
		}
		winograd.In(&kernel.Planes{X: v, Stride: g.plane, Pitch: g.pitch}, &rows, g.w, x.N)
		v = v[min(winograd.Points*g.pitch, len(v)):]
	}
}
