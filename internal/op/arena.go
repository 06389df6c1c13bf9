package op

import "csnet/internal/pages"

// Arena is the scratch memory of one thread: pieces are handed out one after the
// other and given back in the reverse order.
type Arena struct {
	buf     []float32
	used    int
	offsets []int32
	zeros   []float32
}

// cacheLine is the number of floats in a line of the caches.
const cacheLine = 16

// Get returns n floats with any content, valid until Release or Reset.
func (a *Arena) Get(n int) []float32 {
	if a.used+n > len(a.buf) {
		a.buf = pages.Floats(max(2*len(a.buf), a.used+n))
		a.used = 0
	}
	b := a.buf[a.used : a.used+n : a.used+n]
	a.used += (n + cacheLine - 1) / cacheLine * cacheLine
	return b
}

// Mark returns the state that Release goes back to.
func (a *Arena) Mark() int { return a.used }

// Release gives back all pieces handed out since Mark returned mark.
func (a *Arena) Release(mark int) { a.used = mark }

// Reset gives back all pieces.
func (a *Arena) Reset() { a.used = 0 }

// Offsets returns room for n offsets, valid until the next call of Offsets or
// ChannelOffsets.
func (a *Arena) Offsets(n int) []int32 {
	if n > len(a.offsets) {
		a.offsets = make([]int32, n)
	}
	return a.offsets[:n]
}

// ChannelOffsets returns the taps of a 1x1 convolution over n channels that lie
// stride floats apart, valid until the next call of Offsets or ChannelOffsets.
func (a *Arena) ChannelOffsets(n, stride int) []int32 {
	off := a.Offsets(n)
	for c := range off {
		off[c] = int32(c * stride)
	}
	return off
}

// Zeros returns n zeros, which nobody may overwrite.
func (a *Arena) Zeros(n int) []float32 {
	if n > len(a.zeros) {
		a.zeros = make([]float32, n)
	}
	return a.zeros[:n]
}
