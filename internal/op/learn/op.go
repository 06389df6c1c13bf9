package learn

import (
	"fmt"
	"math"

	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"
	"csnet/internal/op/learn/conv"
	"csnet/internal/op/learn/prenorm"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Op is one output map of a block: a convolution, then norm and PReLU, or a bias, or
// nothing.
//
// Inputs: the input maps (B, C, H, W), one weight each (as the convolution's geometry has
// them), then gamma, beta and slope (C) of the norm, or the bias (C). Output: (B, C, H, W),
// with a norm the convolution's result before the norm, otherwise the map. Gradients are
// those of the map after the PReLU.
type Op struct {
	op.Base
	env            *Env
	conv           conv.Conv
	norm           *prenorm.Norm   // nil: none
	sources        []*prenorm.Norm // norms of the ops that make the input maps
	maps, weights  int             // numbers of inputs
	batch, c, area int             // of the output: B, C, H*W
	hasBias        bool
	half           bool        // the output and its gradient lie in 16 bits
	scale          float64     // the output is so many times the convolution's result, see rescale
	most           [][]float64 // what no value of a channel of an input map passes

	store []bool // input maps whose gradient this op is the first to write
	last  []bool // input maps whose gradient this op is the last to write

	bias        []float32
	outGrad     []float32   // gradient of the output
	weightGrads [][]float32 // gradients of the weights
	parts       []float32   // the images' parts of these

	group         *group // ops to run with; nil: none
	dropped       *Op    // the op that made the input map, where it is recomputed: see RecomputeInput
	outputDropped bool   // the output does not last until DoDiff
	defersGrad    bool   // the op before makes the gradient of the input map: see DeferInputGrad
	gradMaker     *Op    // the op after, from whose output's gradient the output's own is made; nil: it is stored

	allBiasSums, biasSums []float64 // of all ranks' images, of the own ones

	tasks struct {
		forward, sums, backward, recompute func(thread, i int) // on image i
		sum                                func(sum []float32) // takes the weights' gradient of all ranks
	}
}

// New returns the op of f with norm and PReLU, where n is not nil, or a bias. sources are
// the norms of the ops that make the input maps, nil where they have none.
func New(env *Env, f op.Fused, n *prenorm.Norm, bias bool, sources []*prenorm.Norm) *Op {
	c, h, w := f.Conv.Output()
	b := f.Maps[0][0]
	o := &Op{env: env, conv: conv.New(f.Conv, &env.Pages), norm: n, sources: sources, maps: len(f.Maps), weights: len(f.Weights), batch: b, c: c, area: h * w, hasBias: bias, scale: 1}
	o.Base = op.NewBase(env.Env, f.Name, f.Inputs(n != nil, bias), tensor.Shape{b, c, h, w})
	o.half = env.Mixed && n != nil
	o.InHalves(o.half, o.halfInput, o.maps)
	for k := range o.maps {
		most := make([]float64, o.In[k][1])
		for c := range most {
			most[c] = mostPicture
		}
		o.most = append(o.most, most)
	}
	o.store, o.last = make([]bool, o.maps), make([]bool, o.maps)
	if n != nil {
		n.Images(env.Env, b)
	}
	o.tasks.forward, o.tasks.sums = env.task(o.forwardImage), env.task(o.sumImage)
	if bias {
		o.allBiasSums, o.biasSums = op.Spread[float64](env.Env, b, c)
	}
	o.tasks.backward, o.tasks.recompute = env.task(o.backwardImage), env.task(o.recomputeImage)
	env.needParts(o)
	o.tasks.sum = func(sum []float32) { o.conv.AddGrads(o.weightGrads, sum) }
	return o
}

// NormOf returns the norm whose result readers must make of the output of o, nil where o
// has none or is no Op.
func NormOf(o G.Op) *prenorm.Norm {
	if l, ok := o.(*Op); ok {
		return l.norm
	}
	return nil
}

// Maps is the number of input maps.
func (o *Op) Maps() int { return o.maps }

// CanStoreGrad is true for maps.
func (o *Op) CanStoreGrad(i int) bool { return i < o.maps }

// StoreGrad is as in op.Step.
func (o *Op) StoreGrad(i int) {
	if i < o.maps {
		o.store[i] = true
	}
}

// LastGrad is as in op.Step.
func (o *Op) LastGrad(i int) {
	if i < o.maps {
		o.last[i] = true
	}
}

// Do makes the output and the statistics of the batch. In a group the last op's Do makes
// the outputs of all of them.
func (o *Op) Do(vs ...G.Value) (G.Value, error) {
	in, err := o.Read(vs)
	if err != nil {
		return nil, err
	}
	y := o.Output()
	ws := in[o.maps : o.maps+o.weights]
	o.rescale(ws)
	o.conv.Pack(ws)
	rest := in[o.maps+o.weights:]
	if o.norm != nil {
		o.norm.Set(rest)
		if !o.norm.Frozen && o.env.Images(o.batch)*o.area < 2 {
			return nil, fmt.Errorf("op: %s: one value per channel in training, the norm needs at least 2", o)
		}
	} else if o.hasBias {
		o.bias = rest[0]
	}
	if o.group != nil {
		if o.group.allCalled() {
			o.group.forward(o)
			for _, p := range o.group.ops {
				if err := p.statistics(); err != nil {
					return nil, err
				}
			}
		}
		return y, nil
	}
	o.env.Run(o.batch, o.tasks.forward)
	return y, o.statistics()
}

// mostStored is what no stored value may pass, a little below the largest float16 as inputs
// are rounded, and mostPicture what no value of a picture does.
const (
	mostStored  = 60000
	mostPicture = 64
)

// rescale makes an output that is stored as float16 fit, whatever its inputs: ws are the
// weights. A power of two changes no bit of the result, but where values become denormal: the
// weights are multiplied by it, and the norm divides by the deviation of what comes of them.
func (o *Op) rescale(ws [][]float32) {
	if !o.half {
		return
	}
	for k, n := range o.sources {
		if most := o.most[k]; n != nil {
			n.Most(most, o.In[k].TotalSize()/o.batch/len(most))
		}
	}
	s := 1.0
	if most := o.conv.Most(ws, o.most) / o.scale; most > mostStored && !math.IsInf(most, 0) {
		_, e := math.Frexp(most / mostStored)
		s = math.Ldexp(1, -e)
	}
	if s != o.scale {
		o.conv.Rescale(float32(s / o.scale))
		o.norm.Scale(s)
		o.scale = s
	}
}

// statistics makes the batch's statistics from those of all images.
func (o *Op) statistics() error {
	if o.norm == nil {
		return nil
	}
	return o.norm.Batch(o.String(), o.area)
}

// DoDiff gives the gradients of maps, weights and norm. It may overwrite the output's
// gradient. In a group the last op's DoDiff does the work of all of them.
func (o *Op) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	if _, err := o.ReadNodes(inputs); err != nil {
		return err
	}
	ds, dy, err := o.grads(inputs, output)
	if err != nil {
		return err
	}
	o.outGrad, o.weightGrads = dy, ds[o.maps:o.maps+o.weights]
	if err := o.reduceRest(ds[o.maps+o.weights:]); err != nil {
		return err
	}
	for k, d := range ds[:o.maps] {
		if o.last[k] && (d != nil || o.defersGrad) && o.sources[k] != nil {
			o.sources[k].Summed = true
		}
	}
	if o.group != nil {
		if o.group.allCalled() {
			o.group.backward(o)
		}
		return nil
	}
	o.env.placeParts(o)
	o.env.Run(o.batch, o.tasks.backward)
	o.reduceWeights()
	return nil
}

// grads is Grads; the output's gradient is nil where it is made as it is read.
func (o *Op) grads(inputs G.Nodes, output *G.Node) (in [][]float32, out []float32, err error) {
	if o.gradMaker == nil {
		return o.Grads(inputs, output)
	}
	in, err = o.InputGrads(inputs)
	return in, nil, err
}

// reduceWeights adds the weights' gradients up, or, where there are several ranks, has
// that done at the end of the step.
func (o *Op) reduceWeights() {
	if !o.env.Defer(o.parts, o.conv.GradSize(), o.tasks.sum) {
		o.conv.AddGrads(o.weightGrads, o.env.sumParts(o))
	}
}

// reduceRest adds to ds the gradients of gamma, beta and slope, or that of the bias.
func (o *Op) reduceRest(ds [][]float32) error {
	if o.norm == nil {
		if o.hasBias && ds[0] != nil {
			return o.reduceBias(ds[0])
		}
		return nil
	}
	if !o.norm.Summed {
		if o.outputDropped || o.gradMaker != nil {
			return fmt.Errorf("op: %s: the op after it did not sum the gradient of the norm", o)
		}
		o.env.Run(o.batch, o.tasks.sums)
	}
	o.norm.Summed = false
	return o.norm.Reduce(o.String(), ds, o.area)
}

// reduceBias adds the sums of the output's gradient, image by image, to d.
func (o *Op) reduceBias(d []float32) error {
	for i := range o.batch * o.c {
		o.biasSums[i] = pointwise.Sum(o.outGrad[i*o.area : (i+1)*o.area])
	}
	if err := op.Gather(o.env.Env, o.String(), o.allBiasSums); err != nil {
		return err
	}
	for i, s := range o.allBiasSums {
		d[i%o.c] += float32(s)
	}
	return nil
}

// CanRecompute is true of depthwise convolutions before a norm.
func (o *Op) CanRecompute() bool { return o.depthwise() != nil && o.norm != nil }

// depthwise returns the convolution if it is a depthwise one, else nil.
func (o *Op) depthwise() *conv.Depthwise {
	d, _ := o.conv.(*conv.Depthwise)
	return d
}

// RecomputeInput is as in op.Step. It is possible where both ops are depthwise
// convolutions.
func (o *Op) RecomputeInput(before op.Step) bool {
	v, ok := before.(*Op)
	if !ok || !v.CanRecompute() || o.dropped != nil || v.dropped != nil || o.depthwise() == nil {
		return false
	}
	o.dropped, v.outputDropped = v, true
	return true
}

// DeferInputGrad is as in op.Step. It is possible where a 1x1 convolution of one output
// reads the finest output of another 1x1 convolution, before its norm.
func (o *Op) DeferInputGrad(before op.Step) bool {
	v, ok := before.(*Op)
	if !ok || v.norm == nil || v.group != nil || o.group != nil || o.norm != nil || o.maps != 1 {
		return false
	}
	c, isOct := o.conv.(*conv.Oct)
	b, beforeIsOct := v.conv.(*conv.Oct)
	if !isOct || !beforeIsOct || !c.CanDeferInputGrad(b) {
		return false
	}
	o.defersGrad, v.gradMaker = true, o
	o.WithoutGradOf(0)
	return true
}

// Recompute makes the output again, without statistics.
func (o *Op) Recompute(inputs G.Nodes) error {
	if _, err := o.ReadNodes(inputs); err != nil {
		return err
	}
	o.env.Run(o.batch, o.tasks.recompute)
	return nil
}

// OutputDead is true with a norm.
func (o *Op) OutputDead() bool { return o.norm != nil }

// Finite reports whether all values of the last Do are finite. With a norm that is read off
// the batch's means and the factors of norm and PReLU.
func (o *Op) Finite() bool {
	if o.norm != nil {
		return o.norm.Finite()
	}
	return op.Finite(o.Y)
}
