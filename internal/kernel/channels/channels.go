// Package channels holds kernels for maps whose pixels have their channels side by side: the
// end of a head that resizes, adds up, normalises and classifies. Numbers of floats are
// multiples of Multiple. Package kernel explains the names.
package channels

// Multiple is of what the numbers of channels, and of floats of a row, are multiples.
const Multiple = 16

// Line tells for the pixels of a row between which two of another row they lie: pixel j
// between those that begin at floats At[2j] and At[2j+1], with the shares F[2j] and F[2j+1].
type Line struct {
	At []int32
	F  []float32
}

// Across resizes a row of pixels of n channels:
//
//	for j < len(l.At)/2, c < n: dst[j*n + c] = l.F[2j]*src[l.At[2j] + c] + l.F[2j+1]*src[l.At[2j+1] + c]
func Across(dst, src []float32, l *Line, n int) { across(dst, src, l, n) }

func acrossGeneric(dst, src []float32, l *Line, n int) {
	for j := range len(l.At) / 2 {
		to, x, y := dst[j*n:][:n], src[l.At[2*j]:], src[l.At[2*j+1]:]
		for c := range to {
			to[c] = l.F[2*j]*x[c] + l.F[2*j+1]*y[c]
		}
	}
}

// Blend mixes two rows: dst = fx x + fy y.
func Blend(dst, x, y []float32, fx, fy float32) { mix(dst, x, y, fx, fy, false) }

// AddBlend adds fx x + fy y to dst.
func AddBlend(dst, x, y []float32, fx, fy float32) { mix(dst, x, y, fx, fy, true) }

func mixGeneric(dst, x, y []float32, fx, fy float32, add bool) {
	for i := range dst {
		v := fx*x[i] + fy*y[i]
		if add {
			v += dst[i]
		}
		dst[i] = v
	}
}

// Scorer is a norm, a PReLU and a classifier of one output: channel c becomes a norm's u =
// A[c] z + B[c], which counts Above[c] u where it is above 0 and Below[c] u where it is below.
type Scorer struct{ A, B, Above, Below []float32 }

// Score sums up what the channels of each pixel count:
//
//	for p < len(dst): dst[p] = sum over c < n of count of z[p*n + c], n = len(s.A)
func Score(dst, z []float32, s *Scorer) { score(dst, z, s) }

func scoreGeneric(dst, z []float32, s *Scorer) {
	n := len(s.A)
	for p := range dst {
		var sum float32
		for c, v := range z[p*n:][:n] {
			u := s.A[c]*v + s.B[c]
			sum += s.Above[c]*max(u, 0) + s.Below[c]*min(u, 0)
		}
		dst[p] = sum
	}
}
