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
