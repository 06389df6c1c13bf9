package op

import (
	"math"

	"csnet/internal/kernel"
)

// Norm is the batch norm and PReLU of a Fused op.
//
// In training it normalises with the batch's mean and biased variance and
// moves the running ones by Momentum (the variance unbiased); in evaluation it
// uses the running ones.
type Norm struct {
	Eps, Momentum float64
	Mean, Var     []float32 // running statistics, shared with the parameters
	// GAP is, after a training step, mean over the batch of |mean over the
	// map| of the PReLU's output, per channel: S of dynamic weight decay.
	GAP []float32

	mean, inv   []float32    // of the batch: mean, 1/sqrt(var+eps)
	a, b        []float32    // u = a*z + b
	sums        [][4]float64 // per image and channel
	summed      bool         // sums are those of dy: the last reader backwards took them
	p, q, r     []float32    // dz = p*du + q*(z-mean) + r
	factors     kernel.NormFactors
	gamma, beta []float32 // of this step
	slope       []float32
}

// NewNorm returns the norm of len(mean) channels with running statistics mean
// and variance; eps is added to the variance.
func NewNorm(eps float64, mean, variance []float32) *Norm {
	c := len(mean)
	n := &Norm{Eps: eps, Momentum: 0.1, Mean: mean, Var: variance}
	for _, s := range []*[]float32{&n.GAP, &n.mean, &n.inv, &n.a, &n.b, &n.p, &n.q, &n.r} {
		*s = make([]float32, c)
	}
	return n
}

// set takes this step's gamma, beta and slope.
func (n *Norm) set(vs [][]float32) {
	n.gamma, n.beta, n.slope = vs[0], vs[1], vs[2]
	n.factors = kernel.NormFactors{A: n.a, B: n.b, Slope: n.slope, P: n.p, Q: n.q, R: n.r, Mean: n.mean}
}

// setFactors sets a, b for gamma*(z-mean)*inv + beta.
func (n *Norm) setFactors() {
	for c := range n.a {
		n.a[c] = n.gamma[c] * n.inv[c]
		n.b[c] = n.beta[c] - n.mean[c]*n.a[c]
	}
}

// useRunning folds the running statistics in.
func (n *Norm) useRunning() {
	for c, v := range n.Var {
		n.mean[c] = n.Mean[c]
		n.inv[c] = float32(1 / math.Sqrt(float64(v)+n.Eps))
	}
	n.setFactors()
}

// moments takes a part of channel c of one image, the first part with first:
// sums about a first guess of the mean.
func (n *Norm) moments(image, c int, z []float32, first bool) {
	v := &n.sums[image*len(n.a)+c]
	if first {
		few := min(len(z), 64)
		*v = [4]float64{float64(float32(kernel.Sum(z[:few]) / float64(few)))}
	}
	s, q := kernel.Moments(z, float32(v[0]))
	v[1], v[2], v[3] = v[1]+s, v[2]+q, v[3]+float64(len(z))
}

// centre makes the moments of channel c of one image its mean and its squared
// deviation.
func (n *Norm) centre(image, c int) {
	v := &n.sums[image*len(n.a)+c]
	d := v[1] / v[3]
	*v = [4]float64{v[0] + d, max(v[2]-v[1]*d, 0)}
}

// batch combines the moments of all images (Chan, Golub and LeVeque, 1983),
// moves the running statistics and folds the batch's in.
func (n *Norm) batch(images, hw int) {
	total := float64(images * hw)
	ch := len(n.a)
	for c := range ch {
		var mean, m2 float64
		for i := range images {
			s := n.sums[i*ch+c]
			d := s[0] - mean
			k := float64(i + 1)
			m2 += s[1] + d*d*float64(hw)*(k-1)/k
			mean += d / k
		}
		v := m2 / total
		n.mean[c] = float32(mean)
		n.inv[c] = float32(1 / math.Sqrt(v+n.Eps))
		n.Mean[c] = float32((1-n.Momentum)*float64(n.Mean[c]) + n.Momentum*mean)
		n.Var[c] = float32((1-n.Momentum)*float64(n.Var[c]) + n.Momentum*m2/(total-1))
	}
	n.setFactors()
}

// apply writes norm and PReLU of one image's z to y.
func (n *Norm) apply(y, z []float32, hw int) {
	kernel.NormActPlanes(y, hw, z, hw, hw, n.a, n.b, n.slope)
}

// gradSums takes the reductions of a part of channel c of one image's dy, the
// first part with first.
func (n *Norm) gradSums(image, c int, d, z []float32, first bool) {
	v := &n.sums[image*len(n.a)+c]
	if first {
		*v = [4]float64{}
	}
	s0, s1, s2, s3 := kernel.ActSums(d, z, n.a[c], n.b[c], n.slope[c], n.mean[c])
	*v = [4]float64{v[0] + s0, v[1] + s1, v[2] + s2, v[3] + s3}
}

// reduce adds the gradients of gamma, beta and slope to gs (nil where
// unwanted), sets GAP and the factors of the gradient of z.
func (n *Norm) reduce(gs [][]float32, images, hw int) {
	total := float64(images * hw)
	ch := len(n.a)
	for c := range ch {
		var s [4]float64
		var gap float64
		for i := range images {
			v := n.sums[i*ch+c]
			for k := range s {
				s[k] += v[k]
			}
			gap += math.Abs(v[3] / float64(hw))
		}
		n.GAP[c] = float32(gap / float64(images))
		inv := float64(n.inv[c])
		for k, v := range [3]float64{s[1] * inv, s[0], s[2]} {
			if gs[k] != nil {
				gs[k][c] += float32(v)
			}
		}
		a := float64(n.gamma[c]) * inv
		n.p[c] = float32(a)
		n.q[c] = float32(-a * inv * inv * s[1] / total)
		n.r[c] = float32(-a * s[0] / total)
	}
}

// outGrad is one image's gradient of an op's output: g, and with a norm z, of
// which the gradient of the convolution's result follows.
type outGrad struct {
	g, z []float32
	norm *Norm
	hw   int
}

// rows writes rows from up to to of channel c of the gradient of the
// convolution's result, w wide, to rows of dst dp apart; z are these rows of that
// result where o has it not.
func (o outGrad) rows(dst []float32, dp, c, from, to, w int, z []float32) {
	at := c*o.hw + from*w
	n := o.norm
	if z == nil {
		z = o.z[min(at, len(o.z)):]
	}
	if n == nil {
		for y := range to - from {
			copy(dst[y*dp:][:w], o.g[at+y*w:])
		}
		return
	}
	kernel.ActNormGrad(dst, dp, o.g[at:], w, z, w, w, to-from, &n.factors, c)
}

// inPlace returns the gradient of the convolution's result; it takes the place of
// the output's.
func (o outGrad) inPlace() []float32 {
	if n := o.norm; n != nil {
		kernel.ActNormGradPlanes(o.g, o.hw, o.g, o.hw, o.z, o.hw, o.hw, &n.factors)
	}
	return o.g
}

// band returns floats from to to of channels 0..c-1 of the gradient of the
// convolution's result and the distance between channels; packed in scratch
// memory unless in place.
func (o outGrad) band(c, from, to int, s *scratch) ([]float32, int) {
	n := o.norm
	if n == nil {
		return o.g[from:], o.hw
	}
	w := to - from
	buf := s.get(c * w)
	kernel.ActNormGradPlanes(buf, w, o.g[from:], o.hw, o.z[from:], o.hw, w, &n.factors)
	return buf, w
}

// whole is band of all floats.
func (o outGrad) whole(c int, s *scratch) []float32 {
	d, _ := o.band(c, 0, o.hw, s)
	return d
}
