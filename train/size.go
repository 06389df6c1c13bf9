package train

import "csnet/graph"

// trainAt makes the steps to come train at this size: a new net over the same
// weights and moments. Scores at the size before say nothing about those to come.
func (r *run) trainAt(size int) error {
	if size == r.size {
		return nil
	}
	if err := r.Loader.Resize(size); err != nil {
		return err
	}
	was := r.Stepper
	if was != nil {
		was.Close()
	}
	next, err := NewStepper(r.Spec, r.Params, r.Optim, r.DWD, graph.Options{Batch: r.Batch, H: size, W: size, Threads: r.Threads, Loss: graph.LossTerms(r.Loss)})
	if err != nil {
		return err
	}
	if was != nil {
		next.step, next.adam.LR = was.step, was.adam.LR
		if err := next.adam.SetState(was.adam.State()); err != nil {
			next.Close()
			return err
		}
	}
	r.Stepper, r.size, r.best, r.stale = next, size, nil, 0
	return nil
}
