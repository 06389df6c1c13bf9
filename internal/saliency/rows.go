package saliency

import "csnet/data"

// Rows is a map of any size, row by row; rows are best asked for in order. It
// serves one goroutine.
type Rows interface {
	// Floats writes row y, of values around 0 to 1.
	Floats(dst []float32, y int)
	// Bytes writes row y times 255, cut down to whole numbers, as the protocol does.
	Bytes(dst []uint8, y int)
}

// Plain gives the map of probabilities (size, size) at w x h pixels, to the bit as the
// protocol does, by which csnet eval scores; where a side is less than half of size, and
// the protocol would pass values over, reduced by area first.
func Plain(prob []float32, size, w, h int) Rows {
	if 2*w >= size && 2*h >= size {
		return data.NewEnlarger(prob, size, size, w, h)
	}
	small := shrunk(prob, size, size, min(w, size), min(h, size))
	return data.NewEnlarger(small, min(w, size), min(h, size), w, h)
}

// shrunk is the mean of a plane over the areas that w x h pixels cover.
func shrunk(src []float32, sw, sh, w, h int) []float32 {
	across := make([]float32, w*sh)
	for y := range sh {
		shrinkLine(across[y*w:(y+1)*w], src[y*sw:], sw, 1, 1)
	}
	out := make([]float32, w*h)
	for x := range w {
		shrinkLine(out[x:], across[x:], sh, w, h)
	}
	return out
}

// shrinkLine reduces n values, step apart, to as many as lie step apart in dst;
// with a step of 1 it fills dst.
func shrinkLine(dst, src []float32, n, step, m int) {
	if step == 1 {
		m = len(dst)
	}
	size := float64(n) / float64(m)
	for i := range m {
		from, to := float64(i)*size, float64(i+1)*size
		sum := 0.0
		for k := int(from); k < n && float64(k) < to; k++ {
			sum += (min(to, float64(k+1)) - max(from, float64(k))) * float64(src[k*step])
		}
		dst[i*step] = float32(sum / size)
	}
}

// toBytes turns values into levels, as the protocol does.
func toBytes(dst []uint8, line []float32) {
	for x, v := range line[:len(dst)] {
		dst[x] = uint8(min(max(v*255, 0), 255))
	}
}
