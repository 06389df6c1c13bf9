package graph

import "csnet/model"

// Predictor runs a net in evaluation mode at any legal size; it keeps the
// graph of the last size. It serves one caller at a time.
type Predictor struct {
	spec    model.Spec
	params  *model.Params
	threads int
	net     *Net
}

// NewPredictor returns a predictor over params, which must not change while it
// is in use.
func NewPredictor(s model.Spec, params *model.Params, threads int) *Predictor {
	return &Predictor{spec: s, params: params, threads: threads}
}

// Logits returns the logits (h, w) of the normalised image x (1, 3, h, w),
// valid until the next call.
func (p *Predictor) Logits(x []float32, h, w int) ([]float32, error) {
	return p.Batch(x, 1, h, w)
}

// Batch returns the logits (n, 1, h, w) of n images x (n, 3, h, w), valid
// until the next call.
func (p *Predictor) Batch(x []float32, n, h, w int) ([]float32, error) {
	o := Options{Batch: n, H: h, W: w, Threads: p.threads, Frozen: true}
	if p.net == nil || p.net.Options() != o {
		_ = p.Close()
		net, err := Build(p.spec, p.params, o)
		if err != nil {
			return nil, err
		}
		p.net = net
	}
	return p.net.Forward(x)
}

// Close ends the net's threads; the error is always nil.
func (p *Predictor) Close() error {
	if p.net != nil {
		p.net.Close()
		p.net = nil
	}
	return nil
}
