package pixels

// Taps say where each value of a resized row of interleaved RGB pixels lies: w of the way
// from the pixel whose bytes begin at a to the one at b.
type Taps struct {
	a, b []int32
	w    []float32
	end  int // behind the last byte of the furthest pixel
}

// Reset makes n taps, all of the first pixel.
func (t *Taps) Reset(n int) {
	if cap(t.w) < n {
		t.a, t.b, t.w = make([]int32, n), make([]int32, n), make([]float32, n)
	}
	t.a, t.b, t.w, t.end = t.a[:n], t.b[:n], t.w[:n], 0
	clear(t.a)
	clear(t.b)
	clear(t.w)
}

// Set sets tap i. a and b are at least 0 and below 2^31.
func (t *Taps) Set(i, a, b int, w float32) {
	t.a[i], t.b[i], t.w[i] = int32(a), int32(b), w
	t.end = max(t.end, a+3, b+3)
}

// AcrossRGB writes a row resized across, its red, its green and its blue values one
// after the other into dst, 3 for each tap: src[a+c] + (src[b+c]-src[a+c])*w.
func AcrossRGB(dst []float32, src []uint8, t *Taps) {
	acrossRow(dst[:3*len(t.w)], src, t)
}

// acrossGeneric makes the columns from first on.
func acrossGeneric(dst []float32, src []uint8, t *Taps, first int) {
	n := len(t.w)
	red, green, blue := dst[:n], dst[n:2*n], dst[2*n:3*n]
	for x := first; x < n; x++ {
		p, q, w := src[t.a[x]:][:3], src[t.b[x]:][:3], t.w[x]
		r, g, b := float32(p[0]), float32(p[1]), float32(p[2])
		red[x] = r + (float32(q[0])-r)*w
		green[x] = g + (float32(q[1])-g)*w
		blue[x] = b + (float32(q[2])-b)*w
	}
}

// Between writes a row that lies t of the way from row a to row b, scaled and shifted:
// (a + (b-a)*t)*scale + shift. dst is as long as a and b at most.
func Between(dst, a, b []float32, t, scale, shift float32) {
	betweenRow(dst, a[:len(dst)], b[:len(dst)], t, scale, shift)
}

func betweenGeneric(dst, a, b []float32, t, scale, shift float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for x := range dst {
		dst[x] = (a[x]+(b[x]-a[x])*t)*scale + shift
	}
}
