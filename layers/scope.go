// Package layers holds the building blocks of a net as functions from graph
// nodes to graph nodes.
package layers

import (
	"fmt"

	_ "go4.org/unsafe/assume-no-moving-gc" // pins the version that knows new Go runtimes
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"csnet/internal/op"
	"csnet/internal/op/infer"
	"csnet/internal/op/learn"
	"csnet/internal/op/wide/conv"
	"csnet/model"
)

// Octaves are the maps of a feature pyramid, octave 0 the finest, each half
// the size of the one before; nil is a declared but absent octave.
type Octaves []*G.Node

// Scope carries what layers need while a graph is built: the graph, the
// tensors, the name path, the mode, and the first error, so that a block reads
// as mathematics. After an error all layers return nil nodes.
type Scope struct {
	path        string
	frozenNorms bool
	b           *builder
}

// builder is what all scopes of one graph share.
type builder struct {
	graph  *G.ExprGraph
	params *model.Params
	env    *op.Env
	infer  *infer.Env // the engine of evaluation, or
	learn  *learn.Env // that of training; the other one is nil
	wide   *conv.Env  // of the ops of other dialects, which serve both; nil in CSNet's own
	style  Style
	train  bool
	eps    float64
	err    error
	used   map[string]int // path => index in learned
	// learned are the parameters used so far, in order of use.
	learned []Learned
	fixed   []*G.Node // those that do not learn
}

// Learned is one parameter that a graph uses.
type Learned struct {
	*model.Tensor
	Node *G.Node // its value shares the tensor's memory
	// GAP is, for the gamma of a norm, the S of dynamic weight decay that every
	// training step sets: per channel the mean over the batch of |mean over the
	// map|. Nil for other parameters.
	GAP []float32
}

// NewScope returns the root scope for a graph over the tensors of params; eps
// is the norms'.
func NewScope(g *G.ExprGraph, params *model.Params, env *op.Env, train bool, eps float64) *Scope {
	b := &builder{graph: g, params: params, env: env, eps: eps, used: map[string]int{}}
	if train {
		b.learn = learn.NewEnv(env)
	} else {
		b.infer = infer.NewEnv(env)
	}
	return &Scope{b: b}
}

// Style says what layers do beyond CSNet's own dialect with batch norm.
type Style struct {
	Dialect string // model.CSNet, model.Resize or model.Octave
	Balance bool   // of model.Resize
	Norm    model.Norm
	// Keep says that somebody reads the outputs of layers: none is made within another's op.
	Keep bool
	// LearnFrozen makes gamma and beta of a backbone's frozen norms learned ones, for tests.
	LearnFrozen bool
}

// NewStyledScope is NewScope for a net of another style, run by the ops of package wide.
func NewStyledScope(g *G.ExprGraph, params *model.Params, env *op.Env, train bool, style Style) *Scope {
	return &Scope{b: &builder{graph: g, params: params, env: env, wide: conv.NewEnv(env), style: style, train: train, eps: style.Norm.Eps, used: map[string]int{}}}
}

// Sub returns the scope of a named part.
func (s *Scope) Sub(name string) *Scope {
	return &Scope{path: s.name(name), frozenNorms: s.frozenNorms, b: s.b}
}

// FrozenNorms returns a scope whose norms, and those of its parts, normalise with their
// running statistics in training too and leave them as they are (fine-tuning on few
// pictures; in evaluation norms always do so).
func (s *Scope) FrozenNorms() *Scope {
	return &Scope{path: s.path, frozenNorms: true, b: s.b}
}

// part returns the scope of a part of the net; octave as in model.Part.Name.
func (s *Scope) part(p model.Part, octave int) *Scope { return s.Sub(p.Name(octave)) }

func (s *Scope) name(part string) string {
	if s.path == "" {
		return part
	}
	return s.path + "." + part
}

// Err returns the first error of all scopes of the graph.
func (s *Scope) Err() error { return s.b.err }

// Fail notes an error at this scope unless there is one already.
func (s *Scope) Fail(err error) {
	if s.b.err == nil && err != nil {
		s.b.err = fmt.Errorf("layers: %s: %w", s.path, err)
	}
}

// Train reports whether the graph is built for training.
func (s *Scope) Train() bool { return s.b.learn != nil || s.b.train }

// Env returns the ops' environment.
func (s *Scope) Env() *op.Env { return s.b.env }

// Learned lists the parameters used so far, in order of use.
func (s *Scope) Learned() []Learned { return s.b.learned }

// Input returns a new input node of the graph with a value of its own.
func (s *Scope) Input(name string, shape ...int) *G.Node {
	return G.NewTensor(s.b.graph, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(s.name(name)),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))))
}

// param returns the node of a parameter of a layer of kind kind, whose value
// shares the tensor's memory. shape is what the layer needs.
func (s *Scope) param(kind model.Op, slot model.Slot, shape ...int) *G.Node {
	if s.b.err != nil {
		return nil
	}
	path := s.name(model.TensorName(kind, slot))
	if i, ok := s.b.used[path]; ok {
		return s.b.learned[i].Node
	}
	t := s.find(path, shape)
	if t == nil {
		return nil
	}
	n := G.NewTensor(s.b.graph, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(path),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(t.Data))))
	s.b.used[path] = len(s.b.learned)
	s.b.learned = append(s.b.learned, Learned{Tensor: t, Node: n})
	return n
}

// learnsBase reports whether gamma and beta of a backbone's norms learn.
func (s *Scope) learnsBase() bool {
	return s.b.style.LearnFrozen || s.Train() && !s.frozenNorms
}

// frozen returns the node of gamma or beta of a backbone's norm of n channels: a learned
// parameter where its norms learn.
func (s *Scope) frozen(slot model.Slot, n int) *G.Node {
	if s.b.err != nil || s.learnsBase() {
		return s.param(model.OpConvNorm, slot, n)
	}
	path := s.name(model.TensorName(model.OpConvNorm, slot))
	t := s.find(path, []int{n})
	if t == nil {
		return nil
	}
	f := G.NewTensor(s.b.graph, tensor.Float32, 1, G.WithShape(n), G.WithName(path), G.WithValue(tensor.New(tensor.WithShape(n), tensor.WithBacking(t.Data))))
	s.b.fixed = append(s.b.fixed, f)
	return f
}

// Fixed lists the nodes of parameters that do not learn.
func (s *Scope) Fixed() []*G.Node { return s.b.fixed }

// norm is the batch norm and PReLU of one octave of a layer.
type norm struct {
	gamma          model.Slot
	nodes          []*G.Node // gamma, beta, slope
	mean, variance []float32 // memory of the running statistics
}

// norm returns the norm of an octave of c channels of a layer.
func (s *Scope) norm(kind model.Op, octave, c int) norm {
	slot := func(r model.Role) model.Slot { return model.Slot{Role: r, Octave: octave} }
	return norm{
		gamma: slot(model.Gamma),
		nodes: []*G.Node{s.param(kind, slot(model.Gamma), c), s.param(kind, slot(model.Beta), c), s.param(kind, slot(model.Slope), c)},
		mean:  s.buffer(kind, slot(model.Mean), c), variance: s.buffer(kind, slot(model.Var), c),
	}
}

// setGAP notes where the S of dynamic weight decay of a gamma lies.
func (s *Scope) setGAP(kind model.Op, gamma model.Slot, gap []float32) {
	if i, ok := s.b.used[s.name(model.TensorName(kind, gamma))]; ok {
		s.b.learned[i].GAP = gap
	}
}

// buffer returns the memory of a running statistic of n channels.
func (s *Scope) buffer(kind model.Op, slot model.Slot, n int) []float32 {
	if s.b.err != nil {
		return nil
	}
	t := s.find(s.name(model.TensorName(kind, slot)), []int{n})
	if t == nil {
		return nil
	}
	return t.Data
}

func (s *Scope) find(path string, shape []int) *model.Tensor {
	t := s.b.params.Get(path)
	if t == nil {
		s.Fail(fmt.Errorf("tensor %s %v is missing", path, shape))
		return nil
	}
	if !tensor.Shape(t.Shape).Eq(tensor.Shape(shape)) {
		s.Fail(fmt.Errorf("tensor %s has shape %v, must have %v", path, t.Shape, shape))
		return nil
	}
	return t
}

// apply adds an op to the graph.
func (s *Scope) apply(o G.Op, in ...*G.Node) *G.Node {
	if s.b.err != nil {
		return nil
	}
	n, err := G.ApplyOp(o, in...)
	if err != nil {
		s.Fail(err)
		return nil
	}
	return n
}
