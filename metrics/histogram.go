package metrics

// quadrants split an image at the mask's centroid: 0 left top, 1 right top,
// 2 left bottom, 3 right bottom; rows < cy and columns < cx are top and left.
type quadrants struct{ cx, cy int }

// tally counts bytes in four interleaved tables, because neighbours are often
// equal and one table would wait for its own last store.
type tally [4][256]uint32

func (t *tally) add(p []uint8) {
	a, b, c, d := &t[0], &t[1], &t[2], &t[3]
	for len(p) >= 4 {
		a[p[0]]++
		b[p[1]]++
		c[p[2]]++
		d[p[3]]++
		p = p[4:]
	}
	for _, v := range p {
		a[v]++
	}
}

// histogram counts the map's values per quadrant, background [0] and
// foreground [1] apart. Everything but the weighted F follows from it.
type histogram struct {
	part [4][2][256]int // per quadrant
	all  [2][256]int    // over the whole image
	n    [2]int         // pixels
	min  uint8
	max  uint8
}

// histogrammer keeps the working tables of fill.
type histogrammer struct{ t [4][2]tally }

// fill counts a map of the mask's size.
func (g *histogrammer) fill(h *histogram, pred []uint8, f *foreground, q quadrants) {
	g.t = [4][2]tally{}
	for y := range f.h {
		row := pred[y*f.w : (y+1)*f.w]
		t := g.t[0:2]
		if y >= q.cy {
			t = g.t[2:4]
		}
		x := 0
		for _, r := range f.row(y) {
			addSplit(t, 0, row, x, int(r.from), q.cx)
			addSplit(t, 1, row, int(r.from), int(r.to), q.cx)
			x = int(r.to)
		}
		addSplit(t, 0, row, x, f.w, q.cx)
	}
	g.merge(h)
}

// addSplit tallies row[from:to], what lies left of column cx into t[0].
func addSplit(t [][2]tally, fg int, row []uint8, from, to, cx int) {
	mid := min(max(cx, from), to)
	t[0][fg].add(row[from:mid])
	t[1][fg].add(row[mid:to])
}

func (g *histogrammer) merge(h *histogram) {
	*h = histogram{min: 255}
	for q := range g.t {
		for k := range g.t[q] {
			t := &g.t[q][k]
			for v := range 256 {
				n := int(t[0][v]) + int(t[1][v]) + int(t[2][v]) + int(t[3][v])
				h.part[q][k][v] = n
				h.all[k][v] += n
				h.n[k] += n
			}
		}
	}
	for v := range 256 {
		if h.all[0][v]+h.all[1][v] > 0 {
			h.min = min(h.min, uint8(v))
			h.max = uint8(v)
		}
	}
}
