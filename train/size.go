package train

import (
	"csnet/graph"
	"csnet/optim"
)

// trainAt makes the steps to come train at this size: a new net over the same
// weights and moments. Scores at the size before say nothing about those to come.
func (r *run) trainAt(size int) error {
	if size == r.size {
		return nil
	}
	if err := r.Loader.Resize(size); err != nil {
		return err
	}
	var state optim.State
	if r.Stepper != nil {
		state = r.adam.State()
	}
	return r.rebuild(size, state)
}

// graphOptions are those of the net that trains at a size.
func (r *run) graphOptions(size int) graph.Options {
	return graph.Options{Batch: r.Batch / r.Group.Size(), H: size, W: size, Threads: r.Threads, Group: r.Group, FrozenNorms: r.Norm == NormFrozen, Loss: graph.LossTerms(r.Loss)}
}
