package pointwise

import "csnet/internal/kernel"

// chunk is how many floats the plain kernels sum in float32 before the sum
// goes into float64.
const chunk = 128

// Sum returns the sum of x.
func Sum(x []float32) float64 {
	var s float64
	step := Chunk()
	for len(x) > 0 {
		n := min(step, len(x))
		s += float64(sum(x[:n]))
		x = x[n:]
	}
	return s
}

func sumGeneric(x []float32) float32 {
	var s float64
	for _, v := range x {
		s += float64(v)
	}
	return float32(s)
}

// Moments returns the sums of x[i]-shift and of its square.
func Moments(x []float32, shift float32) (sum, square float64) {
	for step := Chunk(); len(x) > 0; {
		n := min(step, len(x))
		s0, s1 := moments(x[:n], shift)
		sum, square = sum+float64(s0), square+float64(s1)
		x = x[n:]
	}
	return sum, square
}

// MomentsStore is Moments that also copies x to dst, by streaming stores (Stream) where stream
// says so.
func MomentsStore(dst, x []float32, shift float32, stream bool) (sum, square float64) {
	for step := Chunk(); len(x) > 0; {
		n := min(step, len(x))
		s0, s1 := momentsStore(dst[:n], x[:n], shift, stream)
		sum, square = sum+float64(s0), square+float64(s1)
		dst, x = dst[n:], x[n:]
	}
	return sum, square
}

func momentsStoreGeneric(dst, x []float32, shift float32) (sum, square float32) {
	copy(dst, x)
	return momentsGeneric(x, shift)
}

func momentsGeneric(x []float32, shift float32) (sum, square float32) {
	var s, q float64
	for _, v := range x {
		d := float64(v - shift)
		s += d
		q += d * d
	}
	return float32(s), float32(q)
}

// NormAct is a folded norm and PReLU:
//
//	u = a*z[i] + b; dst[i] = u if u > 0, else slope*u
//
// dst may be z.
func NormAct(dst, z []float32, a, b, slope float32) {
	NormActRows(kernel.Rows(dst[:len(z)], 0), kernel.Rows(z, 0), len(z), 1, a, b, slope)
}

// NormActRows is NormAct over rows of n floats of one plane.
func NormActRows(dst, z *kernel.Planes, n, rows int, a, b, slope float32) {
	normActRows(dst, z, n, rows, a, b, slope)
}

// NormActPlanes is NormAct over n floats of each of len(a) planes, with a factor each
// of a, b and slope.
func NormActPlanes(dst, z *kernel.Planes, n int, a, b, slope []float32) {
	normActPlanes(dst, z, n, a, b, slope)
}

func normActPlanesGeneric(dst, z *kernel.Planes, n int, a, b, slope []float32) {
	for k := range a {
		normActGeneric(kernel.Rows(dst.X[k*dst.Stride:], 0), kernel.Rows(z.X[k*z.Stride:], 0), n, 1, a[k], b[k], slope[k])
	}
}

func normActGeneric(dst, z *kernel.Planes, n, rows int, a, b, slope float32) {
	for k := range rows {
		d, x := dst.X[k*dst.Pitch:][:n], z.X[k*z.Pitch:][:n]
		for i, v := range x {
			u := a*v + b
			if !(u > 0) {
				u *= slope
			}
			d[i] = u
		}
	}
}

// ActSums gives the reductions that the gradients of a norm and its PReLU
// need, and the sum of the PReLU's output:
//
//	u = a*z[i] + b; y = u if u > 0, else slope*u; e = d[i] if u > 0, else slope*d[i]
//	sum += e; sumz += e * (z[i]-mean); sums += 0 if u > 0, else d[i]*u; sumy += y
func ActSums(d, z []float32, a, b, slope, mean float32) (sum, sumz, sums, sumy float64) {
	for step := Chunk(); len(z) > 0; {
		n := min(step, len(z))
		s0, s1, s2, s3 := actSums(d[:n], z[:n], a, b, slope, mean)
		sum, sumz, sums, sumy = sum+float64(s0), sumz+float64(s1), sums+float64(s2), sumy+float64(s3)
		d, z = d[n:], z[n:]
	}
	return sum, sumz, sums, sumy
}

// ActSumsStore is ActSums that also copies d to dst, by streaming stores (Stream) where stream
// says so.
func ActSumsStore(dst, d, z []float32, a, b, slope, mean float32, stream bool) (sum, sumz, sums, sumy float64) {
	for step := Chunk(); len(z) > 0; {
		n := min(step, len(z))
		s0, s1, s2, s3 := actSumsStore(dst[:n], d[:n], z[:n], a, b, slope, mean, stream)
		sum, sumz, sums, sumy = sum+float64(s0), sumz+float64(s1), sums+float64(s2), sumy+float64(s3)
		dst, d, z = dst[n:], d[n:], z[n:]
	}
	return sum, sumz, sums, sumy
}

func actSumsStoreGeneric(dst, d, z []float32, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	copy(dst, d)
	return actSumsGeneric(d, z, a, b, slope, mean)
}

func actSumsGeneric(d, z []float32, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	d = d[:len(z)]
	var s [4]float64
	for i, v := range z {
		u, e := a*v+b, d[i]
		y := u
		if !(u > 0) {
			s[2] += float64(e * u)
			e *= slope
			y *= slope
		}
		s[0] += float64(e)
		s[1] += float64(e * (v - mean))
		s[3] += float64(y)
	}
	return float32(s[0]), float32(s[1]), float32(s[2]), float32(s[3])
}

// NormFactors are the factors of ActNormGrad per plane.
type NormFactors struct{ A, B, Slope, P, Q, R, Mean []float32 }

// ActNormGrad is the gradient through PReLU and norm in one, over rows of n floats
// of one plane, with the factors of plane k:
//
//	u = a*z + b; e = g if u > 0, else slope*g; dst = p*e + q*(z-mean) + r
//
// dst may be g.
func ActNormGrad(dst, g, z *kernel.Planes, n, rows int, f *NormFactors, k int) {
	actNormGrad(dst, g, z, n, rows, f, k)
}

// ActNormGradPlanes is ActNormGrad over n floats of each of len(f.A) planes, each with
// its factors.
func ActNormGradPlanes(dst, g, z *kernel.Planes, n int, f *NormFactors) {
	actNormGradPlanes(dst, g, z, n, f)
}

func actNormGradPlanesGeneric(dst, g, z *kernel.Planes, n int, f *NormFactors) {
	for k := range f.A {
		one := func(p *kernel.Planes) *kernel.Planes { return kernel.Rows(p.X[k*p.Stride:], 0) }
		actNormGradGeneric(one(dst), one(g), one(z), n, 1, f, k)
	}
}

func actNormGradGeneric(dst, g, z *kernel.Planes, n, rows int, f *NormFactors, plane int) {
	a, b, slope, p, q, r, mean := f.A[plane], f.B[plane], f.Slope[plane], f.P[plane], f.Q[plane], f.R[plane], f.Mean[plane]
	for k := range rows {
		d, gr, x := dst.X[k*dst.Pitch:][:n], g.X[k*g.Pitch:][:n], z.X[k*z.Pitch:][:n]
		for i, v := range x {
			e := gr[i]
			if !(a*v+b > 0) {
				e *= slope
			}
			d[i] = p*e + q*(v-mean) + r
		}
	}
}

// Steep reports whether a slope is above 1: the kernels that end with a PReLU take
// the larger of u and slope*u, and leave such slopes to a pass of its own.
func Steep(slopes []float32) bool {
	for _, s := range slopes {
		if s > 1 {
			return true
		}
	}
	return false
}

// PReLU multiplies what is below 0 by slope. It is the plain twin of the PReLU at the
// end of convolutions.
func PReLU(d []float32, slope float32) {
	for i, u := range d {
		if u < 0 {
			d[i] = u * slope
		}
	}
}
