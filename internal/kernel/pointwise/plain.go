//go:build !amd64 || noasm

package pointwise

import "csnet/internal/kernel"

// Chunk is how many floats are summed in float32 before the sum goes into
// float64.
func Chunk() int { return chunk }

func sum(x []float32) float32 { return sumGeneric(x) }

func moments(x []float32, shift float32) (sum, square float32) { return momentsGeneric(x, shift) }

func momentsStore(dst, x []float32, shift float32, _ bool) (sum, square float32) {
	return momentsStoreGeneric(dst, x, shift)
}

func normActRows(dst, z *kernel.Planes, n, rows int, a, b, slope float32) {
	normActGeneric(dst, z, n, rows, a, b, slope)
}

func normActPlanes(dst, z *kernel.Planes, n int, a, b, slope []float32) {
	normActPlanesGeneric(dst, z, n, a, b, slope)
}

func actSums(d, z []float32, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	return actSumsGeneric(d, z, a, b, slope, mean)
}

func actSumsStore(dst, d, z []float32, a, b, slope, mean float32, _ bool) (sum, sumz, sums, sumy float32) {
	return actSumsStoreGeneric(dst, d, z, a, b, slope, mean)
}

func actNormGrad(dst, g, z *kernel.Planes, n, rows int, f *NormFactors, k int) {
	actNormGradGeneric(dst, g, z, n, rows, f, k)
}

func actNormGradPlanes(dst, g, z *kernel.Planes, n int, f *NormFactors) {
	actNormGradPlanesGeneric(dst, g, z, n, f)
}

func copyRows(dst, x *kernel.Planes, n, rows int) { copyRowsGeneric(dst, x, n, rows) }

func add(dst, x []float32) { addGeneric(dst, x) }

func stream(dst, x []float32) { copy(dst[:len(x)], x) }

func prefetch([]float32) {}

func touch([]float32) {}

func bce(x, y []float32) float64 { return bceGeneric(x, y) }

func bceGrad(dx, x, y []float32, scale float64) { bceGradGeneric(dx, x, y, scale) }

func sigmoids(dst, x []float32) { sigmoidsGeneric(dst, x) }

func adam(w, g, m, v []float32, s AdamStep) { adamGeneric(w, g, m, v, s) }
