// Package tail holds the end of the CSF head as one op of evaluation: 1x1 convolutions of all
// octaves to the size of the finest, group norm, PReLU, and a classifier of one output. The
// map between them has more than a thousand channels. It is made a group of channels at a
// time, with the channels of a pixel side by side, normalised and added up to logits while it
// is in the cache, and never whole.
package tail

import (
	"fmt"

	"csnet/internal/kernel/gemm"
	"csnet/internal/op"
	"csnet/internal/op/wide/matmul"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Tail is the op.
//
// Inputs: a map (B, C_i, H_i, W_i) for each octave, of which the first is the finest; for
// each its weights (Out, C_i, 1, 1); gamma, beta and PReLU's slopes (Out); the classifier's
// weights (1, Out, 1, 1) and bias (1). Output: logits (B, 1, H_0, W_0). What the octaves
// beyond the first give is resized bilinearly, with half-pixel centres and clamped edges.
//
// Threads share the groups, whose logits are added up in their order, so that any number of
// threads gives the same bits.
type Tail struct {
	op.Base
	env      *op.Env
	batch    int
	groups   int
	each     int // channels of a group
	columns  int // the same, rounded up for the kernels
	eps      float64
	octaves  []octave
	packed   bool
	image    int       // at hand
	partial  []float32 // logits of each group
	tasks    struct{ pack, turn, group, sum func(thread, i int) }
	channels channelInputs
}

// channelInputs are the inputs with a value for each channel.
type channelInputs struct{ gamma, beta, slope, classifier, bias []float32 }

// New returns the op for maps of these shapes and out channels in so many groups, whose norm
// divides by the root of the variance plus eps.
//
// Errors: no maps; groups that do not divide the channels.
func New(env *op.Env, name string, maps []tensor.Shape, out, groups int, eps float64) (*Tail, error) {
	if len(maps) == 0 || groups < 1 || out%groups != 0 {
		return nil, fmt.Errorf("op: %s: %d maps, %d channels in %d groups: there must be a map and groups of one size", name, len(maps), out, groups)
	}
	t := &Tail{env: env, batch: maps[0][0], groups: groups, each: out / groups, eps: eps}
	t.columns = (t.each + gemm.RowColumns - 1) / gemm.RowColumns * gemm.RowColumns
	in := append([]tensor.Shape{}, maps...)
	for _, m := range maps {
		t.octaves = append(t.octaves, newOctave(m, maps[0], t.columns))
		in = append(in, tensor.Shape{out, m[1], 1, 1})
	}
	in = append(in, tensor.Shape{out}, tensor.Shape{out}, tensor.Shape{out}, tensor.Shape{1, out, 1, 1}, tensor.Shape{1})
	t.Base = op.NewBase(env, name, in, tensor.Shape{t.batch, 1, maps[0][2], maps[0][3]})
	t.tasks.pack, t.tasks.turn, t.tasks.group, t.tasks.sum = t.pack, t.turn, t.group, t.sum
	return t, nil
}

// Maps is the number of octaves.
func (t *Tail) Maps() int { return len(t.octaves) }

// area is the number of logits of an image.
func (t *Tail) area() int { return t.octaves[0].h * t.octaves[0].w }

// Do makes the logits.
func (t *Tail) Do(vs ...G.Value) (G.Value, error) {
	in, err := t.Read(vs)
	if err != nil {
		return nil, err
	}
	y := t.Output()
	of := in[2*len(t.octaves):]
	t.channels = channelInputs{of[0], of[1], of[2], of[3], of[4]}
	if t.partial == nil {
		t.partial = make([]float32, t.groups*t.area())
		for i := range t.octaves {
			o := &t.octaves[i]
			o.x, o.weights = make([]float32, o.h*o.w*o.pitch), make([]float32, t.groups*o.c*t.columns)
		}
	}
	if !t.packed || !t.env.Frozen {
		t.env.Run(t.groups, t.tasks.pack)
		t.packed = true
	}
	for t.image = range t.batch {
		t.env.Run(len(t.octaves)*op.Parts, t.tasks.turn)
		t.env.Run(t.groups, t.tasks.group)
		t.env.Run(op.Parts, t.tasks.sum)
	}
	return y, nil
}

// pack packs the weights of group g.
func (t *Tail) pack(_, g int) {
	for i := range t.octaves {
		o := &t.octaves[i]
		w := t.Xs[len(t.octaves)+i][g*t.each*o.c:]
		dst := o.ofGroup(g, t.columns)
		for s := range matmul.Sums(o.c) {
			from, to := o.sum(s)
			part := dst[from*t.columns:]
			for j := range t.columns {
				for k := from; k < to; k++ {
					v := float32(0)
					if j < t.each {
						v = w[j*o.c+k]
					}
					part[gemm.RowPlace(t.columns, to-from, k-from, j)] = v
				}
			}
		}
	}
}

// sum adds up part i of the logits.
func (t *Tail) sum(_, i int) {
	n := t.area()
	from, to := op.Cut(n, i, op.Parts), op.Cut(n, i+1, op.Parts)
	y := t.Y[t.image*n:][from:to]
	for p := range y {
		y[p] = t.channels.bias[0]
	}
	for g := range t.groups {
		for p, v := range t.partial[g*n+from : g*n+to] {
			y[p] += v
		}
	}
}

// DoDiff returns an error: the op has no gradients.
func (t *Tail) DoDiff(G.ExecutionContext, G.Nodes, *G.Node) error {
	return fmt.Errorf("op: %s: has no gradient, runs in evaluation alone", t)
}
