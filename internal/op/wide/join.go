package wide

import (
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Concat puts the channels of maps of one size after one another.
type Concat struct {
	op.Base
	batch int
}

// NewConcat returns the op for maps of these shapes.
func NewConcat(env *op.Env, name string, maps []tensor.Shape) *Concat {
	out := maps[0].Clone()
	for _, m := range maps[1:] {
		out[1] += m[1]
	}
	return &Concat{Base: op.NewBase(env, name, maps, out), batch: out[0]}
}

// each calls f for every image's part of every map: map k at from, the output at to, n
// floats.
func (c *Concat) each(f func(k, from, to, n int)) {
	to := 0
	for i := range c.batch {
		for k, s := range c.In {
			n := s.TotalSize() / c.batch
			f(k, i*n, to, n)
			to += n
		}
	}
}

// Do makes the output.
func (c *Concat) Do(vs ...G.Value) (G.Value, error) {
	in, err := c.Read(vs)
	if err != nil {
		return nil, err
	}
	y := c.Output()
	c.each(func(k, from, to, n int) { copy(c.Y[to:to+n], in[k][from:]) })
	return y, nil
}

// Slice takes some channels of a map.
type Slice struct {
	op.Base
	batch, from, area int
}

// NewSlice returns the op that takes n channels of maps of shape x, the first one number
// from.
func NewSlice(env *op.Env, name string, x tensor.Shape, from, n int) *Slice {
	out := x.Clone()
	out[1] = n
	return &Slice{Base: op.NewBase(env, name, []tensor.Shape{x}, out), batch: x[0], from: from, area: x[2] * x[3]}
}

// each calls f for every image: where its channels begin in the map, where in the output,
// and how many floats they are.
func (s *Slice) each(f func(from, to, n int)) {
	c, n := s.In[0][1], s.Out[1]*s.area
	for i := range s.batch {
		f((i*c+s.from)*s.area, i*n, n)
	}
}

// Do makes the output.
func (s *Slice) Do(vs ...G.Value) (G.Value, error) {
	in, err := s.Read(vs)
	if err != nil {
		return nil, err
	}
	y := s.Output()
	s.each(func(from, to, n int) { copy(s.Y[to:to+n], in[0][from:]) })
	return y, nil
}

// Add is the sum of two maps of one shape, with relu what is above 0 of it.
type Add struct {
	op.Base
	relu bool
}

// NewAdd returns the op for two maps of shape x.
func NewAdd(env *op.Env, name string, x tensor.Shape, relu bool) *Add {
	return &Add{Base: op.NewBase(env, name, []tensor.Shape{x, x}, x), relu: relu}
}

// Do makes the output.
func (a *Add) Do(vs ...G.Value) (G.Value, error) {
	in, err := a.Read(vs)
	if err != nil {
		return nil, err
	}
	y := a.Output()
	copy(a.Y, in[0])
	pointwise.Add(a.Y, in[1])
	if a.relu {
		pointwise.PReLU(a.Y, 0)
	}
	return y, nil
}

// ForwardOnly returns true for the maps and, without ReLU, for the output.
func (a *Add) ForwardOnly(i int) bool { return i >= 0 || !a.relu }

// OutputDead returns true.
func (a *Add) OutputDead() bool { return true }

// ForwardOnly returns true.
func (c *Concat) ForwardOnly(int) bool { return true }

// ForwardOnly returns true.
func (s *Slice) ForwardOnly(int) bool { return true }

// OutputDead returns true.
func (c *Concat) OutputDead() bool { return true }

// OutputDead returns true.
func (s *Slice) OutputDead() bool { return true }
