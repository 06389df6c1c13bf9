//go:build linux || darwin

package kerneltest

import (
	"math"
	"syscall"
	"testing"
	"unsafe"
)

func memories() []Memory { return []Memory{guardWords(), pageEnd(), pageStart()} }

// pageEnd's slices end where memory ends: one read beyond is a fault.
func pageEnd() Memory {
	return Memory{"page end", func(t testing.TB, n, skew int) ([]float32, func(testing.TB)) {
		all := fenced(t, n)
		return all[len(all)-n:], func(testing.TB) {}
	}}
}

// pageStart's slices begin where memory begins.
func pageStart() Memory {
	return Memory{"page start", func(t testing.TB, n, skew int) ([]float32, func(testing.TB)) {
		return fenced(t, n)[:n:n], func(testing.TB) {}
	}}
}

// fenced returns whole pages for at least n floats between two unreadable ones.
func fenced(t testing.TB, n int) []float32 {
	page := syscall.Getpagesize()
	size := max(page, (4*n+page-1)/page*page)
	b, err := syscall.Mmap(-1, 0, size+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(b); err != nil {
			t.Error(err)
		}
	})
	for _, fence := range [][]byte{b[:page], b[page+size:]} {
		if err := syscall.Mprotect(fence, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	all := unsafe.Slice((*float32)(unsafe.Pointer(&b[page])), size/4)
	for i := range all {
		all[i] = math.Float32frombits(Guard)
	}
	return all
}
