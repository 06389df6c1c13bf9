package pointwise

import "csnet/internal/kernel"

// CopyRows copies rows of n floats of one plane. dst may overlap x where it lies
// before it and the pitches are equal.
func CopyRows(dst, x *kernel.Planes, n, rows int) {
	copyRows(dst, x, n, rows)
}

func copyRowsGeneric(dst, x *kernel.Planes, n, rows int) {
	for k := range rows {
		copy(dst.X[k*dst.Pitch:][:n], x.X[k*x.Pitch:])
	}
}

// Add adds: dst[i] += x[i].
func Add(dst, x []float32) { add(dst, x) }

func addGeneric(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] += v
	}
}

// Stream copies x to dst by streaming (non-temporal) stores, which bypass the caches:
// for what is read again only when it would have left them. The lines of dst are not
// loaded before they are written. dst must not overlap x.
func Stream(dst, x []float32) { stream(dst, x) }

// Prefetch loads x into the second-level cache, in the background, where the machine
// can.
func Prefetch(x []float32) { prefetch(x) }
