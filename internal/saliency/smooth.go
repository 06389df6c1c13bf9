package saliency

import (
	"encoding/binary"

	"csnet/data"
)

// smooth is the rows of an Enlarger whose bytes are made eight at a time. Between
// two rows of what is enlarged every column goes from one level to the next in equal
// steps: four columns' levels, of 8 bits and 8 below one, lie in a word, and a row is
// one addition and one merging of words. A few levels in a hundred are one off what
// the protocol cuts down to.
type smooth struct {
	*data.Enlarger
	w    int
	step float32 // weight from row to row
	next int     // the row that the words stand ready for
	last float32 // weight of the row before
	// For eight columns: the even ones' levels, the odd ones', and what each changes by.
	level, change []uint64
}

const (
	laneHigh = 0x8000800080008000
	laneByte = 0x00ff00ff00ff00ff
)

func newSmooth(src []float32, sw, sh, w, h int) *smooth {
	n := (w + 7) / 8 * 2
	return &smooth{Enlarger: data.NewEnlarger(src, sw, sh, w, h), w: w, step: float32(sh) / float32(h), next: -1,
		level: make([]uint64, n), change: make([]uint64, n)}
}

// Bytes writes row y times 255, cut down to whole numbers.
func (s *smooth) Bytes(dst []uint8, y int) {
	top, bottom, weight := s.Between(y)
	if y != s.next || weight <= s.last {
		s.begin(top, bottom, weight)
	}
	s.next, s.last = y+1, weight
	level, change := s.level, s.change[:len(s.level)]
	i := 0
	for ; i+1 < len(level) && 4*i+8 <= s.w; i += 2 {
		a, b := level[i], level[i+1]
		binary.LittleEndian.PutUint64(dst[4*i:], a>>8&laneByte|b&^laneByte)
		level[i], level[i+1] = lanes(a, change[i]), lanes(b, change[i+1])
	}
	if 4*i < s.w {
		var rest [8]byte
		a, b := level[i], level[i+1]
		binary.LittleEndian.PutUint64(rest[:], a>>8&laneByte|b&^laneByte)
		copy(dst[4*i:s.w], rest[:])
		level[i], level[i+1] = lanes(a, change[i]), lanes(b, change[i+1])
	}
}

// lanes adds four numbers of 16 bits to four others; none carries into the next.
func lanes(a, b uint64) uint64 { return (a&^laneHigh + b&^laneHigh) ^ (a^b)&laneHigh }

// begin sets the words for a row that lies weight of the way from top to bottom, and
// for those behind it, up to bottom.
func (s *smooth) begin(top, bottom []float32, weight float32) {
	rows := int32(1) // steps that stay between top and bottom
	if s.step > 0 && weight < 1 {
		rows = max(1, int32((1-weight)/s.step))
	}
	end := min(weight+float32(rows)*s.step, 1)
	for i := 0; i < len(s.level); i += 2 {
		var level, change [2]uint64
		for k := range min(8, s.w-4*i) {
			x := 4*i + k
			t, d := top[x], bottom[x]-top[x]
			from, to := fixed(t+d*weight), fixed(t+d*end)
			// Cut towards zero: no step leads beyond the end, and none below zero.
			c := (to - from) / rows
			shift := uint(k/2) * 16
			level[k&1] |= uint64(uint16(from)) << shift
			change[k&1] |= uint64(uint16(c)) << shift
		}
		s.level[i], s.level[i+1] = level[0], level[1]
		s.change[i], s.change[i+1] = change[0], change[1]
	}
}

// fixed is a probability in levels of 8 bits and 8 below one.
func fixed(v float32) int32 { return int32(min(max(v*255, 0), 255) * 256) }
