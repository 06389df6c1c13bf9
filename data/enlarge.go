package data

import "csnet/internal/kernel/pixels"

// Enlarger resizes a plane, mostly to a much larger one, row by row: nothing of the
// size of the result is ever held. It serves one goroutine.
type Enlarger struct {
	src        []float32
	sw, w, h   int
	cols, rows []tap
	lines      lines
}

// NewEnlarger resizes src (sh rows of sw values) to h rows of w, as Resize does. It
// keeps src, which must not change.
func NewEnlarger(src []float32, sw, sh, w, h int) *Enlarger {
	e := new(Enlarger)
	e.Reset(src, sw, sh, w, h)
	return e
}

// Reset is NewEnlarger in the memory of e.
func (e *Enlarger) Reset(src []float32, sw, sh, w, h int) {
	e.src, e.sw, e.w, e.h = src, sw, w, h
	e.cols, e.rows = taps(e.cols, w, sw, 0, 1, false), taps(e.rows, h, sh, 0, sw, false)
	e.lines.reset(w)
}

// Size is the size of the result.
func (e *Enlarger) Size() (w, h int) { return e.w, e.h }

// Between gives the two rows of src, resized across, between which row y lies, and
// how far it is from the first: row y is top + (bottom-top)*weight. They are valid
// until the next call. Rows are best asked for in order.
func (e *Enlarger) Between(y int) (top, bottom []float32, weight float32) {
	t := e.rows[y]
	top, bottom = e.lines.pair(t, func(line []float32, at int) { acrossFloats(line, e.src[at:at+e.sw], e.cols) })
	return top, bottom, t.w
}

// Floats writes row y.
func (e *Enlarger) Floats(dst []float32, y int) {
	top, bottom, weight := e.Between(y)
	for x, t := range top[:len(dst)] {
		dst[x] = t + (bottom[x]-t)*weight
	}
}

// Bytes writes row y times 255, cut down to whole numbers.
func (e *Enlarger) Bytes(dst []uint8, y int) {
	top, bottom, weight := e.Between(y)
	pixels.Blend(dst, top, bottom, weight)
}

// Restore turns probabilities of a net, prob (size, size), into an 8-bit map of
// the photo's size (w, h): resized as by Resize, times 255, cut down to whole
// numbers. It writes into dst where that is large enough and returns the map.
func Restore(dst []uint8, w, h int, prob []float32, size int) []uint8 {
	dst = resized(dst, w*h)
	e := NewEnlarger(prob, size, size, w, h)
	for y := range h {
		e.Bytes(dst[y*w:(y+1)*w], y)
	}
	return dst
}
