package model

import "fmt"

// Role says what a tensor is to the optimizer and the norm.
type Role string

// Roles of tensors. Mean and Var are running statistics: buffers, not learned.
const (
	Weight  Role = "weight"
	Gamma   Role = "gamma"
	Beta    Role = "beta"
	Slope   Role = "slope"
	Bias    Role = "bias"
	Balance Role = "balance"
	Mean    Role = "mean"
	Var     Role = "var"
)

// Learned reports whether tensors of this role are parameters.
func (r Role) Learned() bool { return r != Mean && r != Var }

// Tensor is one named float32 tensor: a parameter or a running statistic.
type Tensor struct {
	Path  string // e.g. stage2.1.mix.w01, stage2.1.mix.norm1.gamma
	Role  Role
	Shape []int
	Data  []float32 // row-major, product(Shape) long
}

// Params is an ordered set of tensors with unique paths. Graphs of several
// input shapes share one Params.
type Params struct {
	list  []*Tensor
	index map[string]int
}

// NewParams returns the set of ts in the order given. Paths must differ and
// Data must fit Shape.
func NewParams(ts []*Tensor) (*Params, error) {
	p := &Params{list: ts, index: make(map[string]int, len(ts))}
	for i, t := range ts {
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		if len(t.Data) != n {
			return nil, fmt.Errorf("model: %s: %d values for shape %v, must be %d", t.Path, len(t.Data), t.Shape, n)
		}
		if _, ok := p.index[t.Path]; ok {
			return nil, fmt.Errorf("model: %s: two tensors of this path", t.Path)
		}
		p.index[t.Path] = i
	}
	return p, nil
}

// All returns the tensors in order. The slice is the set's own.
func (p *Params) All() []*Tensor { return p.list }

// Get returns the tensor at path, nil when there is none.
func (p *Params) Get(path string) *Tensor {
	if i, ok := p.index[path]; ok {
		return p.list[i]
	}
	return nil
}

// Clone returns a deep copy.
func (p *Params) Clone() *Params {
	ts := make([]*Tensor, len(p.list))
	for i, t := range p.list {
		c := *t
		c.Shape = append([]int(nil), t.Shape...)
		c.Data = append([]float32(nil), t.Data...)
		ts[i] = &c
	}
	return &Params{list: ts, index: p.index}
}
