package wide

import (
	"fmt"
	"math"

	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Normalize says whose mean and variance a Norm divides out.
type Normalize int

// The kinds of norms.
const (
	ByBatch   Normalize = iota // the batch's, per channel (Ioffe and Szegedy, 2015); it moves the running ones
	ByRunning                  // the running ones, per channel
	ByGroup                    // an image's, per group of channels (Wu and He, 2018)
)

// Activation is what follows a norm.
type Activation int

// The activations. PReLU multiplies what is below 0 by a slope per channel, ReLU by 0.
const (
	Linear Activation = iota
	ReLU
	PReLU
)

// NormSpec describes a Norm.
type NormSpec struct {
	By         Normalize
	Groups     int // of ByGroup; they divide the channels
	Eps        float64
	Mean, Var  []float32 // running statistics of the others, shared with the parameters
	Activation Activation
}

// momentum is the share of the batch in the running statistics.
const momentum = 0.1

// Norm is a norm and what follows it: act(gamma (z - mean) / sqrt(variance + eps) + beta).
//
// Inputs: the map z (B, C, H, W), gamma and beta (C), with PReLU the slopes (C). Output:
// (B, C, H, W). The running variance moves by the unbiased one, as PyTorch's.
type Norm struct {
	op.Base
	env            *op.Env
	spec           NormSpec
	batch, c, area int
	// GAP is, after a training step, the S of dynamic weight decay per channel: the mean
	// over the batch of |mean over the map| of the output.
	GAP []float32

	stats [][2]float64 // per image and channel: mean, sum of squared deviations
	// Per image and channel: the norm is a*z + b.
	a, b, mean, inv, slope []float32

	tasks    struct{ moments, apply func(thread, i int) }
	backward *normGrad // nil before the first DoDiff
}

// NewNorm returns the op for maps of shape z.
//
// Errors: groups that do not divide the channels.
func NewNorm(env *op.Env, name string, z tensor.Shape, s NormSpec) (*Norm, error) {
	n := &Norm{env: env, spec: s, batch: z[0], c: z[1], area: z[2] * z[3]}
	if s.By == ByGroup && (s.Groups < 1 || n.c%s.Groups != 0) {
		return nil, fmt.Errorf("op: %s: %d channels do not divide into %d groups", name, n.c, s.Groups)
	}
	in := []tensor.Shape{z, {n.c}, {n.c}}
	if s.Activation == PReLU {
		in = append(in, tensor.Shape{n.c})
	}
	n.Base = op.NewBase(env, name, in, z)
	planes := n.batch * n.c
	n.GAP, n.stats = make([]float32, n.c), make([][2]float64, planes)
	for _, f := range []*[]float32{&n.a, &n.b, &n.mean, &n.inv, &n.slope} {
		*f = make([]float32, planes)
	}
	for i := range n.slope {
		n.slope[i] = 1
		if s.Activation == ReLU {
			n.slope[i] = 0
		}
	}
	n.tasks.moments, n.tasks.apply = n.moments, n.apply
	return n, nil
}

// Maps is 1.
func (n *Norm) Maps() int { return 1 }

// plane returns plane i of image and channel.
func (n *Norm) plane(x []float32, i int) []float32 { return x[i*n.area : (i+1)*n.area] }

// Do makes the output and, by the batch, moves the running statistics.
func (n *Norm) Do(vs ...G.Value) (G.Value, error) {
	in, err := n.Read(vs)
	if err != nil {
		return nil, err
	}
	y := n.Output()
	if n.spec.Activation == PReLU {
		for i := range n.slope {
			n.slope[i] = in[3][i%n.c]
		}
	}
	if n.spec.By != ByRunning {
		n.env.Run(n.batch*n.c, n.tasks.moments)
	}
	switch n.spec.By {
	case ByBatch:
		if n.batch*n.area < 2 {
			return nil, fmt.Errorf("op: %s: one value per channel in training, the norm needs at least 2", n)
		}
		n.batchStatistics()
	case ByRunning:
		for i := range n.mean {
			n.mean[i] = n.spec.Mean[i%n.c]
			n.inv[i] = float32(1 / math.Sqrt(float64(n.spec.Var[i%n.c])+n.spec.Eps))
		}
	case ByGroup:
		n.groupStatistics()
	}
	for i := range n.a {
		n.a[i] = in[1][i%n.c] * n.inv[i]
		n.b[i] = in[2][i%n.c] - n.mean[i]*n.a[i]
	}
	n.env.Run(n.batch*n.c, n.tasks.apply)
	return y, nil
}

// moments gives mean and squared deviations of plane i, about a first guess of its mean.
func (n *Norm) moments(_, i int) {
	z := n.plane(n.Xs[0], i)
	few := min(len(z), 64)
	guess := float32(pointwise.Sum(z[:few]) / float64(few))
	s, q := pointwise.Moments(z, guess)
	d := s / float64(len(z))
	n.stats[i] = [2]float64{float64(guess) + d, max(q-s*d, 0)}
}

func (n *Norm) apply(_, i int) {
	pointwise.NormAct(n.plane(n.Y, i), n.plane(n.Xs[0], i), n.a[i], n.b[i], n.slope[i])
}

// combine joins the statistics of planes of one size (Chan, Golub and LeVeque, 1983): mean
// and variance, biased.
func (n *Norm) combine(planes int, plane func(k int) int) (mean, variance float64) {
	var m2 float64
	for k := range planes {
		s := n.stats[plane(k)]
		d, j := s[0]-mean, float64(k+1)
		m2 += s[1] + d*d*float64(n.area)*(j-1)/j
		mean += d / j
	}
	return mean, m2 / float64(planes*n.area)
}

func (n *Norm) batchStatistics() {
	total := float64(n.batch * n.area)
	for c := range n.c {
		mean, v := n.combine(n.batch, func(k int) int { return k*n.c + c })
		for i := range n.batch {
			n.mean[i*n.c+c], n.inv[i*n.c+c] = float32(mean), float32(1/math.Sqrt(v+n.spec.Eps))
		}
		m, r := n.spec.Mean, n.spec.Var
		m[c] = float32((1-momentum)*float64(m[c]) + momentum*mean)
		r[c] = float32((1-momentum)*float64(r[c]) + momentum*v*total/(total-1))
	}
}

func (n *Norm) groupStatistics() {
	size := n.c / n.spec.Groups
	for first := 0; first < n.batch*n.c; first += size {
		mean, v := n.combine(size, func(k int) int { return first + k })
		for k := range size {
			n.mean[first+k], n.inv[first+k] = float32(mean), float32(1/math.Sqrt(v+n.spec.Eps))
		}
	}
}

// ForwardOnly returns true for the output.
func (n *Norm) ForwardOnly(i int) bool { return i < 0 }

// OutputDead returns true.
func (n *Norm) OutputDead() bool { return true }

// Finite reports whether mean and factors are.
func (n *Norm) Finite() bool { return op.Finite(n.mean) && op.Finite(n.a) && op.Finite(n.b) }
