package train

import (
	"math"

	"csnet/model"
)

// dead is below what a gamma that still counts is at: training takes a dying one
// down by orders of magnitude, and it never comes back.
const dead = 1e-12

// average is the exponential moving average of a net's weights and running
// statistics over the steps (Polyak and Juditsky, 1992): the model that a run
// validates and saves while it trains other weights.
type average struct {
	decay  float64
	warmup bool // the first weights are soon forgotten
	params *model.Params
}

// newAverage begins at params, or goes on from the average of a resumed run.
func newAverage(decay float64, warmup bool, params, resumed *model.Params) *average {
	if resumed == nil {
		resumed = params.Clone()
	}
	return &average{decay, warmup, resumed}
}

// add takes in the weights after step steps (from 1): a += (1-d) (w-a), with the
// decay d or, in the warm-up, min(d, step/(step+9)). Without it the first weights
// have a share of d^step: at a large rate, which takes the weights far away, the
// average of both is no net for the first few times 1/(1-d) steps. A gamma that is
// dead in w is dead in the average, and what falls below the smallest normal float32
// is 0.
func (a *average) add(params *model.Params, step int) {
	d := a.decay
	if a.warmup {
		d = math.Min(d, float64(step)/float64(step+9))
	}
	share := float32(1 - d)
	for i, t := range a.params.All() {
		from := params.All()[i].Data
		for k, v := range t.Data {
			w := from[k]
			v += share * (w - v)
			if t.Role == model.Gamma && w < dead && w > -dead {
				v = w
			}
			if t.Role.Learned() && v < 0x1p-126 && v > -0x1p-126 {
				v = 0
			}
			t.Data[k] = v
		}
	}
}

// startAverage sets up the average of the weights, where there is one. A run that
// goes on from its first step on has no average yet.
func (r *run) startAverage() {
	if r.EMA == 0 {
		return
	}
	var was *model.Params
	if c := r.Resume; c != nil && c.Raw != nil {
		was, r.Params = c.Params, c.Raw
	}
	r.average = newAverage(r.EMA, r.EMAWarmup, r.Params, was)
}
