package pages

import (
	"strings"
	"syscall"
	"unsafe"
)

// large is the size of a large page, and of its alignment, in bytes.
const large = 2 << 20

// fewest is the number of floats from which on memory lies in large pages: half a page.
const fewest = large / 4 / 2

func floats(n int) []float32 {
	if n < fewest {
		return make([]float32, n)
	}
	size := (4*n + large - 1) / large * large
	b := untouched(size + large)
	b = b[-uintptr(unsafe.Pointer(unsafe.SliceData(b)))%large:][:size]
	_ = syscall.Madvise(b, syscall.MADV_HUGEPAGE) // else they are small ones
	if syscall.Madvise(b, syscall.MADV_DONTNEED) != nil {
		clear(b)
	} // else they are zeros that the first touch makes
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), size/4)
}

// untouched returns n bytes of any value. make would write zeros into them where a part was
// in use before, in small pages, which stay small; what a strings.Builder grows by is left
// as it is.
func untouched(n int) []byte {
	var b strings.Builder
	b.Grow(n)
	b.WriteByte(0) // a string of no bytes has no place
	return unsafe.Slice(unsafe.StringData(b.String()), n)
}
