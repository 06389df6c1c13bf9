package main

import (
	"csnet/eval"
	"csnet/graph"
	"csnet/model"
	"csnet/train"
)

// spare is a net that was made to look at the run's weights. A validation of the same
// weights takes it instead of making one more.
type spare struct {
	net    *graph.Predictor // nil: none
	params *model.Params    // whose values it has
}

// examine is train.Options.Examine: it keeps the net for a validation.
func (j *trainJob) examine(p *model.Params, x []float32, h, w int) ([]float32, error) {
	j.spare.drop()
	j.spare = spare{graph.NewPredictor(j.spec, p, 1), p}
	return j.spare.net.Logits(x, h, w)
}

// newNet makes a net for a validation, or takes the spare one.
func (j *trainJob) newNet(p *model.Params) eval.Net {
	if net := j.spare.net; net != nil && j.spare.params == p {
		j.spare.net = nil
		return net
	}
	return graph.NewPredictor(j.spec, p, 1)
}

// drop closes the net, which has other values than the params from the next step on.
func (s *spare) drop() {
	if s.net != nil {
		_ = s.net.Close()
		s.net = nil
	}
}

// stepped drops the spare net after every step and goes on to next.
func (j *trainJob) stepped(next func(train.Progress)) func(train.Progress) {
	return func(at train.Progress) {
		j.spare.drop()
		next(at)
	}
}
