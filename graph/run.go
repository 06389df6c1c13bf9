package graph

import "fmt"

// Options returns what the net was built for.
func (n *Net) Options() Options { return n.opts }

// Learned lists the parameters of a training net.
func (n *Net) Learned() []Learned { return n.learned }

// Forward runs the net on x (Batch, 3, H, W) and returns the logits
// (Batch, 1, H, W), valid until the next run. A training net uses batch
// statistics and moves the running ones.
func (n *Net) Forward(x []float32) ([]float32, error) {
	runs, each := len(n.logits)/len(n.one), len(n.x.data)
	if len(x) != runs*each {
		return nil, fmt.Errorf("graph: input x has %d values, must have %d: %d images of %dx%d", len(x), runs*each, n.opts.Batch, n.opts.H, n.opts.W)
	}
	for i := range runs {
		if err := n.x.point(x[i*each:][:each:each]); err != nil {
			return nil, err
		}
		if err := n.vm.Forward(); err != nil {
			return nil, err
		}
		if runs > 1 {
			copy(n.logits[i*len(n.one):], n.one)
		}
	}
	return n.logits, nil
}

// Step runs forward and backward on x (Batch, 3, H, W) and targets y
// (Batch, 1, H, W), which it reads where they lie: the loss; gradients are
// added to those of Learned.
func (n *Net) Step(x, y []float32) (float64, error) {
	if !n.opts.Train {
		return 0, fmt.Errorf("graph: step on a net built for evaluation")
	}
	if err := n.x.set(x); err != nil {
		return 0, err
	}
	if err := n.target.set(y); err != nil {
		return 0, err
	}
	if err := n.vm.RunAll(); err != nil {
		return 0, err
	}
	if err := n.env.Settle(); err != nil {
		return 0, err
	}
	return n.loss.Loss(), nil
}

// Values returns the output of the last run of a net built with KeepAll: name
// is a layer's with its octave (stage2.1.dw2.0, csf.ms1.1) or cls; nil when
// there is none. In training a layer with a norm keeps its map before norm and
// PReLU.
func (n *Net) Values(name string) []float32 {
	if !n.opts.Tuning.KeepAll {
		return nil
	}
	return n.vm.Values(name)
}

// Observe makes every run call f as it begins and ends each op: see vm.VM.Observe.
// Ops bear their layer's name with the octave (stage2.1.dw2.0, csf.ms1.1), or
// cls, logits, loss; in evaluation there are pools of a layer's octaves as well
// (stage2.0.mix.avg0, stage2.0.mix.max01).
func (n *Net) Observe(f func(op string, backward, begin bool)) { n.vm.Observe(f) }

// Together names the op in whose time the work of this one is done: see vm.VM.Together.
func (n *Net) Together(op string, backward bool) string { return n.vm.Together(op, backward) }

// ArenaSize is the length in floats of the memory shared by outputs and their gradients.
func (n *Net) ArenaSize() int { return len(n.vm.Arena()) }

// Logits returns the logits of the last run.
func (n *Net) Logits() []float32 { return n.logits }

// NotFinite names the first layer of a training net whose values of the last
// run are not all finite, "" when there is none.
func (n *Net) NotFinite() string { return n.vm.NotFinite() }

// Close ends the net's threads.
func (n *Net) Close() { n.env.Close() }
