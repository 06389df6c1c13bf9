package tiles

import (
	"csnet/internal/kernel/winograd2d"
	"csnet/internal/op"
	"csnet/internal/op/wide/matmul"
)

// Map is a map of C planes of H x W with the channels of a pixel side by side, and zeros
// around it: as many as the convolutions that read it reach out.
type Map struct {
	C, H, W       int
	before        int // zeros above and left of the map
	height, width int // with the zeros
	pitch         int // floats between pixels
}

// Include makes room for what c reads.
func (m *Map) Include(c *Conv) {
	d := c.dilation
	m.include(c.c, c.h, c.w, d, d*(winograd2d.Tile*c.tall+1), d*(winograd2d.Tile*c.wide+1))
}

// include makes room for a border of before pixels above and left of the map, and up to row
// bottom and column right, counted from the map's first.
func (m *Map) include(c, h, w, before, bottom, right int) {
	m.C, m.H, m.W, m.pitch = c, h, w, matmul.Pitch(c)
	before = max(m.before, before)
	m.height = max(m.height-m.before, bottom) + before
	m.width = max(m.width-m.before, right) + before
	m.before = before
}

// Floats is the memory that the map takes.
func (m *Map) Floats() int { return m.height * m.width * m.pitch }

// Make makes part i, one of op.Parts, of the map from the planes x.
func (m *Map) Make(dst, x []float32, i int) {
	for y := op.Cut(m.height, i, op.Parts); y < op.Cut(m.height, i+1, op.Parts); y++ {
		row, from := dst[y*m.width*m.pitch:][:m.width*m.pitch], y-m.before
		if from < 0 || from >= m.H {
			clear(row)
			continue
		}
		inside := row[m.before*m.pitch:]
		clear(row[:m.before*m.pitch])
		clear(inside[m.W*m.pitch:])
		winograd2d.Transpose(inside, m.pitch, x[from*m.W:], m.H*m.W, m.C, m.W)
	}
}

// place is where pixel (y, x) lies, which may be outside the map.
func (m *Map) place(y, x int) int { return ((y+m.before)*m.width + x + m.before) * m.pitch }
