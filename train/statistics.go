package train

import (
	"context"
	"fmt"
	"math"

	"csnet/data"
	"csnet/graph"
	"csnet/model"
)

// Recalibrate sets the running statistics of params to those of the loader's
// photos under the weights as they are: the plain mean over all batches of an
// epoch of each batch's mean and of its unbiased variance. A pruned net wants
// that, for the statistics of a net with more channels are not its own.
func Recalibrate(ctx context.Context, spec model.Spec, params *model.Params, l *data.Loader, o graph.Options) error {
	o.Train = true
	net, err := graph.Build(spec, params, o)
	if err != nil {
		return err
	}
	defer net.Close()
	sums := map[*model.Tensor][]float64{}
	for _, t := range params.All() {
		if t.Role == model.Mean || t.Role == model.Var {
			sums[t] = make([]float64, len(t.Data))
		}
	}
	batches := 0
	for b, err := range l.Epoch(ctx, 0, 0) {
		if err != nil {
			return err
		}
		for t := range sums {
			clear(t.Data)
		}
		if _, err := net.Forward(b.X); err != nil {
			return err
		}
		for t, sum := range sums {
			for i, v := range t.Data {
				sum[i] += float64(v) / (1 - keptStatistics)
			}
		}
		batches++
	}
	if batches == 0 {
		return fmt.Errorf("train: no batch of photos to take statistics from, a batch is %d", o.Batch)
	}
	for t, sum := range sums {
		for i, v := range sum {
			t.Data[i] = float32(v / float64(batches))
		}
	}
	return nil
}

// keptStatistics is the share of the running statistics that a step in training
// keeps; the rest comes from the batch.
const keptStatistics = 0.9

// Gaps returns S for every norm, by the path of its gamma: the mean over the
// loader's photos of |global average pool| of what the norm gives after its
// PReLU, per channel, in evaluation mode.
func Gaps(ctx context.Context, spec model.Spec, params *model.Params, l *data.Loader, o graph.Options) (map[string][]float64, error) {
	o.Train, o.Tuning.KeepAll, o.Frozen = false, true, true
	batch := o.Batch
	o.Batch = 1
	net, err := graph.Build(spec, params, o)
	if err != nil {
		return nil, err
	}
	defer net.Close()
	gaps := map[string][]float64{}
	photos := 0
	for b, err := range l.Epoch(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		each := len(b.X) / batch
		for i := range batch {
			if _, err := net.Forward(b.X[i*each:][:each]); err != nil {
				return nil, err
			}
			addGaps(gaps, spec, net)
			photos++
		}
	}
	if photos == 0 {
		return nil, fmt.Errorf("train: no batch of photos to take averages from, a batch is %d", batch)
	}
	for _, s := range gaps {
		for i := range s {
			s[i] /= float64(photos)
		}
	}
	return gaps, nil
}

// addGaps adds the averages of the net's last run.
func addGaps(gaps map[string][]float64, spec model.Spec, net *graph.Net) {
	for _, l := range spec.Layers() {
		if l.Op == model.OpConv {
			continue
		}
		for k, c := range l.Out {
			if c == 0 {
				continue
			}
			octave := l.Octave + k
			values := net.Values(model.OctaveName(l.Name, octave))
			path := l.TensorPath(model.Slot{Role: model.Gamma, Octave: octave})
			if gaps[path] == nil {
				gaps[path] = make([]float64, c)
			}
			area := len(values) / c
			for i := range c {
				sum := 0.0
				for _, v := range values[i*area:][:area] {
					sum += float64(v)
				}
				gaps[path][i] += math.Abs(sum / float64(area))
			}
		}
	}
}
