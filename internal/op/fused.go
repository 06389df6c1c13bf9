package op

import (
	"fmt"

	"csnet/internal/kernel"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Fused is one output map of a block: a convolution, then norm and PReLU, or
// a bias, or nothing.
//
// Inputs: the present input maps (B, C, H, W), one weight each (as the linear
// part wants them), then gamma, beta, slope (C) of the norm, or the bias.
// Output: (B, C, H, W).
//
// In training it keeps the convolution's result z, one float per element; its
// output can be made again from it (Remake), so that the output's buffer may
// be lent to others between forward and backward.
type Fused struct {
	base
	env    *Env
	lin    Linear
	norm   *Norm
	bias   bool
	nx, nw int
	b, c   int
	hw     int
	train  bool
	z      []float32
	parts  []float32
}

// Part is what a Fused op adds to its convolution.
type Part struct {
	Norm *Norm // norm and PReLU, or
	Bias bool  // a bias; neither: nothing
}

// NewFused returns the op for inputs of shapes xs and weights of shapes ws,
// with the output (B, c, h, w).
func NewFused(env *Env, name string, lin Linear, part Part, xs, ws []tensor.Shape, c, h, w int) *Fused {
	b := xs[0][0]
	f := &Fused{env: env, lin: lin, norm: part.Norm, bias: part.Bias, nx: len(xs), nw: len(ws), b: b, c: c, hw: h * w}
	f.base = base{name: name, id: env.id(), out: tensor.Shape{b, c, h, w}}
	f.in = append(append(f.in, xs...), ws...)
	vec := tensor.Shape{c}
	if part.Norm != nil {
		f.in = append(f.in, vec, vec, vec)
		part.Norm.sums = make([][3]float64, b*c)
	} else if part.Bias {
		f.in = append(f.in, vec)
	}
	return f
}

// SetTraining switches between batch and running statistics.
func (f *Fused) SetTraining(on bool) error {
	f.train = on
	return nil
}

// image puts image i of each map into out, nil where there is none.
func (f *Fused) image(out *[][]float32, xs [][]float32, i int) [][]float32 {
	*out = (*out)[:0]
	for _, x := range xs {
		n := len(x) / f.b
		*out = append(*out, x[i*n:(i+1)*n])
	}
	return *out
}

// Do runs the block forward.
func (f *Fused) Do(vs ...G.Value) (G.Value, error) {
	in, err := f.floats(vs)
	if err != nil {
		return nil, err
	}
	y := f.output()
	f.lin.prepare(in[f.nx : f.nx+f.nw])
	rest := in[f.nx+f.nw:]
	z := f.y
	if f.norm != nil {
		f.norm.set(rest)
		if f.train {
			if f.z == nil {
				f.z = make([]float32, len(f.y))
			}
			z = f.z
		} else {
			f.norm.running()
		}
	}
	n := f.c * f.hw
	f.env.run(f.b, func(s *scratch, i int) {
		zi := z[i*n : (i+1)*n]
		f.lin.forward(zi, f.image(&s.xs, in[:f.nx], i), s)
		switch {
		case f.norm != nil && f.train:
			f.norm.moments(i, zi, f.hw)
		case f.norm != nil:
			f.norm.act(zi, zi, f.hw)
		case f.bias:
			addBias(zi, rest[0], f.hw)
		}
	})
	if f.norm != nil && f.train {
		if f.b*f.hw < 2 {
			return nil, fmt.Errorf("op: %s: one value per channel in training, the norm needs at least 2", f.name)
		}
		f.norm.batch(f.b, f.hw)
		f.remake(true)
		f.norm.setGAP(f.b)
	}
	return y, nil
}

func addBias(z, b []float32, hw int) {
	for c, v := range b {
		p := z[c*hw : (c+1)*hw]
		for i := range p {
			p[i] += v
		}
	}
}

// Remakes reports whether Remake works: in training with a norm.
func (f *Fused) Remakes() bool { return f.norm != nil && f.train }

// Remake fills the bound output again after a training forward.
func (f *Fused) Remake() { f.remake(false) }

func (f *Fused) remake(gap bool) {
	n := f.c * f.hw
	f.env.run(f.b, func(_ *scratch, i int) {
		y := f.y[i*n : (i+1)*n]
		f.norm.act(y, f.z[i*n:(i+1)*n], f.hw)
		if gap {
			f.norm.gap(i, y, f.hw)
		}
	})
}

// DoDiff adds the gradients of maps, weights and norm; the output's gradient
// is overwritten.
func (f *Fused) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	in, err := f.nodeFloats(inputs)
	if err != nil {
		return err
	}
	ds, dy, err := f.grads(inputs, output)
	if err != nil {
		return err
	}
	n, rest := f.c*f.hw, ds[f.nx+f.nw:]
	if f.norm != nil {
		if !f.train {
			return fmt.Errorf("op: %s: gradient in evaluation mode", f.name)
		}
		f.env.run(f.b, func(_ *scratch, i int) {
			f.norm.actGrad(i, dy[i*n:(i+1)*n], f.z[i*n:(i+1)*n], f.hw)
		})
		f.norm.reduce(rest, f.b, f.hw)
	} else if f.bias && rest[0] != nil {
		for i := range f.b * f.c {
			rest[0][i%f.c] += float32(kernel.Sum(dy[i*f.hw : (i+1)*f.hw]))
		}
	}
	gs := f.lin.gradSize()
	if f.parts == nil {
		f.parts = make([]float32, gs*f.b)
	}
	f.env.run(f.b, func(s *scratch, i int) {
		d := dy[i*n : (i+1)*n]
		if f.norm != nil {
			f.norm.normGrad(d, f.z[i*n:(i+1)*n], f.hw)
		}
		part := f.parts[i*gs : (i+1)*gs]
		clear(part)
		f.lin.backward(part, f.image(&s.dxs, ds[:f.nx], i), f.image(&s.xs, in[:f.nx], i), d, s)
	})
	f.lin.reduce(ds[f.nx:f.nx+f.nw], f.parts, f.b)
	return nil
}

// Finite reports whether all values of the last Do are finite. In training
// these are the convolution's, and of norm and PReLU their mean per channel,
// which takes any NaN or Inf over from the map.
func (f *Fused) Finite() bool {
	if f.z == nil {
		return finite(f.y)
	}
	return finite(f.z) && finite(f.norm.GAP)
}

func finite(xs []float32) bool {
	for _, x := range xs {
		if x-x != 0 {
			return false
		}
	}
	return true
}

// GAP returns S of dynamic weight decay per channel, nil without a norm.
func (f *Fused) GAP() []float32 {
	if f.norm == nil {
		return nil
	}
	return f.norm.GAP
}
