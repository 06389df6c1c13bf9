package optim

import "math"

// Rate is the learning rate of step (from 0) in a run of total steps with
// perEpoch steps an epoch.
func (c Config) Rate(step, perEpoch, total int) float64 {
	s, rate := c.Schedule, c.LR
	if step < s.WarmupSteps {
		return rate * float64(step+1) / float64(s.WarmupSteps+1)
	}
	switch s.Kind {
	case "step":
		for _, m := range s.Milestones {
			if step >= m*perEpoch {
				rate *= s.Factor
			}
		}
	case "cosine":
		if n := total - s.WarmupSteps; n > 0 {
			x := math.Min(1, float64(step-s.WarmupSteps)/float64(n))
			rate *= s.Final + (1-s.Final)*(1+math.Cos(math.Pi*x))/2
		}
	}
	return rate
}

// Norm says where a norm stands in the net.
type Norm struct {
	Layer   string // mix, dw1 or dw2
	Stage   int    // 0 = stem
	Stages  int    // the last stage's number
	Octave  int    // of its layer's output
	Octaves int    // that the layer declares
}

// Decay says what the gamma of a norm in an ILBlock gets: l2, the coupled L2
// of all other parameters, and dynamic, the DWD term with the factor
// f^(Stages - max(Stage, 1)) * f^(Octaves-1-Octave). A norm that Norms leaves
// out, or all with mode none, is decayed like any other parameter; CompatSlip
// gives the second depthwise norm's gamma both.
func (d DWD) Decay(n Norm) (l2, dynamic bool, factor float64) {
	listed := false
	for _, name := range d.Norms {
		listed = listed || name == n.Layer
	}
	if !listed || d.Mode == "none" {
		return true, false, 0
	}
	f := math.Pow(d.Factor, float64(n.Stages-max(n.Stage, 1)+n.Octaves-1-n.Octave))
	return d.CompatSlip && n.Layer == "dw2", true, f
}
