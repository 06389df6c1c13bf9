// Package optim holds the optimizer: Adam with coupled L2 and dynamic weight
// decay as a gorgonia.Solver, and learning-rate schedules.
package optim

// Config is the `optim` section of a config.
type Config struct {
	LR       float64    `yaml:"lr"`    // learning rate
	Betas    [2]float64 `yaml:"betas"` // decay of the first and second moments
	Eps      float64    `yaml:"eps"`   // added to the root of the second moment
	L2       float64    `yaml:"l2"`    // coupled, on every parameter that is not under DWD
	Clip     float64    `yaml:"clip"`  // largest norm of the loss's gradient over all parameters, which is scaled down to it; 0 = none
	Schedule Schedule   `yaml:"schedule"`
}

// Schedule says how the learning rate changes over the run.
type Schedule struct {
	Kind        string  `yaml:"kind"`         // step | cosine | constant
	Milestones  []int   `yaml:"milestones"`   // epochs (from 0) whose first step has the rate times Factor; for step
	Factor      float64 `yaml:"factor"`       // on the rate at each milestone; for step
	Fresh       bool    `yaml:"fresh"`        // true: every milestone begins with moments of 0; for step
	WarmupSteps int     `yaml:"warmup_steps"` // linear from 0
	Final       float64 `yaml:"final"`        // share of the rate at the end; for cosine
}

// DefaultConfig is the paper's recipe.
func DefaultConfig() Config {
	return Config{LR: 1e-4, Betas: [2]float64{0.9, 0.99}, Eps: 1e-8, L2: 5e-3,
		Schedule: Schedule{Kind: "step", Milestones: []int{200, 250}, Factor: 0.1}}
}
