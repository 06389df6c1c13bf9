package half

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

// MapPlanes are planes of maps before their norm.
type MapPlanes = kernel.HalfPlanes[kernel.Float16]

// GradPlanes are planes of gradients.
type GradPlanes = kernel.HalfPlanes[kernel.BFloat16]

// blockFloats is how many values the plain twins convert at a time.
const blockFloats = 512

// StoreFloat16 rounds x to dst.
func StoreFloat16(dst []kernel.Float16, x []float32) { storeFloat16(dst, x) }

// StreamFloat16 is StoreFloat16 by streaming stores: see pointwise.Stream.
func StreamFloat16(dst []kernel.Float16, x []float32) { streamFloat16(dst, x) }

// StoreBFloat16 rounds x to dst.
func StoreBFloat16(dst []kernel.BFloat16, x []float32) { storeBFloat16(dst, x) }

// StreamBFloat16 is StoreBFloat16 by streaming stores: see pointwise.Stream.
func StreamBFloat16(dst []kernel.BFloat16, x []float32) { streamBFloat16(dst, x) }

// Add adds: dst[i] += x[i].
func Add(dst []float32, x []kernel.BFloat16) { add(dst, x) }

// NormActRows is pointwise.NormActRows of z in 16 bits.
func NormActRows(dst *kernel.Planes, z *MapPlanes, n, rows int, a, b, slope float32) {
	normActRows(dst, z, n, rows, a, b, slope)
}

// NormActPlanes is pointwise.NormActPlanes of z in 16 bits.
func NormActPlanes(dst *kernel.Planes, z *MapPlanes, n int, a, b, slope []float32) {
	normActPlanes(dst, z, n, a, b, slope)
}

// ActSums is pointwise.ActSums of z in 16 bits.
func ActSums(d []float32, z []kernel.Float16, a, b, slope, mean float32) (sum, sumz, sums, sumy float64) {
	for step := pointwise.Chunk(); len(z) > 0; {
		n := min(step, len(z))
		s0, s1, s2, s3 := actSums(d[:n], z[:n], a, b, slope, mean)
		sum, sumz, sums, sumy = sum+float64(s0), sumz+float64(s1), sums+float64(s2), sumy+float64(s3)
		d, z = d[n:], z[n:]
	}
	return sum, sumz, sums, sumy
}

// ActSumsStore is ActSums that also rounds d to dst, by streaming stores where stream says so.
func ActSumsStore(dst []kernel.BFloat16, d []float32, z []kernel.Float16, a, b, slope, mean float32, stream bool) (sum, sumz, sums, sumy float64) {
	for step := pointwise.Chunk(); len(z) > 0; {
		n := min(step, len(z))
		s0, s1, s2, s3 := actSumsStore(dst[:n], d[:n], z[:n], a, b, slope, mean, stream)
		sum, sumz, sums, sumy = sum+float64(s0), sumz+float64(s1), sums+float64(s2), sumy+float64(s3)
		dst, d, z = dst[n:], d[n:], z[n:]
	}
	return sum, sumz, sums, sumy
}

// MomentsStore is pointwise.Moments that also rounds x to dst, by streaming stores where
// stream says so.
func MomentsStore(dst []kernel.Float16, x []float32, shift float32, stream bool) (sum, square float64) {
	for step := pointwise.Chunk(); len(x) > 0; {
		n := min(step, len(x))
		s0, s1 := momentsStore(dst[:n], x[:n], shift, stream)
		sum, square = sum+float64(s0), square+float64(s1)
		dst, x = dst[n:], x[n:]
	}
	return sum, square
}

// ActNormGrad is pointwise.ActNormGrad of g and z in 16 bits.
func ActNormGrad(dst *kernel.Planes, g *GradPlanes, z *MapPlanes, n, rows int, f *pointwise.NormFactors, k int) {
	actNormGrad(dst, g, z, n, rows, f, k)
}

// ActNormGradPlanes is pointwise.ActNormGradPlanes of g and z in 16 bits.
func ActNormGradPlanes(dst *kernel.Planes, g *GradPlanes, z *MapPlanes, n int, f *pointwise.NormFactors) {
	actNormGradPlanes(dst, g, z, n, f)
}

// number is a number in 16 bits.
type number interface {
	kernel.Half
	Float32() float32
}

// widen converts x to dst.
func widen[H number](dst []float32, x []H) []float32 {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = v.Float32()
	}
	return dst
}

func storeFloat16Generic(dst []kernel.Float16, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = kernel.ToFloat16(v)
	}
}

func storeBFloat16Generic(dst []kernel.BFloat16, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = kernel.ToBFloat16(v)
	}
}

func addGeneric(dst []float32, x []kernel.BFloat16) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] += v.Float32()
	}
}

// The twins of kernels that compute convert a block at a time and call the kernel on
// float32.

func normActRowsGeneric(dst *kernel.Planes, z *MapPlanes, n, rows int, a, b, slope float32) {
	var x [blockFloats]float32
	for k := range rows {
		for i := 0; i < n; i += blockFloats {
			v := widen(x[:], z.X[k*z.Pitch+i:][:min(blockFloats, n-i)])
			pointwise.NormAct(dst.X[k*dst.Pitch+i:], v, a, b, slope)
		}
	}
}

func normActPlanesGeneric(dst *kernel.Planes, z *MapPlanes, n int, a, b, slope []float32) {
	for k := range a {
		normActRowsGeneric(kernel.Rows(dst.X[k*dst.Stride:], 0), kernel.HalfRows(z.X[k*z.Stride:], 0), n, 1, a[k], b[k], slope[k])
	}
}

// actSumsGeneric is for at most pointwise.Chunk values.
func actSumsGeneric(d []float32, z []kernel.Float16, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	var x [blockFloats]float32
	s0, s1, s2, s3 := pointwise.ActSums(d, widen(x[:], z), a, b, slope, mean)
	return float32(s0), float32(s1), float32(s2), float32(s3)
}

// actSumsStoreGeneric is for at most pointwise.Chunk values, as momentsStoreGeneric.
func actSumsStoreGeneric(dst []kernel.BFloat16, d []float32, z []kernel.Float16, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	sum, sumz, sums, sumy = actSumsGeneric(d, z, a, b, slope, mean)
	storeBFloat16Generic(dst, d)
	return sum, sumz, sums, sumy
}

func momentsStoreGeneric(dst []kernel.Float16, x []float32, shift float32) (sum, square float32) {
	s, q := pointwise.Moments(x, shift)
	storeFloat16Generic(dst, x)
	return float32(s), float32(q)
}

func actNormGradGeneric(dst *kernel.Planes, g *GradPlanes, z *MapPlanes, n, rows int, f *pointwise.NormFactors, plane int) {
	var x, y [blockFloats]float32
	for k := range rows {
		for i := 0; i < n; i += blockFloats {
			v := widen(x[:], z.X[k*z.Pitch+i:][:min(blockFloats, n-i)])
			e := widen(y[:], g.X[k*g.Pitch+i:][:len(v)])
			pointwise.ActNormGrad(kernel.Rows(dst.X[k*dst.Pitch+i:], 0), kernel.Rows(e, 0), kernel.Rows(v, 0), len(v), 1, f, plane)
		}
	}
}

func actNormGradPlanesGeneric(dst *kernel.Planes, g *GradPlanes, z *MapPlanes, n int, f *pointwise.NormFactors) {
	for k := range f.A {
		actNormGradGeneric(kernel.Rows(dst.X[k*dst.Stride:], 0), kernel.HalfRows(g.X[k*g.Stride:], 0), kernel.HalfRows(z.X[k*z.Stride:], 0), n, 1, f, k)
	}
}
