// Package dist lets several processes (ranks) compute one thing together: what they
// exchange, how they agree, and what happens when one of them does not answer. It
// knows nothing of nets.
package dist

import "unsafe"

// Comm moves bytes between the ranks of a group. All methods but Rank and Size are
// collective: every rank calls the same ones in the same order, with the same sizes,
// from one goroutine. They return when the rank has what it needs.
type Comm interface {
	Rank() int // from 0
	Size() int // at least 1
	// Gather fills all, of Size equal parts, with the parts of all ranks: the rank's
	// own is at its place, the others' places are written.
	Gather(all []byte) error
	// Exchange sends to every rank d the next n[d] bytes of out and receives from
	// every rank s the next m[s] bytes of in.
	Exchange(out []byte, n []int, in []byte, m []int) error
	// GatherV is Gather with parts of n[0], n[1] ... bytes.
	GatherV(all []byte, n []int) error
	// Bcast fills b with the bytes that rank root has in it.
	Bcast(b []byte, root int) error
	// Close leaves the group. With nil all ranks must do so; with an error the rank
	// leaves at once and the others are not kept waiting.
	Close(err error) error
}

// Single is the group of one rank.
type Single struct{}

func (Single) Rank() int                   { return 0 }
func (Single) Size() int                   { return 1 }
func (Single) Gather([]byte) error         { return nil }
func (Single) GatherV([]byte, []int) error { return nil }
func (Single) Bcast([]byte, int) error     { return nil }
func (Single) Close(error) error           { return nil }
func (Single) Exchange(out []byte, _ []int, in []byte, _ []int) error {
	copy(in, out)
	return nil
}

// Number is what Bytes takes: values without pointers.
type Number interface {
	~byte | ~uint64 | ~float32 | ~float64 | ~[4]float64
}

// Bytes is the memory of s as bytes, not a copy. All ranks must be machines of the
// same byte order.
func Bytes[T Number](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	var v T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(v)))
}
