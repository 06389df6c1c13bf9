package train

import (
	"context"
	"fmt"

	"csnet/model"
	"csnet/optim"
)

// Shrinking makes a run's net smaller while it trains.
type Shrinking struct {
	// Epochs, from 0 and ascending, before whose first step it is done.
	Epochs []int
	// Shrink decides what is left of the net at shrinking i, from 0; params is the model
	// as it is validated.
	Shrink func(ctx context.Context, i int, params *model.Params) (Shrunk, error)
}

// Shrunk is what is left of a net.
type Shrunk struct {
	Spec model.Spec
	// Tensors makes the tensors of Spec from those of the net before; it may be called
	// twice, for the weights that learn and for their average.
	Tensors func(params *model.Params) (*model.Params, error)
	// Cut returns what stays of values that stand beside a learned tensor's: moments.
	Cut func(path string, values []float32) []float32
}

// shrink does the shrinkings that are due before the next step: at the first step of
// an epoch, or, in a run that was stopped right then, when it goes on. The optimizer
// keeps its step and the moments of what stays. Scores of the net before say nothing
// about the one after.
func (r *run) shrink(ctx context.Context) error {
	for r.shrunk < len(r.Shrinking.Epochs) && r.step >= r.Shrinking.Epochs[r.shrunk]*r.perEpoch {
		s, err := r.Shrinking.Shrink(ctx, r.shrunk, r.learned())
		if err != nil {
			return fmt.Errorf("train: before epoch %d: %w", r.Shrinking.Epochs[r.shrunk], err)
		}
		if err := r.become(s); err != nil {
			return err
		}
		r.shrunk++
	}
	return nil
}

// become goes on with what is left of the net.
func (r *run) become(s Shrunk) error {
	params, err := s.Tensors(r.Params)
	if err != nil {
		return err
	}
	if r.average != nil {
		if r.average.params, err = s.Tensors(r.average.params); err != nil {
			return err
		}
	}
	state := r.adam.State()
	for _, moments := range []map[string][]float32{state.M, state.V} {
		for path, values := range moments {
			if moments[path] = s.Cut(path, values); moments[path] == nil {
				delete(moments, path)
			}
		}
	}
	r.Spec, r.Params = s.Spec, params
	r.healthyAt = -1
	return r.rebuild(r.size, state)
}

// rebuild makes a net for the steps to come over the present Spec and Params, and
// gives its optimizer this state.
func (r *run) rebuild(size int, state optim.State) error {
	was := r.Stepper
	if was != nil {
		was.Close()
	}
	next, err := r.newStepper(size)
	if err != nil {
		return err
	}
	if was != nil {
		next.step, next.adam.LR = was.step, was.adam.LR
		if err := next.adam.SetState(state); err != nil {
			next.Close()
			return err
		}
	}
	r.Stepper, r.size, r.best, r.stale = next, size, nil, 0
	return nil
}
