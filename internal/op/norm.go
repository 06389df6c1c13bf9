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
	// GAP is, after a training forward, mean over the batch of |mean over the
	// map| of the PReLU's output, per channel: S of dynamic weight decay.
	GAP []float32

	mean, inv   []float32    // of the batch: mean, 1/sqrt(var+eps)
	a, b        []float32    // u = a*z + b
	sums        [][3]float64 // per image and channel
	p, q, r     []float32    // dz = p*du + q*(z-mean) + r
	gamma, beta []float32    // of this step
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
func (n *Norm) set(vs [][]float32) { n.gamma, n.beta, n.slope = vs[0], vs[1], vs[2] }

// fold sets a, b for gamma*(z-mean)*inv + beta.
func (n *Norm) fold() {
	for c := range n.a {
		n.a[c] = n.gamma[c] * n.inv[c]
		n.b[c] = n.beta[c] - n.mean[c]*n.a[c]
	}
}

// running folds the running statistics in.
func (n *Norm) running() {
	for c, v := range n.Var {
		n.mean[c] = n.Mean[c]
		n.inv[c] = float32(1 / math.Sqrt(float64(v)+n.Eps))
	}
	n.fold()
}

// moments notes mean and squared deviation of each plane of one image.
func (n *Norm) moments(image int, z []float32, hw int) {
	for c := range n.a {
		p := z[c*hw:][:hw]
		m := kernel.Sum(p) / float64(hw)
		n.sums[image*len(n.a)+c] = [3]float64{m, kernel.SquaredDeviation(p, float32(m))}
	}
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
	n.fold()
}

// act writes norm and PReLU of one image's z to y.
func (n *Norm) act(y, z []float32, hw int) {
	for c := range n.a {
		kernel.NormAct(y[c*hw:][:hw], z[c*hw:][:hw], n.a[c], n.b[c], n.slope[c])
	}
}

// gap notes the mean of each plane of one image's y.
func (n *Norm) gap(image int, y []float32, hw int) {
	for c := range n.a {
		n.sums[image*len(n.a)+c][2] = kernel.Sum(y[c*hw:][:hw]) / float64(hw)
	}
}

func (n *Norm) setGAP(images int) {
	for c := range n.GAP {
		var s float64
		for i := range images {
			s += math.Abs(n.sums[i*len(n.a)+c][2])
		}
		n.GAP[c] = float32(s / float64(images))
	}
}

// actGrad turns one image's dy into the gradient of the norm's output.
func (n *Norm) actGrad(image int, d, z []float32, hw int) {
	for c := range n.a {
		s0, s1, s2 := kernel.ActGrad(d[c*hw:][:hw], z[c*hw:][:hw], n.a[c], n.b[c], n.slope[c], n.mean[c])
		n.sums[image*len(n.a)+c] = [3]float64{s0, s1, s2}
	}
}

// reduce adds the gradients of gamma, beta and slope to gs (nil where
// unwanted) and sets the factors of the gradient of z.
func (n *Norm) reduce(gs [][]float32, images, hw int) {
	total := float64(images * hw)
	ch := len(n.a)
	for c := range ch {
		var s [3]float64
		for i := range images {
			for k, v := range n.sums[i*ch+c] {
				s[k] += v
			}
		}
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

// normGrad turns one image's gradient of the norm's output into that of z.
func (n *Norm) normGrad(d, z []float32, hw int) {
	for c := range n.a {
		kernel.NormGrad(d[c*hw:][:hw], z[c*hw:][:hw], n.p[c], n.q[c], n.r[c], n.mean[c])
	}
}
