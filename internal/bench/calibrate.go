package bench

import (
	"csnet/graph"
	"csnet/model"
)

// CalibrateNorms sets the running statistics of drawn weights to those of a
// drawn batch: with the initial ones the values would grow past float32 on the
// way through the net. Those of a backbone are frozen and stay.
func CalibrateNorms(s model.Spec, params *model.Params) error {
	if s.Kind == model.KindCSF {
		return nil // frozen norms, and group norms after them that bring values back to 1
	}
	for _, p := range params.All() {
		if p.Role == model.Var {
			clear(p.Data)
		}
	}
	side := 4 * s.Coarsest()
	net, err := graph.Build(s, params, graph.Options{Batch: 2, H: side, W: side, Train: true, Threads: 1})
	if err != nil {
		return err
	}
	defer net.Close()
	if _, err := net.Forward(drawn(2*s.Input*side*side, 0)); err != nil {
		return err
	}
	for _, p := range params.All() {
		if p.Role == model.Mean || p.Role == model.Var {
			for i := range p.Data {
				p.Data[i] *= 10 // a training run takes over a tenth
			}
		}
	}
	return nil
}
