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

// Begun is the step (from 0) at which the moments of Adam began that a run has after so
// many steps: the last milestone before, with Schedule.Fresh, else 0.
func (c Config) Begun(steps, perEpoch int) int {
	begun := 0
	if c.Schedule.Kind == "step" && c.Schedule.Fresh {
		for _, m := range c.Schedule.Milestones {
			if at := m * perEpoch; at < steps {
				begun = max(begun, at)
			}
		}
	}
	return begun
}
