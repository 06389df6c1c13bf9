package train

import (
	"fmt"

	"csnet/data"
	"csnet/graph"
)

// A step may add up the gradients of several batches (train.accumulate), which may hold a
// picture each, in its own size (data.own_size). Checkpoints are written between steps, when
// no gradient is held.

// batches is how many batches a step adds up.
func (c Config) batches() int { return max(c.Accumulate, 1) }

// lossFactor is what the loss of a batch of pictures of h x w is multiplied with, so that
// the sum over a step is the mean over its batches, or, with loss.sum, the sum over the
// pixels of all its pictures over the number of these.
func (c Config) lossFactor(h, w int) float64 {
	f := 1 / float64(c.batches())
	if c.Loss.Sum {
		f *= float64(h * w)
	}
	return f
}

// LossTerms are the terms of the loss of a batch of pictures of h x w.
func (c Config) LossTerms(h, w int) graph.LossTerms {
	f := c.lossFactor(h, w)
	if c.Loss == (Loss{}) {
		c.Loss.BCE = 1
	}
	return graph.LossTerms{BCE: f * c.Loss.BCE, IoU: f * c.Loss.IoU, Edge: c.Loss.Edge, SSIM: f * c.Loss.SSIM}
}

// add takes a batch into the step to come and, with the last one, does the step. It reports
// whether it did. The loss of a step is that of a pixel.
func (r *run) add(b *data.Batch) (bool, error) {
	if err := r.shape(b); err != nil {
		return false, err
	}
	loss, err := r.Gradient(b.X, b.Y)
	if err != nil {
		return false, err
	}
	r.keepProbe(b)
	r.lossSum += loss / r.lossFactor(b.H, b.W)
	if (b.Index+1)%r.batches() != 0 {
		return false, nil
	}
	r.loss, r.lossSum = r.lossSum/float64(r.batches()), 0

	// The update at this step's rate and decay.
	r.adam.LR, r.adam.Lambda = r.Optim.Rate(r.step, r.perEpoch, r.total), r.DWD.LambdaAt(r.step, r.perEpoch)
	if r.step > 0 && r.Optim.Begun(r.step+1, r.perEpoch) == r.step {
		r.adam.Restart()
	}
	return true, r.Update()
}

// shape makes a net for the size of a batch, where that is not the one before. Gradients
// that are held stay.
func (r *run) shape(b *data.Batch) error {
	if o := r.net.Options(); o.H == b.H && o.W == b.W {
		return nil
	}
	if err := r.reshape(r.Spec, r.Params, r.netOptions(b.H, b.W)); err != nil {
		return fmt.Errorf("train: %s: %w", b.Stems[0], err)
	}
	return nil
}
