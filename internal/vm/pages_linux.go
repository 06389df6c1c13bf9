package vm

import (
	"syscall"
	"unsafe"
)

// largePage is the size of a large page, and of its alignment, in bytes.
const largePage = 2 << 20

// floats returns n zeros. Where that is more than a few large pages it asks for
// these: with small pages a large net has more of them than the processor keeps addresses of at a time.
func floats(n int) []float32 {
	x := make([]float32, n)
	if n < largePage {
		return x
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*n)
	from := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) % largePage)
	_ = syscall.Madvise(b[from:from+(len(b)-from)/largePage*largePage], syscall.MADV_HUGEPAGE) // else with small ones
	return x
}
