package train

import (
	"fmt"
	"math"

	"csnet/data"
)

// Teacher gives the logits (n, 1, h, w) of n net inputs x (n, 3, h, w), valid until
// its next call: a trained net that a run learns from (Hinton, Vinyals and Dean,
// 2015).
type Teacher interface {
	Batch(x []float32, n, h, w int) ([]float32, error)
}

// given tells of a batch and makes its targets what the net is to learn.
func (r *run) given(b *data.Batch) error {
	if r.Given != nil {
		r.Given(b)
	}
	return r.teach(b)
}

// teach moves the targets of a batch a share of train.distill of the way from its
// masks to the probabilities that the teacher gives for the very same pictures.
func (r *run) teach(b *data.Batch) error {
	if r.Distill == 0 {
		return nil
	}
	logits, err := r.Teacher.Batch(b.X, b.N, b.Size, b.Size)
	if err != nil {
		return fmt.Errorf("train: step %d: teacher: %w", r.step+1, err)
	}
	share := float32(r.Distill)
	for i, z := range logits {
		p := float32(1 / (1 + math.Exp(-float64(z))))
		b.Y[i] += share * (p - b.Y[i])
	}
	return nil
}
