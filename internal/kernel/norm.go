package kernel

// chunk is how many floats the plain kernels sum in float32 before the sum
// goes into float64.
const chunk = 1024

// Sum returns the sum of x.
func Sum(x []float32) float64 {
	var s float64
	step := chunkNow()
	for len(x) > 0 {
		n := min(step, len(x))
		s += float64(sum(x[:n]))
		x = x[n:]
	}
	return s
}

func sumGeneric(x []float32) float32 {
	var s float32
	for _, v := range x {
		s += v
	}
	return s
}

// SquaredDeviation returns the sum of (x[i] - mean)^2.
func SquaredDeviation(x []float32, mean float32) float64 {
	var s float64
	step := chunkNow()
	for len(x) > 0 {
		n := min(step, len(x))
		s += float64(squaredDeviation(x[:n], mean))
		x = x[n:]
	}
	return s
}

func sqdevGeneric(x []float32, mean float32) float32 {
	var s float32
	for _, v := range x {
		d := v - mean
		s += d * d
	}
	return s
}

// NormAct is a folded norm and PReLU:
//
//	u = a*z[i] + b; dst[i] = u if u > 0, else slope*u
//
// dst may be z.
func NormAct(dst, z []float32, a, b, slope float32) {
	normAct(dst, z, a, b, slope)
}

func normActGeneric(dst, z []float32, a, b, slope float32) {
	dst = dst[:len(z)]
	for i, v := range z {
		u := a*v + b
		if !(u > 0) {
			u *= slope
		}
		dst[i] = u
	}
}

// ActGrad is the gradient of NormAct's PReLU with the reductions that the
// norm's gradient needs:
//
//	u = a*z[i] + b; g = d[i]; e = g if u > 0, else slope*g
//	sum += e; sumz += e * (z[i]-mean); sums += 0 if u > 0, else g*u; d[i] = e
func ActGrad(d, z []float32, a, b, slope, mean float32) (sum, sumz, sums float64) {
	step := chunkNow()
	for len(z) > 0 {
		n := min(step, len(z))
		s0, s1, s2 := actGrad(d[:n], z[:n], a, b, slope, mean)
		sum, sumz, sums = sum+float64(s0), sumz+float64(s1), sums+float64(s2)
		d, z = d[n:], z[n:]
	}
	return sum, sumz, sums
}

func actGradGeneric(d, z []float32, a, b, slope, mean float32) (sum, sumz, sums float32) {
	d = d[:len(z)]
	for i, v := range z {
		u, e := a*v+b, d[i]
		if !(u > 0) {
			sums += e * u
			e *= slope
		}
		sum += e
		sumz += e * (v - mean)
		d[i] = e
	}
	return sum, sumz, sums
}

// NormGrad is the gradient through a norm with batch statistics:
//
//	d[i] = p*d[i] + q*(z[i]-mean) + r
func NormGrad(d, z []float32, p, q, r, mean float32) {
	normGrad(d, z, p, q, r, mean)
}

func normGradGeneric(d, z []float32, p, q, r, mean float32) {
	d = d[:len(z)]
	for i, v := range z {
		d[i] = p*d[i] + q*(v-mean) + r
	}
}

// Add adds: dst[i] += x[i].
func Add(dst, x []float32) {
	add(dst, x)
}

func addGeneric(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] += v
	}
}
