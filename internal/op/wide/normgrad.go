package wide

import (
	"math"

	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"

	G "gorgonia.org/gorgonia"
)

// normGrad is the backward pass of a Norm and what it is at work on.
type normGrad struct {
	*Norm
	dy, dz  []float32    // the gradients of output and map
	sums    [][4]float64 // per image and channel: see pointwise.ActSums
	p, q, r []float32    // the same: the gradient of z is p*e + q*(z-mean) + r, e that of a*z + b

	tasks struct{ sums, grad func(thread, i int) }
}

func newNormGrad(n *Norm) *normGrad {
	planes := n.batch * n.c
	b := &normGrad{Norm: n, sums: make([][4]float64, planes), p: make([]float32, planes), q: make([]float32, planes), r: make([]float32, planes)}
	b.tasks.sums, b.tasks.grad = b.gradSums, b.grad
	return b
}

// DoDiff adds the gradients of z, gamma, beta and slopes, and sets GAP. It overwrites the
// output's gradient.
func (n *Norm) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	in, err := n.ReadNodes(inputs)
	if err != nil {
		return err
	}
	ds, dy, err := n.Grads(inputs, output)
	if err != nil {
		return err
	}
	if n.backward == nil {
		n.backward = newNormGrad(n)
	}
	b := n.backward
	b.dz, b.dy = ds[0], dy
	n.env.Run(n.batch*n.c, b.tasks.sums)
	b.parameterGrads(ds[1:])
	if b.dz == nil {
		return nil
	}
	b.gradFactors(in[1])
	n.env.Run(n.batch*n.c, b.tasks.grad)
	return nil
}

// gradSums gives the sums of the gradient of plane i.
func (n *normGrad) gradSums(_, i int) {
	s0, s1, s2, s3 := pointwise.ActSums(n.plane(n.dy, i), n.plane(n.Xs[0], i), n.a[i], n.b[i], n.slope[i], n.mean[i])
	n.sums[i] = [4]float64{s0, s1, s2, s3}
}

// parameterGrads adds the gradients of gamma, beta and slopes, nil where unwanted, and
// sets GAP.
func (n *normGrad) parameterGrads(ds [][]float32) {
	for c := range n.c {
		var gap float64
		var g [3]float64
		for i := c; i < n.batch*n.c; i += n.c {
			s := n.sums[i]
			gap += math.Abs(s[3] / float64(n.area))
			for k, v := range [3]float64{s[1] * float64(n.inv[i]), s[0], s[2]} {
				g[k] += v
			}
		}
		n.GAP[c] = float32(gap / float64(n.batch))
		for k, d := range ds {
			if d != nil {
				d[c] += float32(g[k])
			}
		}
	}
}

// gradFactors sets p, q and r.
func (n *normGrad) gradFactors(gamma []float32) {
	copy(n.p, n.a)
	clear(n.q)
	clear(n.r)
	switch n.spec.By {
	case ByBatch:
		for c := range n.c {
			n.shareGrad(gamma, n.batch, func(k int) int { return k*n.c + c })
		}
	case ByGroup:
		size := n.c / n.spec.Groups
		for first := 0; first < n.batch*n.c; first += size {
			n.shareGrad(gamma, size, func(k int) int { return first + k })
		}
	}
}

// shareGrad sets q and r of the planes whose mean and variance are one.
func (n *normGrad) shareGrad(gamma []float32, planes int, plane func(k int) int) {
	var s0, s1 float64
	for k := range planes {
		i := plane(k)
		g := float64(gamma[i%n.c])
		s0, s1 = s0+g*n.sums[i][0], s1+g*n.sums[i][1]
	}
	total := float64(planes * n.area)
	for k := range planes {
		i := plane(k)
		inv := float64(n.inv[i])
		n.q[i], n.r[i] = float32(-inv*inv*inv*s1/total), float32(-inv*s0/total)
	}
}

// grad adds the gradient of plane i of z.
func (n *normGrad) grad(_, i int) {
	f := pointwise.NormFactors{A: n.a, B: n.b, Slope: n.slope, P: n.p, Q: n.q, R: n.r, Mean: n.mean}
	dy := n.plane(n.dy, i)
	pointwise.ActNormGrad(kernel.Rows(dy, 0), kernel.Rows(dy, 0), kernel.Rows(n.plane(n.Xs[0], i), 0), n.area, 1, &f, i)
	pointwise.Add(n.plane(n.dz, i), dy)
}
