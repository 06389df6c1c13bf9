package metrics

import (
	"bytes"
	"encoding/binary"
)

// run is a stretch of foreground in one row: columns from..to-1.
type run struct{ from, to int32 }

// foreground is a mask cut at > 128, as runs per row.
type foreground struct {
	w, h   int
	bits   []byte  // 0 or 1 per pixel
	runs   []run   // all rows one after the other
	start  []int32 // row y owns runs[start[y]:start[y+1]]
	count  int     // foreground pixels
	sumX   int     // sum of their columns
	sumY   int     // sum of their rows
	binary bool    // the mask holds 0 and 255 only
}

// row lists the runs of row y from left to right.
func (f *foreground) row(y int) []run { return f.runs[f.start[y]:f.start[y+1]] }

// reset reads a mask of w x h values 0..255.
func (f *foreground) reset(mask []uint8, w, h int) {
	f.w, f.h = w, h
	f.bits = grow(f.bits, w*h)
	f.start = grow(f.start, h+1)
	f.runs = f.runs[:0]
	f.count, f.sumX, f.sumY = 0, 0, 0
	f.binary = threshold(f.bits, mask)
	for y := range h {
		f.start[y] = int32(len(f.runs))
		f.scan(f.bits[y*w:(y+1)*w], y)
	}
	f.start[h] = int32(len(f.runs))
}

// scan appends the runs of one row and counts its pixels.
func (f *foreground) scan(bits []byte, y int) {
	for x := 0; ; {
		skip := bytes.IndexByte(bits[x:], 1)
		if skip < 0 {
			return
		}
		from := x + skip
		to := len(bits)
		if n := bytes.IndexByte(bits[from:], 0); n >= 0 {
			to = from + n
		}
		n := to - from
		f.runs = append(f.runs, run{int32(from), int32(to)})
		f.count += n
		f.sumX += (from + to - 1) * n / 2
		f.sumY += y * n
		x = to
	}
}

// threshold sets bits[i] to 1 where mask[i] > 128, else 0, and says whether
// mask holds only 0 and 255. Eight pixels at a time:
//
//	for i, m := range mask { bits[i] = b2i(m > 128) }
func threshold(bits, mask []byte) (binary01 bool) {
	const low7, ones = 0x7f7f7f7f7f7f7f7f, 0x0101010101010101
	var odd uint64
	n := len(mask) &^ 7
	for i := 0; i < n; i += 8 {
		m := binary.LittleEndian.Uint64(mask[i:])
		b := (((m & low7) + low7) & m >> 7) & ones // bit 7 set and any lower bit set
		odd |= m ^ b*255
		binary.LittleEndian.PutUint64(bits[i:], b)
	}
	for i := n; i < len(mask); i++ {
		b := byte(0)
		if mask[i] > 128 {
			b = 1
		}
		odd |= uint64(mask[i] ^ b*255)
		bits[i] = b
	}
	return odd == 0
}

// grow returns s with length n, reallocated only when it is too small; the
// content is not kept.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
