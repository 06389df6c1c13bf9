package saliency

// box takes means over windows of a plane, mirrored at the border (b a | a b).
type box struct {
	w, h, radius int
	across       []float32
	sums         []float64
}

func newBox(w, h, radius int) *box {
	return &box{w: w, h: h, radius: radius, across: make([]float32, w*h), sums: make([]float64, w)}
}

// mean gives the mean over the (2 radius + 1)^2 pixels around every pixel.
func (b *box) mean(src []float32) []float32 {
	dst := make([]float32, len(src))
	for y := range b.h {
		b.line(b.across[y*b.w:(y+1)*b.w], src[y*b.w:(y+1)*b.w])
	}
	// Down: running sums of whole rows.
	clear(b.sums)
	add := func(y int, sign float64) {
		y = reflected(y, b.h)
		for x, v := range b.across[y*b.w : (y+1)*b.w] {
			b.sums[x] += sign * float64(v)
		}
	}
	for y := -b.radius; y < b.radius; y++ {
		add(y, 1)
	}
	scale := 1 / float64(2*b.radius+1)
	for y := range b.h {
		add(y+b.radius, 1)
		for x, s := range b.sums {
			dst[y*b.w+x] = float32(s * scale)
		}
		add(y-b.radius, -1)
	}
	return dst
}

func (b *box) line(dst, src []float32) {
	sum := 0.0
	for x := -b.radius; x < b.radius; x++ {
		sum += float64(src[reflected(x, b.w)])
	}
	scale := 1 / float64(2*b.radius+1)
	for x := range dst {
		sum += float64(src[reflected(x+b.radius, b.w)])
		dst[x] = float32(sum * scale)
		sum -= float64(src[reflected(x-b.radius, b.w)])
	}
}

// reflected brings an index back into 0..n-1, the border repeated.
func reflected(i, n int) int {
	for i < 0 || i >= n {
		if i < 0 {
			i = -1 - i
		} else {
			i = 2*n - 1 - i
		}
	}
	return i
}
