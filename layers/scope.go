// Package layers holds the building blocks of a net as functions from graph
// nodes to graph nodes.
package layers

import (
	"fmt"

	_ "go4.org/unsafe/assume-no-moving-gc" // pins the version that knows new Go runtimes
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"csnet/internal/op"
	"csnet/model"
)

// Octaves are the maps of a feature pyramid, octave 0 the finest, each half
// the size of the one before; nil is a declared but absent octave.
type Octaves []*G.Node

// Scope carries what layers need while a graph is built: the graph, the
// tensors, the name path, the mode, and the first error, so that a block reads
// as mathematics. After an error all layers return nil nodes.
type Scope struct {
	path string
	b    *builder
}

// builder is what all scopes of one graph share.
type builder struct {
	graph  *G.ExprGraph
	params *model.Params
	env    *op.Env
	train  bool
	eps    float64
	err    error
	used   map[string]*G.Node
	order  []*model.Tensor
	norms  []NormRef
}

// NormRef says where the S of dynamic weight decay of a norm's gamma lies
// after a training step.
type NormRef struct {
	Gamma string    // path
	GAP   []float32 // per channel: mean over the batch of |mean over the map|
}

// NewScope returns the root scope for a graph over the tensors of params; eps
// is the norms'.
func NewScope(g *G.ExprGraph, params *model.Params, env *op.Env, train bool, eps float64) *Scope {
	return &Scope{b: &builder{graph: g, params: params, env: env, train: train, eps: eps, used: map[string]*G.Node{}}}
}

// Sub returns the scope of a named part.
func (s *Scope) Sub(name string) *Scope {
	return &Scope{path: s.name(name), b: s.b}
}

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
func (s *Scope) Train() bool { return s.b.train }

// Env returns the ops' environment.
func (s *Scope) Env() *op.Env { return s.b.env }

// Norms lists the norms made so far.
func (s *Scope) Norms() []NormRef { return s.b.norms }

// Learned lists the parameters used so far, in order of use, with their nodes.
func (s *Scope) Learned() ([]*model.Tensor, []*G.Node) {
	nodes := make([]*G.Node, len(s.b.order))
	for i, t := range s.b.order {
		nodes[i] = s.b.used[t.Path]
	}
	return s.b.order, nodes
}

// Input returns a new input node of the graph with a value of its own.
func (s *Scope) Input(name string, shape ...int) *G.Node {
	return G.NewTensor(s.b.graph, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(s.name(name)),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))))
}

// Param returns the node of a parameter, whose value shares the tensor's
// memory. shape is what the layer needs.
func (s *Scope) Param(name string, shape ...int) *G.Node {
	if s.b.err != nil {
		return nil
	}
	path := s.name(name)
	if n := s.b.used[path]; n != nil {
		return n
	}
	t := s.find(path, shape)
	if t == nil {
		return nil
	}
	n := G.NewTensor(s.b.graph, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(path),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(t.Data))))
	s.b.used[path] = n
	s.b.order = append(s.b.order, t)
	return n
}

// Buffer returns the memory of a running statistic.
func (s *Scope) Buffer(name string, n int) []float32 {
	if s.b.err != nil {
		return nil
	}
	t := s.find(s.name(name), []int{n})
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
