package graph

import (
	"cmp"
	"fmt"

	"csnet/internal/dist"
	"csnet/internal/op"
	"csnet/internal/op/infer"
	"csnet/internal/op/learn"
	"csnet/internal/vm"
	"csnet/layers"
	"csnet/model"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Options says what to build.
type Options struct {
	Batch, H, W int // input size; H and W multiples of Spec.Multiple
	Train       bool
	Threads     int
	// FrozenNorms makes the norms of a training net use their running statistics, as
	// in evaluation, and leave them as they are. Those of a backbone then learn neither
	// gamma nor beta; the group norms behind it have no statistics and learn as ever.
	FrozenNorms bool
	// Mixed keeps maps before a norm, and their gradients, in 16 bits in a training net
	// (train.precision: mixed; docs/adr/0014). CheckMixed says which nets can.
	Mixed bool
	// Group is of the ranks that train the net together, each on Batch images of its
	// own: a batch of all of them gives the same bits on one. nil: this process alone.
	Group *dist.Group
	// Loss weighs the terms of the training loss; the zero value is the mean BCE.
	Loss LossTerms
	// Frozen says that the parameters do not change any more once the net has run. The
	// net then does not look whether they have.
	Frozen bool
	Tuning Tuning
}

// Tuning is for tests. The zero value is what everybody else wants.
type Tuning struct {
	// ArenaLimit is how many floats the maps of a training net may take before it drops
	// those that are cheap to recompute; 0: op.ArenaLimit. The bits are the same either
	// way.
	ArenaLimit int
	// L2Floats and L3Floats are the sizes of caches that decide which ops run together in
	// evaluation (infer.Limits); 0: the defaults there. The bits are the same either way.
	L2Floats, L3Floats int
	// KeepAll keeps every layer's output readable by Net.Values. Ops then run by
	// themselves in evaluation.
	KeepAll bool
	// NoFusion makes every op run by itself, in the order of the graph: slower, and in
	// training sums come in another order.
	NoFusion bool
	// NoReuse gives every output and gradient memory of its own.
	NoReuse bool
	// LearnFrozen makes gamma and beta of a backbone's frozen norms learned ones.
	LearnFrozen bool
	// Wide runs CSNet's own dialect by the ops that serve the others.
	Wide bool
}

// LossTerms weighs the terms of a training loss; the zero value is BCE alone.
type LossTerms = layers.LossTerms

// Net is a graph of a Spec for one input size, on parameters it shares with
// others. It serves one caller at a time.
type Net struct {
	opts      Options
	env       *op.Env
	vm        *vm.VM
	x, target input
	one       []float32 // logits of one run of the graph
	logits    []float32 // of the batch: one, or where images run one by one, those of all
	loss      *op.BCE
	learned   []Learned
}

// input is an input node and its memory.
type input struct {
	node *G.Node
	data []float32
}

func newInput(n *G.Node) input {
	d, _ := n.Value().Data().([]float32)
	return input{n, d}
}

// set makes data the node's value, which is only read. Its size must be the node's.
func (in *input) set(data []float32) error {
	if len(in.data) != len(data) {
		return fmt.Errorf("graph: input %s has %d values, must have %v = %d", in.node.Name(), len(data), in.node.Shape(), len(in.data))
	}
	return in.point(data)
}

// point makes data, which has the node's size, the node's value.
func (in *input) point(data []float32) error {
	if &data[0] == &in.data[0] {
		return nil
	}
	v := tensor.New(tensor.WithShape(in.node.Shape()...), tensor.WithBacking(data))
	if err := G.UnsafeLet(in.node, v); err != nil {
		return fmt.Errorf("graph: input %s: %w", in.node.Name(), err)
	}
	in.data = data
	return nil
}

// Learned is one parameter of a training net with its gradient.
type Learned struct {
	layers.Learned
	Layer model.Layer // that it belongs to
	Slot  model.Slot  // which of the layer's tensors it is
	Grad  []float32   // adds up until somebody zeroes it
}

// check reports what keeps the net of s over params from being built.
func (o Options) check(s model.Spec, params *model.Params) error {
	if err := s.Validate(); err != nil {
		return err
	}
	if o.Batch < 1 {
		return fmt.Errorf("graph: batch is %d, must be at least 1", o.Batch)
	}
	if err := s.CheckSize(o.H, o.W); err != nil {
		return err
	}
	if err := s.CheckParams(params); err != nil {
		return err
	}
	if o.Mixed {
		if err := CheckMixed(s); err != nil {
			return err
		}
	}
	if o.Group.Size() > 1 {
		if err := CheckRanks(s); err != nil {
			return err
		}
	}
	if o.FrozenNorms {
		if s.Norm.Kind == model.GroupNorm && s.Kind != model.KindCSF {
			return fmt.Errorf("graph: frozen norms (train.norm) keep running statistics, which the net's group norms do not have")
		}
		return nil
	}
	if o.Train {
		return s.CheckBatch(o.Batch*o.Group.Size(), o.H, o.W)
	}
	return nil
}

// Build makes the graph of s over params: logits (Batch, 1, H, W) from x
// (Batch, 3, H, W), and in training the loss (by default the mean BCE) against
// targets in [0, 1]. In evaluation images run one after the other through a graph
// of one, unless all outputs are kept.
func Build(s model.Spec, params *model.Params, o Options) (*Net, error) {
	if err := o.check(s, params); err != nil {
		return nil, err
	}
	n := &Net{opts: o, env: op.NewEnv(o.Threads)}
	if err := n.build(s, params); err != nil {
		n.env.Close()
		return nil, err
	}
	return n, nil
}

// build makes the graph and the VM.
func (n *Net) build(s model.Spec, params *model.Params) error {
	o, t := n.opts, n.opts.Tuning
	batch := o.Batch
	if !o.Train && !t.KeepAll {
		batch = 1
	}
	n.env.Frozen, n.env.Group, n.env.Mixed = o.Frozen, o.Group, o.Mixed && o.Train
	g := G.NewGraph()
	sc := newScope(g, s, params, n.env, o)
	if o.FrozenNorms {
		sc = sc.FrozenNorms()
	}
	n.x = newInput(sc.Input("x", batch, s.Input, o.H, o.W))
	logits := Logits(sc, n.x.node, s)
	v := vm.Options{Keep: []*G.Node{logits}, Together: n.together(s), NoReuse: t.NoReuse}
	var learned []*G.Node
	for _, l := range sc.Learned() {
		learned = append(learned, l.Node)
	}
	if v.Fixed = append(learned, sc.Fixed()...); o.Train {
		n.target = newInput(sc.Input("target", batch, 1, o.H, o.W))
		v.Loss = layers.Loss(sc, logits, n.target.node, o.Loss)
		v.Learn, v.Fixed = learned, nil
		v.ArenaLimit = cmp.Or(t.ArenaLimit, arenaLimit(o.Mixed))
	}
	if err := sc.Err(); err != nil {
		return err
	}
	var err error
	if t.KeepAll {
		v.Keep = g.AllNodes()
	}
	if n.vm, err = vm.New(g, v); err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	n.one = logits.Value().Data().([]float32)
	if n.logits = n.one; batch < o.Batch {
		n.logits = make([]float32, o.Batch*len(n.one))
	}
	if o.Train {
		n.loss = v.Loss.Op().(*op.BCE)
		return n.learn(s, sc.Learned())
	}
	return nil
}

// arenaLimit is how many floats the maps of a training net may take.
func arenaLimit(mixed bool) int {
	if mixed {
		return op.MixedArenaLimit
	}
	return op.ArenaLimit
}

// CheckMixed reports why the net of s cannot be trained in mixed precision: the engine of
// other dialects, of group norm and of the CSF head keeps all maps in float32.
func CheckMixed(s model.Spec) error {
	if key, value := offEngine(s); key != "" {
		return fmt.Errorf("graph: %s is %s, which train.precision mixed cannot train: it is for nets of dialect %s with batch norm", key, value, model.CSNet)
	}
	return nil
}

// offEngine names the key of a config, and its value, for which the net of s is not run by
// the fused engines; "" where it is.
func offEngine(s model.Spec) (key, value string) {
	switch {
	case s.Kind == model.KindCSF:
		return "net.kind", s.Kind
	case s.Dialect != model.CSNet:
		return "net.dialect", s.Dialect
	case s.Norm.Kind != model.BatchNorm:
		return "net.norm", s.Norm.Kind
	}
	return "", ""
}

// CheckRanks reports why several processes cannot train the net of s together: the
// engines of other dialects, of group norm and of the CSF head add a batch up at once,
// not image by image.
func CheckRanks(s model.Spec) error {
	key, value := offEngine(s)
	if key == "" {
		return nil
	}
	return fmt.Errorf("graph: %s is %s, which several ranks (--dist) cannot train: they train nets of dialect %s with batch norm", key, value, model.CSNet)
}

// fused reports whether the fused engines run the net: CSNet's own dialect with batch norm.
func fused(s model.Spec, o Options) bool {
	return s.Kind == "" && s.Dialect == model.CSNet && s.Norm.Kind == model.BatchNorm && !o.Tuning.Wide
}

// newScope returns the scope of the graph of s.
func newScope(g *G.ExprGraph, s model.Spec, params *model.Params, env *op.Env, o Options) *layers.Scope {
	if fused(s, o) {
		return layers.NewScope(g, params, env, o.Train, s.Norm.Eps)
	}
	return layers.NewStyledScope(g, params, env, o.Train, layers.Style{Dialect: s.Dialect, Balance: s.Balance, Norm: s.Norm, Keep: o.Tuning.KeepAll, LearnFrozen: o.Tuning.LearnFrozen})
}

// together returns what decides which ops run together, nil where all run by themselves.
func (n *Net) together(s model.Spec) func([]op.Planned) {
	t := n.opts.Tuning
	switch {
	case t.NoFusion, !fused(s, n.opts):
		return nil
	case n.opts.Train:
		return learn.Plan
	case t.KeepAll:
		return nil
	}
	return infer.Limits{Threads: n.opts.Threads, L2Floats: t.L2Floats, L3Floats: t.L3Floats}.Plan
}

// learn lists the parameters that the graph of s uses with their gradients.
// The graph uses them in the order in which the Spec lists them.
func (n *Net) learn(s model.Spec, used []layers.Learned) error {
	ls := s.Layers()
	for _, t := range s.Tensors() {
		if !t.Role.Learned() || t.Frozen && n.opts.FrozenNorms && !n.opts.Tuning.LearnFrozen {
			continue
		}
		i := len(n.learned)
		if i == len(used) || used[i].Path != t.Path {
			return fmt.Errorf("graph: %s is not parameter %d of the graph", t.Path, i)
		}
		g, err := used[i].Node.Grad()
		if err != nil {
			return fmt.Errorf("graph: %s: %w", t.Path, err)
		}
		n.learned = append(n.learned, Learned{Learned: used[i], Layer: ls[t.Layer], Slot: t.Slot, Grad: g.Data().([]float32)})
	}
	return nil
}

// Logits builds the net of s on x (B, 3, H, W): logits (B, 1, H, W).
func Logits(sc *layers.Scope, x *G.Node, s model.Spec) *G.Node {
	if s.Kind != model.KindCSF {
		return CSNet(sc, x, s)
	}
	b, ok := model.FindBackbone(s.Backbone)
	if !ok {
		sc.Fail(fmt.Errorf("no backbone %q", s.Backbone))
		return nil
	}
	stages := layers.Extract(sc, x, b)
	cls := sc.Sub(string(model.Cls))
	var y *G.Node
	if h := s.Head; h != nil {
		y = layers.CSFLogits(sc.Sub(model.HeadName), cls, stages, layers.Fusion{Fuse: h.Fuse, Dilations: h.Dilations, MS: h.MS, Out: h.Out})
	} else {
		y = layers.Classify(cls, stages[len(stages)-1])
	}
	return layers.ResizeTo(sc, "logits", y, x.Shape()[2], x.Shape()[3])
}

// CSNet builds stem, stages and head of s on x (B, 3, H, W): logits (B, 1, H, W).
func CSNet(sc *layers.Scope, x *G.Node, s model.Spec) *G.Node {
	f := layers.Octaves{x}
	taps := map[int]*G.Node{}
	for i, st := range s.Stages {
		for k, b := range st.Blocks {
			f = layers.ILBlock(sc.Sub(model.BlockName(i, k)), f, layers.Conv{Kernel: b.Kernel, Stride: b.Stride, Out: b.Out})
		}
		taps[i] = f[0]
	}
	y := f[0]
	if h := s.Head; h != nil {
		in := make(layers.Octaves, len(h.Taps))
		for k, t := range h.Taps {
			in[k] = taps[t]
		}
		y = layers.CSF(sc.Sub(model.HeadName), in, layers.Fusion{Fuse: h.Fuse, Dilations: h.Dilations, MS: h.MS, Out: h.Out})
	}
	y = layers.Classify(sc.Sub(string(model.Cls)), y)
	if !s.FixedSizes() {
		return layers.ResizeTo(sc, "logits", y, x.Shape()[2], x.Shape()[3])
	}
	ls := s.Layers()
	level := ls[len(ls)-1].OutLevel
	if level == 0 {
		return y
	}
	return layers.Upsample(sc, "logits", y, 1<<level)
}
