package wide

import (
	"csnet/internal/kernel/pointwise"

	G "gorgonia.org/gorgonia"
)

// DoDiff adds the gradients of the maps.
func (c *Concat) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	ds, dy, err := c.Grads(inputs, output)
	if err != nil {
		return err
	}
	c.each(func(k, from, to, n int) {
		if ds[k] != nil {
			pointwise.Add(ds[k][from:from+n], dy[to:to+n])
		}
	})
	return nil
}

// DoDiff adds the gradient of the map.
func (s *Slice) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	ds, dy, err := s.Grads(inputs, output)
	if err != nil || ds[0] == nil {
		return err
	}
	s.each(func(from, to, n int) { pointwise.Add(ds[0][from:from+n], dy[to:to+n]) })
	return nil
}

// DoDiff adds the gradients of both maps.
func (a *Add) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	ds, dy, err := a.Grads(inputs, output)
	if err != nil {
		return err
	}
	if a.relu {
		for i, v := range a.Y {
			if !(v > 0) {
				dy[i] = 0
			}
		}
	}
	for _, d := range ds {
		if d != nil {
			pointwise.Add(d, dy)
		}
	}
	return nil
}
