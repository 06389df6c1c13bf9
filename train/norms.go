package train

import (
	"math"
	"strconv"

	"csnet/model"
)

// Norm is what a line of the log says of one norm after a validation: how near its
// channels are to being cut off, and how evenly they work.
type Norm struct {
	Layer  string `json:"layer"`  // that it belongs to: stage2.1.dw2
	Octave int    `json:"octave"` // of the layer's output
	// Gammas counts the channels by |gamma|: below each of GammaBounds, and above the
	// last.
	Gammas []int `json:"gammas"`
	// CVGamma is the coefficient of variation of |gamma| over the channels: their
	// standard deviation over their mean.
	CVGamma float64 `json:"cv_gamma"`
	// GAP is the mean of S over the channels in the last step, CVGAP their coefficient
	// of variation.
	GAP   float64 `json:"gap,omitempty"`
	CVGAP float64 `json:"cv_gap,omitempty"`
}

// GammaBounds are the bounds of Norm.Gammas: dead, and then by factors of about three.
func GammaBounds() []float64 { return []float64{1e-20, 1e-6, 1e-3, 0.01, 0.03, 0.1, 0.3, 1} }

// AtRatio is what pruning by a ratio would leave.
type AtRatio struct {
	Ratio  float64 `json:"ratio"` // of the channels that would go
	Params int     `json:"params"`
	MACs   int     `json:"macs"`
}

// norms looks at every norm of a model; gap gives S by the path of a gamma, nil where
// it is not known.
func norms(spec model.Spec, params *model.Params, gap func(path string) []float32) []Norm {
	var out []Norm
	for _, l := range spec.Layers() {
		if l.Op == model.OpConv {
			continue
		}
		for k, c := range l.Out {
			if c == 0 {
				continue
			}
			path := l.TensorPath(model.Slot{Role: model.Gamma, Octave: l.Octave + k})
			gamma := params.Get(path)
			if gamma == nil { // a layer without a norm
				continue
			}
			n := Norm{Layer: l.Name, Octave: l.Octave + k, Gammas: histogram(gamma.Data)}
			_, n.CVGamma = meanAndVariation(gamma.Data)
			n.GAP, n.CVGAP = meanAndVariation(gap(path))
			out = append(out, n)
		}
	}
	return out
}

// histogram counts |values| by GammaBounds.
func histogram(values []float32) []int {
	bounds := GammaBounds()
	counts := make([]int, len(bounds)+1)
	for _, v := range values {
		at := 0
		for at < len(bounds) && math.Abs(float64(v)) >= bounds[at] {
			at++
		}
		counts[at]++
	}
	return counts
}

// meanAndVariation are the mean of |values| and their coefficient of variation, to
// four digits; both 0 for none, and the latter where all are 0.
func meanAndVariation(values []float32) (mean, cv float64) {
	if len(values) == 0 {
		return 0, 0
	}
	for _, v := range values {
		mean += math.Abs(float64(v)) / float64(len(values))
	}
	sum := 0.0
	for _, v := range values {
		d := math.Abs(float64(v)) - mean
		sum += d * d
	}
	if mean > 0 {
		cv = math.Sqrt(sum/float64(len(values))) / mean
	}
	return fourDigits(mean), fourDigits(cv)
}

// fourDigits rounds for a short line.
func fourDigits(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	if err != nil {
		return 0
	}
	return r
}

// norms looks at the norms of the run's net after its last step. Where that was taken
// before the run went on, S of that step is what the checkpoint kept of it.
func (r *run) norms() []Norm {
	gaps := map[string][]float32{}
	for _, p := range r.net.Learned() {
		if p.GAP != nil {
			gaps[p.Path] = p.GAP
		}
	}
	out := norms(r.Spec, r.learned(), func(path string) []float32 { return gaps[path] })
	if c := r.Resume; c != nil && c.Run != nil && c.Step == r.step && len(c.Run.Gaps) == len(out) {
		for i, g := range c.Run.Gaps {
			out[i].GAP, out[i].CVGAP = g[0], g[1]
		}
	}
	return out
}

// watchNorms fills in what a line after a validation says of the norms.
func (r *run) watchNorms(l *Line) error {
	l.Norms = r.norms()
	if r.LeftAt == nil {
		return nil
	}
	var err error
	l.LeftAt, err = r.LeftAt(r.learned())
	return err
}
