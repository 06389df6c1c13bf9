package op

// Taps lists the offsets of k x k taps, dilation apart, over c channels of planes of
// plane floats whose rows lie pitch apart: [channel][row][column]. The planes hold pad
// zeros on each side, and the offsets are those of output (0, 0).
func Taps(off []int32, c, k, dilation, pad, plane, pitch int) []int32 {
	for ch := range c {
		for y := range k {
			for x := range k {
				off = append(off, int32(ch*plane+(pad+(y-k/2)*dilation)*pitch+pad+(x-k/2)*dilation))
			}
		}
	}
	return off
}

// A truly strided convolution runs as a dense one over the four phases of its input:
// a phase plane holds every other column of every other row. Phase planes are (h+1) x
// (w+1) for an output of h x w, with one row of zeros above and one column to the
// left, so that tap -1 (an odd row or column) reads phase 1 one earlier.

// PhasePlane is the size of one phase plane of an output of h x w.
func PhasePlane(h, w int) int { return (h + 1) * (w + 1) }

// StridedTaps lists the taps of a k x k convolution of stride 2 over the phases of c
// channels: [channel][phase] planes of an output of h x w.
func StridedTaps(c, h, w, k int) []int32 {
	n := PhasePlane(h, w)
	off := make([]int32, 0, c*k*k)
	at := func(tap int) (phase, shift int) { // of input index 2*i + tap - k/2
		switch tap - k/2 {
		case 0:
			return 0, 1
		case -1:
			return 1, 0
		default:
			return 1, 1
		}
	}
	for ch := range c {
		for y := range k {
			for x := range k {
				py, sy := at(y)
				px, sx := at(x)
				off = append(off, int32((ch*4+py*2+px)*n+sy*(w+1)+sx))
			}
		}
	}
	return off
}

// FloorDiv is n/d rounded down, below 0 as well: rows above a map count like others.
func FloorDiv(n, d int) int {
	if n < 0 {
		return -((d - 1 - n) / d)
	}
	return n / d
}
