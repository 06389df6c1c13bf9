//go:build !amd64 || noasm

package half

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

func storeFloat16(dst []kernel.Float16, x []float32) { storeFloat16Generic(dst, x) }

func streamFloat16(dst []kernel.Float16, x []float32) { storeFloat16Generic(dst, x) }

func storeBFloat16(dst []kernel.BFloat16, x []float32) { storeBFloat16Generic(dst, x) }

func streamBFloat16(dst []kernel.BFloat16, x []float32) { storeBFloat16Generic(dst, x) }

func add(dst []float32, x []kernel.BFloat16) { addGeneric(dst, x) }

func normActRows(dst *kernel.Planes, z *MapPlanes, n, rows int, a, b, slope float32) {
	normActRowsGeneric(dst, z, n, rows, a, b, slope)
}

func normActPlanes(dst *kernel.Planes, z *MapPlanes, n int, a, b, slope []float32) {
	normActPlanesGeneric(dst, z, n, a, b, slope)
}

func actSums(d []float32, z []kernel.Float16, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	return actSumsGeneric(d, z, a, b, slope, mean)
}

func actSumsStore(dst []kernel.BFloat16, d []float32, z []kernel.Float16, a, b, slope, mean float32, _ bool) (sum, sumz, sums, sumy float32) {
	return actSumsStoreGeneric(dst, d, z, a, b, slope, mean)
}

func momentsStore(dst []kernel.Float16, x []float32, shift float32, _ bool) (sum, square float32) {
	return momentsStoreGeneric(dst, x, shift)
}

func actNormGrad(dst *kernel.Planes, g *GradPlanes, z *MapPlanes, n, rows int, f *pointwise.NormFactors, k int) {
	actNormGradGeneric(dst, g, z, n, rows, f, k)
}

func actNormGradPlanes(dst *kernel.Planes, g *GradPlanes, z *MapPlanes, n int, f *pointwise.NormFactors) {
	actNormGradPlanesGeneric(dst, g, z, n, f)
}
