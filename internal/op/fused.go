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
// In training the value of an op with a norm is the convolution's result; the
// ops that read it apply norm and PReLU (Sources), so that the map is stored
// once. Gradients are those of the map after the PReLU. In evaluation the
// value is the map itself.
type Fused struct {
	base
	env           *Env
	training      TrainConv // nil: for evaluation alone
	infer         inferConv
	norm          *Norm
	bias          bool
	srcs          []*Norm // of the inputs' ops
	store         []bool  // inputs whose gradient this op is the first to write
	last          []bool  // inputs whose gradient this op is the last to write
	nx, nw        int
	b, c          int
	hw            int
	train         bool
	partGrads     []float32
	bs            []float32   // the bias
	dy            []float32   // gradient of the output
	dws           [][]float32 // gradients of the weights
	group         *fusedGroup // ops to run with
	dropped       *Fused      // made the input, and is made anew backwards: see Fold
	outputDropped bool        // the value does not last until DoDiff
	image         perImage    // what is done to every image

	// In evaluation:
	segment      *Segment
	absorbed     *Fused // runs with this one, which reads its inputs: see Dot
	absorbedBy   *Fused // of which this one is the inner one
	params       [][]float32
	packedParams []float32 // parameters of the last fold for evaluation
	packed       bool      // there was one
}

// Part is what a Fused op adds to its convolution.
type Part struct {
	Norm *Norm // norm and PReLU, or
	Bias bool  // a bias; neither: nothing
}

// NewFused returns the op for inputs of shapes xs, made by ops with the norms
// srcs (nil: without), and weights of shapes ws, with the output (B, c, h, w).
func NewFused(env *Env, name string, lin TrainConv, part Part, xs []tensor.Shape, srcs []*Norm, ws []tensor.Shape, c, h, w int) *Fused {
	b := xs[0][0]
	f := &Fused{env: env, training: lin, infer: lin, norm: part.Norm, bias: part.Bias, srcs: srcs, store: make([]bool, len(xs)), last: make([]bool, len(xs)), nx: len(xs), nw: len(ws), b: b, c: c, hw: h * w}
	f.base = base{name: name, id: env.id(), out: tensor.Shape{b, c, h, w}}
	f.in = append(append(f.in, xs...), ws...)
	vec := tensor.Shape{c}
	if part.Norm != nil {
		f.in = append(f.in, vec, vec, vec)
		part.Norm.sums = make([][4]float64, b*c)
	} else if part.Bias {
		f.in = append(f.in, vec)
	}
	f.image = perImage{f.imageForward, f.imageSums, f.imageBackward, f.imageRecompute}
	return f
}

// SetTraining switches between batch and running statistics.
func (f *Fused) SetTraining(on bool) error {
	if on && f.training == nil {
		return fmt.Errorf("op: %s: runs in evaluation alone", f.name)
	}
	f.train = on
	return nil
}

// Norm returns the norm whose result readers must make of the op's value in
// training, nil without.
func (f *Fused) Norm() *Norm { return f.norm }

// StoreGrad makes DoDiff write, not add, the gradient of input i: its buffer
// holds nothing yet.
func (f *Fused) StoreGrad(i int) {
	if i < f.nx {
		f.store[i] = true
	}
}

// Stores reports whether DoDiff can write the gradient of input i.
func (f *Fused) Stores(i int) bool { return i < f.nx }

// LastGrad tells that no op after this one, backwards, adds to the gradient of
// input i.
func (f *Fused) LastGrad(i int) {
	if i < f.nx {
		f.last[i] = true
	}
}

// Do runs the block forward.
func (f *Fused) Do(vs ...G.Value) (G.Value, error) {
	in, err := f.floats(vs)
	if err != nil {
		return nil, err
	}
	y := f.output()
	if !f.train {
		f.evaluate(in)
		return y, nil
	}
	f.packedParams, f.packed = f.packedParams[:0], false
	f.training.packTrain(in[f.nx : f.nx+f.nw])
	rest := in[f.nx+f.nw:]
	if f.norm != nil {
		f.norm.set(rest)
		if f.b*f.hw < 2 {
			return nil, fmt.Errorf("op: %s: one value per channel in training, the norm needs at least 2", f.name)
		}
	} else if f.bias {
		f.bs = rest[0]
	}
	if f.group != nil {
		if f.group.allCalled() {
			f.group.forward(f)
			for _, op := range f.group.ops {
				op.statistics()
			}
		}
		return y, nil
	}
	f.env.run(f.b, f.image.forward)
	f.statistics()
	return y, nil
}

// statistics makes the batch's from those of all images.
func (f *Fused) statistics() {
	if f.norm != nil {
		f.norm.batch(f.b, f.hw)
	}
}

// DoDiff gives the gradients of maps, weights and norm; the output's gradient
// is overwritten.
func (f *Fused) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	if _, err := f.nodeFloats(inputs); err != nil {
		return err
	}
	ds, dy, err := f.grads(inputs, output)
	if err != nil {
		return err
	}
	if f.training == nil {
		return fmt.Errorf("op: %s: has no gradient, runs in evaluation alone", f.name)
	}
	f.dy, f.dws = dy, ds[f.nx:f.nx+f.nw]
	rest := ds[f.nx+f.nw:]
	if f.norm != nil {
		if !f.train {
			return fmt.Errorf("op: %s: gradient in evaluation mode", f.name)
		}
		if !f.norm.summed {
			if f.outputDropped {
				return fmt.Errorf("op: %s: the op after it did not sum the gradient of the norm", f.name)
			}
			f.env.run(f.b, f.image.sums)
		}
		f.norm.summed = false
		f.norm.reduce(rest, f.b, f.hw)
	} else if f.bias && rest[0] != nil {
		for i := range f.b * f.c {
			rest[0][i%f.c] += float32(kernel.Sum(dy[i*f.hw : (i+1)*f.hw]))
		}
	}
	if f.partGrads == nil {
		f.partGrads = make([]float32, f.training.gradSize()*f.b)
	}
	for k, d := range ds[:f.nx] {
		if f.last[k] && d != nil && f.srcs[k] != nil && f.train {
			f.srcs[k].summed = true
		}
	}
	if f.group != nil {
		if f.group.allCalled() {
			f.group.backward(f)
		}
		return nil
	}
	f.env.run(f.b, f.image.backward)
	f.training.reduce(f.dws, f.partGrads, f.b)
	return nil
}

// CanRecompute reports whether Remake is cheap: of depthwise convolutions before a
// norm, in training.
func (f *Fused) CanRecompute() bool {
	_, ok := f.training.(*Depthwise)
	return ok && f.norm != nil && f.train
}

// RecomputeInput makes the op do without the value of before, which made its one map and
// which nobody else reads, when its forward run is over: it is made anew from the
// input of before, which must stay. Both are depthwise convolutions in training.
func (f *Fused) RecomputeInput(before G.Op) bool {
	v, ok := before.(*Fused)
	if !ok || !f.train || !v.CanRecompute() || f.dropped != nil || v.dropped != nil {
		return false
	}
	if _, ok := f.training.(*Depthwise); !ok {
		return false
	}
	f.dropped, v.outputDropped = v, true
	return true
}

// Recompute makes the value again, as the last Do did, without statistics.
func (f *Fused) Recompute(inputs G.Nodes) error {
	if _, err := f.nodeFloats(inputs); err != nil {
		return err
	}
	f.env.run(f.b, f.image.recompute)
	return nil
}

// OutputDead reports whether nobody reads the value after DoDiff any more, Finite
// neither: in training with a norm.
func (f *Fused) OutputDead() bool { return f.norm != nil && f.train }

// Finite reports whether all values of the last Do are finite. In training
// with a norm that is read off the batch's means, which take any NaN or Inf of
// the map over, and the factors of norm and PReLU.
func (f *Fused) Finite() bool {
	if n := f.norm; n != nil && f.train {
		return finite(n.mean) && finite(n.a) && finite(n.b) && finite(n.slope)
	}
	return finite(f.y)
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
