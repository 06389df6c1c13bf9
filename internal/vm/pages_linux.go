package vm

import (
	"strings"
	"syscall"
	"unsafe"
)

// largePage is the size of a large page, and of its alignment, in bytes.
const largePage = 2 << 20

// floats returns n zeros. Where that is more than a few large pages it asks for these: with
// small pages a large net has more of them than the processor keeps addresses of at a time.
func floats(n int) []float32 {
	if n < largePage {
		return make([]float32, n)
	}
	b := untouched(4 * n)
	from := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) % largePage)
	to := from + (len(b)-from)/largePage*largePage
	_ = syscall.Madvise(b[from:to], syscall.MADV_HUGEPAGE) // else with small ones
	if syscall.Madvise(b[from:to], syscall.MADV_DONTNEED) != nil {
		from, to = len(b), len(b)
	} // else they are zeros that the first touch makes
	clear(b[:from])
	clear(b[to:])
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// untouched returns n bytes of any value, at the beginning of a page. make would write
// zeros into them where a part was in use before, in small pages, which stay small; what a
// strings.Builder grows by is left as it is.
func untouched(n int) []byte {
	var b strings.Builder
	b.Grow(n)
	b.WriteByte(0) // a string of no bytes has no place
	return unsafe.Slice(unsafe.StringData(b.String()), n)
}
