package tiles

import (
	"csnet/internal/kernel/gemm"
	"csnet/internal/kernel/winograd2d"
	"csnet/internal/op"
	"csnet/internal/op/wide/matmul"
)

// Conv is a 3x3 convolution of a map of c channels of h x w, padded by its dilation, to out
// channels of the same size.
type Conv struct {
	c, out, h, w, dilation int
	down, across           int // maps of pixels that lie dilation apart, in either direction
	tall, wide             int // tiles of such a map
	tiles                  int // of all of them
	runs                   int // into which the tiles are cut
	columns                int // of the products: out, rounded up
	values, products       int // floats between tiles, evaluated and multiplied
}

// runFloats is about how many floats the tiles of a run take, evaluated and multiplied: the
// second-level cache holds most of them, and the weights are read once a run.
const runFloats = 384 << 10

// fewestTiles is how many tiles a run has at least: with fewer the weights, which are read
// once a run, come from memory more slowly than they are multiplied.
const fewestTiles = 32

// New returns the convolution, with sides of at least 1.
func New(c, out, h, w, dilation int) Conv {
	v := Conv{c: c, out: out, h: h, w: w, dilation: dilation}
	v.down, v.across = min(dilation, h), min(dilation, w)
	side := func(n int) int { return (ceil(n, dilation) + winograd2d.Tile - 1) / winograd2d.Tile }
	v.tall, v.wide = side(h), side(w)
	v.tiles = v.down * v.across * v.tall * v.wide
	v.columns = ceil(out, gemm.RowColumns) * gemm.RowColumns
	v.values, v.products = matmul.Pitch(c), matmul.Pitch(v.columns)
	v.runs = ceil(v.tiles, max(fewestTiles, runFloats/(winograd2d.Points*(v.values+v.products))))
	return v
}

func ceil(n, by int) int { return (n + by - 1) / by }

// Pays reports whether the convolution takes less time in this way than as a sum over taps,
// taps of which meet the map: it has to have much fewer products, and tiles enough that
// reading the weights, of which there are four times as many, does not take the time.
func (v *Conv) Pays(taps int) bool {
	return v.c >= 32 && v.tiles >= 16 && 3*winograd2d.Points*v.tiles*v.columns < 2*taps*v.h*v.w*v.out
}

// Scratch is how many floats a task of Evaluate or Interpolate needs.
const Scratch = winograd2d.Scratch

// Runs is into how many runs the tiles are cut, one after the other.
func (v *Conv) Runs() int { return v.runs }

// fewestInPiece is how many tiles a piece has at least: with fewer the weights are read too
// often.
const fewestInPiece = 16

// Pieces returns the convolution with its tiles cut into runs of which threads make one each at
// a time, nil where there are too few tiles for that. What a run gives does not depend on the
// cut.
func (v *Conv) Pieces(threads int) *Conv {
	if threads < 2 || v.tiles < threads*fewestInPiece {
		return nil
	}
	c := *v
	c.runs = ceil(v.tiles, threads*2*fewestInPiece) * threads
	return &c
}

// Piece makes run r from start to end, but for Write, in memory of its own.
func (v *Conv) Piece(output, x, weights []float32, m *Map, memory []float32, r int) {
	a, b, _ := v.Room()
	values, products, scratch := memory[:a], memory[a:a+b], memory[a+b:]
	for i := range op.Parts {
		v.Evaluate(values, x, m, scratch, r, i)
	}
	for p := range v.MultiplyTasks() {
		v.Multiply(products, values, weights, r, p)
	}
	for i := range op.Parts {
		v.Interpolate(output, products, scratch, r, i)
	}
}

// PieceFloats is how many floats a task of Piece needs.
func (v *Conv) PieceFloats() int {
	a, b, _ := v.Room()
	return a + b + Scratch
}

// run returns the tiles of run r.
func (v *Conv) run(r int) (from, to int) {
	return op.Cut(v.tiles, r, v.runs), op.Cut(v.tiles, r+1, v.runs)
}

// most is how many tiles a run has at most.
func (v *Conv) most() int { return ceil(v.tiles, v.runs) }

// Room returns the sizes in floats of the memory that a convolution takes: the evaluated
// tiles of a run, their products, and the interpolated map.
func (v *Conv) Room() (values, products, output int) {
	return winograd2d.Points * v.point(v.values), winograd2d.Points * v.point(v.products), v.height() * v.width() * v.products
}

// point is how far apart the points lie, of tiles that lie pitch apart.
func (v *Conv) point(pitch int) int { return matmul.Pitch(v.most() * pitch) }

// height and width are the sides of the interpolated map: whole tiles.
func (v *Conv) height() int { return v.tall * winograd2d.Tile * v.dilation }
func (v *Conv) width() int  { return v.wide * winograd2d.Tile * v.dilation }

// corner is the first pixel of a tile.
func (v *Conv) corner(tile int) (y, x int) {
	tx, tile := tile%v.wide, tile/v.wide
	ty, tile := tile%v.tall, tile/v.tall
	return tile/v.across + v.dilation*winograd2d.Tile*ty, tile%v.across + v.dilation*winograd2d.Tile*tx
}

// Evaluate evaluates part i, one of op.Parts, of the tiles of run r of the map x.
func (v *Conv) Evaluate(values, x []float32, m *Map, scratch []float32, r, i int) {
	first, end := v.run(r)
	n, d := end-first, v.dilation
	for t := op.Cut(n, i, op.Parts); t < op.Cut(n, i+1, op.Parts); t++ {
		y0, x0 := v.corner(first + t)
		channels := ceil(v.c, winograd2d.Channels) * winograd2d.Channels
		winograd2d.In(values[t*v.values:], v.point(v.values), x[m.place(y0-d, x0-d):], d*m.width*m.pitch, d*m.pitch, channels, scratch)
	}
}

// Interpolate interpolates part i, one of op.Parts, of the tiles of run r.
func (v *Conv) Interpolate(output, products, scratch []float32, r, i int) {
	first, end := v.run(r)
	n, d := end-first, v.dilation
	for t := op.Cut(n, i, op.Parts); t < op.Cut(n, i+1, op.Parts); t++ {
		y0, x0 := v.corner(first + t)
		winograd2d.Out(output[(y0*v.width()+x0)*v.products:], d*v.width()*v.products, d*v.products, products[t*v.products:], v.point(v.products), v.columns, scratch)
	}
}

// Write writes rows from to to-1 of the interpolated map to the planes dst.
func (v *Conv) Write(dst, output []float32, from, to int) {
	for y := from; y < to; y++ {
		winograd2d.Transpose(dst[y*v.w:], v.h*v.w, output[y*v.width()*v.products:], v.products, v.w, v.out)
	}
}
