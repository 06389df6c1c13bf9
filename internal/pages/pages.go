// Package pages has memory for what the kernels read and write, in large pages where the
// system has them. With small ones a net has more pages than the processor keeps addresses of
// at a time, and to find one takes long, on a virtual machine above all.
package pages

import "unsafe"

// Floats returns zeros, at least n of them: as many as the pages that it takes have, where
// these are large.
func Floats(n int) []float32 { return floats(n) }

// line is the number of floats in a line of the caches.
const line = 16

// chunk is how many floats a Pool takes at a time: a large page.
const chunk = 2 << 20 / 4

// Pool cuts pieces, which begin at a line of the caches, from larger memory. They stay as long
// as any of them is in use. The zero value is ready; of a nil pool they are ordinary memory.
type Pool struct{ rest []float32 }

// Floats returns n zeros.
func (p *Pool) Floats(n int) []float32 {
	if p == nil {
		return make([]float32, n)
	}
	size := (n + line - 1) / line * line
	if size > len(p.rest) {
		if size > chunk/2 {
			return Floats(n)[:n:n]
		}
		p.rest = Floats(chunk)
	}
	x := p.rest[:n:n]
	p.rest = p.rest[size:]
	return x
}

// Move copies what each of xs points to into memory of p and makes it point there.
func (p *Pool) Move(xs ...*[]float32) {
	for _, x := range xs {
		y := p.Floats(len(*x))
		copy(y, *x)
		*x = y
	}
}

// Of returns n zero values of T, which holds no pointers.
func Of[T ~float64 | ~[4]float64](p *Pool, n int) []T {
	var v T
	x := p.Floats(n * int(unsafe.Sizeof(v)) / 4)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(x))), n)
}
