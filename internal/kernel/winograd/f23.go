package winograd

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
)

// F(2, 3) makes two rows of a convolution with three vertical taps of four products
// instead of six, at the points 0, 1, -1 and infinity. Its transforms only add and halve:
// it rounds little more than the plain sum does. They are dense sums themselves, by
// dense.Conv, as are those over channels and horizontal taps between them.
const (
	F23Rows   = 2 // of output in a tile
	F23Points = F23Rows + 2
)

// F23Taps evaluates the vertical taps g at the points of F(2, 3).
func F23Taps(g0, g1, g2 float32) [F23Points]float32 {
	even, odd := float64(g0)+float64(g2), float64(g1)
	return [F23Points]float32{g0, float32((even + odd) / 2), float32((even - odd) / 2), g2}
}

// Tiles are the tiles [From, To) of planes of H x W, of two rows each. H is even and at
// least 4.
type Tiles struct{ H, W, Planes, From, To int }

// whole reports whether these are all tiles.
func (t *Tiles) whole() bool { return t.From == 0 && t.To == t.H/F23Rows }

// F23In evaluates planes x at the points of F(2, 3). The rows of a plane lie W floats
// apart. Tile t is made of rows x0 = 2*t-1 to x3 = 2*t+2, of which those above and below
// the plane are zeros. In dst the points lie Stride floats apart, and what they are of the
// tiles Pitch, those of one plane after those of the other:
//
//	for p < Planes, From <= t < To, i < W, r = p*(To-From) + t-From:
//		dst.X[0*dst.Stride + r*dst.Pitch + i] = x0 - x2
//		dst.X[1*dst.Stride + r*dst.Pitch + i] = x1 + x2
//		dst.X[2*dst.Stride + r*dst.Pitch + i] = x2 - x1
//		dst.X[3*dst.Stride + r*dst.Pitch + i] = x3 - x1
func F23In(dst, x *kernel.Planes, t *Tiles) {
	points := [...]float32{ // of x0, x1, x2, x3
		1, 0, 0, 0,
		0, 1, -1, -1,
		-1, 1, 1, 0,
		0, 0, 0, 1,
	}
	off := [...]int32{0, int32(t.W), int32(2 * t.W), int32(3 * t.W)}
	n, last := t.To-t.From, t.H/F23Rows-1
	inner := func(p, from, to int) { // tiles that do not touch a border
		d := kernel.Planes{X: dst.X[(p*n+from-t.From)*dst.Pitch:], Stride: dst.Stride, Pitch: dst.Pitch}
		rows := kernel.Rows(x.X[p*x.Stride+(F23Rows*from-1)*t.W:], F23Rows*t.W)
		dense.Conv(&d, rows, off[:], kernel.Packed(points[:], F23Points), t.W, to-from, false)
	}
	if t.whole() && x.Stride == t.H*t.W {
		// All planes as one. What tiles at borders between planes become is overwritten.
		inner(0, 1, t.Planes*n-1)
	} else {
		for p := range t.Planes {
			inner(p, max(t.From, 1), min(t.To, last))
		}
	}
	outer := func(tile, row int, points []float32) { // one tile of each plane, of three rows
		d := kernel.Planes{X: dst.X[(tile-t.From)*dst.Pitch:], Stride: dst.Stride, Pitch: n * dst.Pitch}
		dense.Conv(&d, kernel.Rows(x.X[row*t.W:], x.Stride), off[:3], kernel.Packed(points, F23Points), t.W, t.Planes, false)
	}
	if t.From == 0 {
		outer(0, 0, points[F23Points:])
	}
	if t.To > last {
		outer(last, t.H-3, points[:])
	}
}

// F23Out makes the tiles' rows from the sums of products at the points of F(2, 3), which
// lie in m as what F23In makes does. The rows of a plane of dst lie W floats apart. With
// acc it adds to what is there:
//
//	for p < Planes, From <= t < To, i < W, m_k = m.X[k*m.Stride + (p*(To-From)+t-From)*m.Pitch + i]:
//		row 2*t of plane p of dst at i = m_0 + m_1 + m_2
//		row 2*t+1 of plane p of dst at i = m_1 - m_2 + m_3
func F23Out(dst, m *kernel.Planes, t *Tiles, acc bool) {
	rows := [...]float32{ // of the points
		1, 0,
		1, 1,
		1, -1,
		0, 1,
	}
	var off [F23Points]int32
	for k := range off {
		off[k] = int32(k * m.Stride)
	}
	n, planes := t.To-t.From, t.Planes
	tiles := n
	if t.whole() && dst.Stride == t.H*t.W {
		planes, tiles = 1, planes*n // all planes as one
	}
	for p := range planes {
		d := kernel.Planes{X: dst.X[p*dst.Stride+t.From*F23Rows*t.W:], Stride: t.W, Pitch: F23Rows * t.W}
		dense.Conv(&d, kernel.Rows(m.X[p*n*m.Pitch:], m.Pitch), off[:], kernel.Packed(rows[:], F23Rows), t.W, tiles, acc)
	}
}
