// Package prenorm holds maps as training stores them: before norm and PReLU. The op that
// makes a map gathers its statistics (Epilogue); whoever reads it applies norm and PReLU
// on the way (Map); gradients are those of the map after the PReLU, and the op that made
// the map takes them back through both (OutGrad, InGrad). So every map is stored once.
package prenorm

import (
	"math"

	"csnet/internal/kernel"
	"csnet/internal/kernel/half"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"
)

// Norm is the batch norm and PReLU of an op's output. It normalises with the batch's mean
// and biased variance and moves the running ones by Momentum (the variance unbiased); a
// frozen one normalises with the running ones and leaves them as they are.
type Norm struct {
	Eps, Momentum float64
	Mean, Var     []float32 // running statistics, shared with the parameters
	// Frozen says that mean and variance are the running ones, constants to the gradient.
	Frozen bool
	// GAP is, after a training step, the S of dynamic weight decay per channel: the mean
	// over the batch of |mean over the map| of the PReLU's output.
	GAP []float32
	// Summed says that the last reader took the sums of the norm's gradient backwards.
	Summed bool

	mean, inv   []float32 // of the batch: mean, 1/sqrt(var+eps)
	a, b        []float32 // the norm is a*z + b
	env         *op.Env
	sums        [][4]float64 // per own image and channel
	all         [][4]float64 // of all ranks' images, those of sums among them
	p, q, r     []float32    // the gradient of z is p*du + q*(z-mean) + r
	scale       float64      // z is so many times the convolution's result; a power of two
	factors     pointwise.NormFactors
	gamma, beta []float32 // of this step
	slope       []float32
}

// NewNorm returns the norm of len(mean) channels with running statistics mean and
// variance; eps is added to the variance.
func NewNorm(eps float64, mean, variance []float32) *Norm {
	return &Norm{Eps: eps, Momentum: 0.1, Mean: mean, Var: variance, GAP: make([]float32, len(mean)), scale: 1}
}

// Images readies the norm for batches of so many own images.
func (n *Norm) Images(e *op.Env, own int) {
	n.env = e
	c := len(n.Mean)
	for _, s := range []*[]float32{&n.mean, &n.inv, &n.a, &n.b, &n.p, &n.q, &n.r} {
		*s = e.Pages.Floats(c)
	}
	n.all, n.sums = op.Spread[[4]float64](e, own, c)
}

// Set takes this step's gamma, beta and slope.
func (n *Norm) Set(vs [][]float32) {
	n.gamma, n.beta, n.slope = vs[0], vs[1], vs[2]
	n.factors = pointwise.NormFactors{A: n.a, B: n.b, Slope: n.slope, P: n.p, Q: n.q, R: n.r, Mean: n.mean}
}

// Scale sets by which power of two the map is multiplied before it is stored.
func (n *Norm) Scale(s float64) { n.scale = s }

// Most sets most to what no value of each channel passes after norm and PReLU, over area
// values of each image: of n values none is farther from their mean than sqrt(n) times their
// standard deviation. Of a frozen norm, whose statistics are not the batch's, it is a guess:
// what passes it all the same may overflow, and the loss is then not finite.
func (n *Norm) Most(most []float64, area int) {
	root := math.Sqrt(float64(n.env.Images(len(n.sums)/len(n.a)) * area))
	for c := range most {
		y := root*math.Abs(float64(n.gamma[c])) + math.Abs(float64(n.beta[c]))
		most[c] = y * max(1, math.Abs(float64(n.slope[c])))
	}
}

// setFactors sets a and b for gamma*(z-mean)*inv + beta.
func (n *Norm) setFactors() {
	for c := range n.a {
		n.a[c] = n.gamma[c] * n.inv[c]
		n.b[c] = n.beta[c] - n.mean[c]*n.a[c]
	}
}

// guess begins the moments of channel c of one image, about a first guess of its mean from
// its first part, z.
func (n *Norm) guess(image, c int, z []float32) {
	few := min(len(z), 64)
	n.sums[image*len(n.a)+c] = [4]float64{float64(float32(pointwise.Sum(z[:few]) / float64(few)))}
}

// moments adds z, a part of channel c of one image, to the channel's moments about the guess,
// and stores it as storeValues does.
func (n *Norm) moments(image, c int, z []float32, to Values, stream bool) {
	v := &n.sums[image*len(n.a)+c]
	shift := float32(v[0])
	var s, q float64
	switch h, f := to.H(), to.F(); {
	case h != nil:
		s, q = half.MomentsStore(h, z, shift, stream)
	case &f[0] == &z[0]:
		s, q = pointwise.Moments(z, shift)
	default:
		s, q = pointwise.MomentsStore(f, z, shift, stream)
	}
	v[1], v[2], v[3] = v[1]+s, v[2]+q, v[3]+float64(len(z))
}

// centre turns the moments of channel c of one image into its mean and the sum of its
// squared deviations.
func (n *Norm) centre(image, c int) {
	if n.Frozen {
		return
	}
	v := &n.sums[image*len(n.a)+c]
	d := v[1] / v[3]
	*v = [4]float64{v[0] + d, max(v[2]-v[1]*d, 0)}
}

// Batch combines the moments of all images, of area values a channel (Chan, Golub and
// LeVeque, 1983), moves the running statistics and sets the norm to the batch's. A frozen
// norm is set to the running ones. name is the op's. Errors: those of the exchange with
// other ranks.
func (n *Norm) Batch(name string, area int) error {
	if n.Frozen {
		n.freeze()
		return nil
	}
	if err := op.Gather(n.env, name, n.all); err != nil {
		return err
	}
	images := len(n.all) / len(n.a)
	total := float64(images * area)
	ch := len(n.a)
	square := n.scale * n.scale
	eps := n.Eps * square
	for c := range ch {
		var mean, m2 float64
		for i := range images {
			s := n.all[i*ch+c]
			d := s[0] - mean
			k := float64(i + 1)
			m2 += s[1] + d*d*float64(area)*(k-1)/k
			mean += d / k
		}
		v := m2 / total
		n.mean[c] = float32(mean)
		n.inv[c] = float32(1 / math.Sqrt(v+eps))
		n.Mean[c] = float32((1-n.Momentum)*float64(n.Mean[c]) + n.Momentum*mean/n.scale)
		n.Var[c] = float32((1-n.Momentum)*float64(n.Var[c]) + n.Momentum*m2/(total-1)/square)
	}
	n.setFactors()
	return nil
}

// freeze sets the norm to the running statistics.
func (n *Norm) freeze() {
	for c, v := range n.Var {
		n.mean[c] = n.Mean[c] * float32(n.scale)
		n.inv[c] = float32(1 / math.Sqrt(float64(v)+n.Eps) / n.scale)
	}
	n.setFactors()
}

// Apply writes norm and PReLU of one image's z to y; channels are area values each.
func (n *Norm) Apply(y, z []float32, area int) {
	pointwise.NormActPlanes(&kernel.Planes{X: y, Stride: area}, &kernel.Planes{X: z, Stride: area}, area, n.a, n.b, n.slope)
}

// Channels is the number of channels.
func (n *Norm) Channels() int { return len(n.a) }

// Finite reports whether the batch's mean and the factors of norm and PReLU are finite.
// The mean takes any NaN or Inf of the map over.
func (n *Norm) Finite() bool {
	return op.Finite(n.mean) && op.Finite(n.a) && op.Finite(n.b) && op.Finite(n.slope)
}

// GradSums adds to the sums of the norm's gradient a part of channel c of one image: d is
// the gradient after the PReLU, z the map before the norm; first says that it is the first
// part. It stores d in to, where that is not nil, as storeGrads does; values of to and z are
// both in 16 bits or both in float32.
func (n *Norm) GradSums(image, c int, d []float32, z Values, to Grads, stream, first bool) {
	v := &n.sums[image*len(n.a)+c]
	if first {
		*v = [4]float64{}
	}
	a, b, slope, mean := n.a[c], n.b[c], n.slope[c], n.mean[c]
	var s0, s1, s2, s3 float64
	if zh := z.H(); zh != nil {
		if h := to.H(); h != nil {
			s0, s1, s2, s3 = half.ActSumsStore(h, d, zh, a, b, slope, mean, stream)
		} else {
			s0, s1, s2, s3 = half.ActSums(d, zh, a, b, slope, mean)
		}
	} else {
		if f := to.F(); f != nil && &f[0] != &d[0] {
			s0, s1, s2, s3 = pointwise.ActSumsStore(f, d, z.F(), a, b, slope, mean, stream)
		} else {
			s0, s1, s2, s3 = pointwise.ActSums(d, z.F(), a, b, slope, mean)
		}
	}
	*v = [4]float64{v[0] + s0, v[1] + s1, v[2] + s2, v[3] + s3}
}

// Reduce adds the gradients of gamma, beta and slope to gs (nil where unwanted), sets GAP
// and the factors of the gradient of z. Through running statistics the gradient has no
// other way than the factor a: the terms of mean and variance, q and r, are 0. name is the
// op's. Errors: those of the exchange with other ranks.
func (n *Norm) Reduce(name string, gs [][]float32, area int) error {
	if err := op.Gather(n.env, name, n.all); err != nil {
		return err
	}
	images := len(n.all) / len(n.a)
	total := float64(images * area)
	ch := len(n.a)
	for c := range ch {
		var s [4]float64
		var gap float64
		for i := range images {
			v := n.all[i*ch+c]
			for k := range s {
				s[k] += v[k]
			}
			gap += math.Abs(v[3] / float64(area))
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
		if n.Frozen {
			continue
		}
		n.q[c] = float32(-a * inv * inv * s[1] / total)
		n.r[c] = float32(-a * s[0] / total)
	}
	return nil
}
