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

// netOptions are those of the net that trains on pictures of h x w.
func (r *run) netOptions(h, w int) graph.Options {
	return graph.Options{Batch: r.Batch / r.Group.Size(), H: h, W: w, Threads: r.Threads, Group: r.Group, FrozenNorms: r.Norm == NormFrozen, Mixed: r.Precision == PrecisionMixed, Loss: r.LossTerms(h, w)}
}
