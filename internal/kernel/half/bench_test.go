package half

import (
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
	"csnet/internal/kernel/pointwise"
)

// BenchmarkHalf runs over a band of a map, which stays in the first cache, and over ten maps
// of 224x224, which do not: the kernels beside package pointwise's on float32. A half counts as
// half a float in the GB/s.
func BenchmarkHalf(b *testing.B) {
	for name, size := range map[string]int{"band": 16 * 224, "maps": 10 * 224 * 224} {
		x, y, w := kerneltest.Ones(size), kerneltest.Ones(size), kerneltest.Ones(size)
		z, g := make([]kernel.Float16, size), make([]kernel.BFloat16, size)
		f := &pointwise.NormFactors{A: x, B: x, Slope: x, P: x, Q: x, R: x, Mean: x}
		each := func(kernel string, floats int, run func()) {
			b.Run(name+"/"+kernel, func(b *testing.B) { kerneltest.Bench(b, 0, floats, run) })
		}
		each("NormAct", 2*size, func() { pointwise.NormAct(y, x, 1, 0.5, 0.25) })
		each("NormActHalf", size+size/2, func() { NormActRows(kernel.Rows(y, 0), kernel.HalfRows(z, 0), size, 1, 1, 0.5, 0.25) })
		each("ActSums", 2*size, func() { pointwise.ActSums(y, x, 1, 0.5, 0.25, 0.5) })
		each("ActSumsHalf", size+size/2, func() { ActSums(y, z, 1, 0.5, 0.25, 0.5) })
		each("ActNormGrad", 3*size, func() {
			pointwise.ActNormGrad(kernel.Rows(y, 0), kernel.Rows(y, 0), kernel.Rows(x, 0), size, 1, f, 0)
		})
		each("ActNormGradHalf", 2*size, func() {
			ActNormGrad(kernel.Rows(y, 0), kernel.HalfRows(g, 0), kernel.HalfRows(z, 0), size, 1, f, 0)
		})
		each("ActSumsStoreHalf", 2*size, func() { ActSumsStore(g, y, z, 1, 0.5, 0.25, 0.5, false) })
		each("ActSumsStreamHalf", 2*size, func() { ActSumsStore(g, y, z, 1, 0.5, 0.25, 0.5, true) })
		each("ActSumsStream", 3*size, func() { pointwise.ActSumsStore(w, y, x, 1, 0.5, 0.25, 0.5, true) })
		each("Moments", size, func() { pointwise.Moments(x, 0.5) })
		each("MomentsStoreHalf", size+size/2, func() { MomentsStore(z, x, 0.5, false) })
		each("MomentsStreamHalf", size+size/2, func() { MomentsStore(z, x, 0.5, true) })
		each("MomentsStream", 2*size, func() { pointwise.MomentsStore(w, x, 0.5, true) })
		each("AddHalf", 2*size+size/2, func() { Add(y, g) })
		each("Stream", 2*size, func() { pointwise.Stream(y, x) })
		each("StoreFloat16", size+size/2, func() { StoreFloat16(z, x) })
		each("StreamFloat16", size+size/2, func() { StreamFloat16(z, x) })
		each("StoreBFloat16", size+size/2, func() { StoreBFloat16(g, x) })
		each("StreamBFloat16", size+size/2, func() { StreamBFloat16(g, x) })
	}
}
