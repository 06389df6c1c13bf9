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

// Touch has the processor look up where x lies, in the background, where the machine can. It
// does so page by page of 4 KiB: the pages of a virtual machine are that small where its host
// has no larger ones for them, whatever the machine itself asks for. The first access to a page
// that has not been looked up waits for hundreds of cycles, and so does what was to be
// prefetched from there.
func Touch(x []float32) { touch(x) }
