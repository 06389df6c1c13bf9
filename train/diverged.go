package train

import (
	"errors"
	"fmt"

	"csnet/data"
	"csnet/graph"
	"csnet/model"
)

// ErrNotFinite marks an error of Options.Validate as the net's fault: its
// predictions hold NaN.
var ErrNotFinite = errors.New("the net's predictions are not finite")

// Diverged says that training ran away: nothing that it would still do mends the
// net, and no checkpoint was replaced by it.
type Diverged struct {
	Step  int    // that was not done, or after which it was seen
	What  string // "gradient of cls.bias is not finite"
	LR    float64
	Saved int // step of the last checkpoint, -1 when there is none
}

func (d *Diverged) Error() string {
	left := "nothing was saved"
	if d.Saved >= 0 {
		left = fmt.Sprintf("the checkpoints are from before (last: step %d), but to resume would end here again", d.Saved)
	}
	return fmt.Sprintf("train: step %d: %s: training has diverged; %s: start anew, into another folder, with a lower optim.lr (it was %s there), a longer optim.schedule.warmup_steps or from a checkpoint that is good (--from), and check the data (csnet data check)",
		d.Step, d.What, left, fmt.Sprintf("%.3g", d.LR))
}

// diverged words what ended the run.
func (r *run) diverged(step int, what string) error {
	return &Diverged{Step: step, What: what, LR: r.adam.LR, Saved: r.saved}
}

// mostLoss is a loss that only a net reaches which has run away: 100, where one
// that calls every pixel even has log 2 = 0.69, times the weights of the terms.
func (l Loss) mostLoss() float64 { return 100 * max(1, l.BCE*(1+l.Edge)+l.IoU+l.SSIM) }

// healthy looks at the model before it replaces a checkpoint, or the run ends: its
// values, its loss, and what it predicts for one picture, as predictions are made:
// with finite weights the running statistics may still be useless.
func (r *run) healthy() error {
	if r.step == r.healthyAt || r.step == 0 {
		return nil
	}
	var err error
	if r.writes() {
		err = r.sick()
	}
	if r.ranks != nil {
		r.Group.For("looking at the weights")
		err = r.Group.Agree(err)
	}
	if err == nil {
		r.healthyAt = r.step
	}
	return err
}

// sick says what is wrong with the model.
func (r *run) sick() error {
	if most := r.Loss.mostLoss(); r.loss > most {
		return r.diverged(r.step, fmt.Sprintf("the loss is %.3g, above %g", r.loss, most))
	}
	for _, t := range r.learned().All() {
		for _, v := range t.Data {
			if v-v != 0 || t.Role == model.Var && v < 0 {
				return r.diverged(r.step, fmt.Sprintf("%s holds %v", t.Path, v))
			}
		}
	}
	if p := r.probe; len(p.x) > 0 && (r.OwnSize || p.h == r.size) {
		examine := r.Examine
		if examine == nil {
			net := graph.NewPredictor(r.Spec, r.learned(), 1)
			defer func() { _ = net.Close() }()
			examine = func(_ *model.Params, x []float32, h, w int) ([]float32, error) { return net.Logits(x, h, w) }
		}
		z, err := examine(r.learned(), p.x, p.h, p.w)
		if err != nil {
			return fmt.Errorf("train: step %d: %w", r.step, err)
		}
		for _, v := range z {
			if v-v != 0 {
				return r.diverged(r.step, "predictions are not finite")
			}
		}
	}
	return nil
}

// keepProbe keeps the first picture of a batch, for healthy.
func (r *run) keepProbe(b *data.Batch) {
	if p := &r.probe; len(p.x) == 0 || !r.OwnSize && p.h != b.H {
		*p = probe{append(p.x[:0], b.X[:r.Spec.Input*b.H*b.W]...), b.H, b.W}
	}
}

// probe is a picture by which a net is examined, (3, h, w).
type probe struct {
	x    []float32
	h, w int
}
