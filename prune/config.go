// Package prune strips channels whose norm weights died: it plans, applies,
// proves and reports.
package prune

import "fmt"

// Config is the `prune` section of a config: what `csnet prune` does without flags,
// and when and how a training run prunes its own net.
type Config struct {
	Threshold   float64 `yaml:"threshold"`    // a channel goes when its score is below
	MinChannels int     `yaml:"min_channels"` // kept in every layer

	Milestones   []int     `yaml:"milestones"`    // epochs, from 0, before whose first step a run prunes its own net and goes on with what is left; empty = never
	TargetParams []int     `yaml:"target_params"` // for each milestone: the largest net of at most so many parameters
	TargetMACs   []int     `yaml:"target_macs"`   // or of so many multiply-adds for a picture of 224x224
	Ratios       []float64 `yaml:"ratios"`        // or the share of the channels there that goes; without any of the three the threshold decides
	Criterion    string    `yaml:"criterion"`     // score of a channel at milestones: gamma, or gamma-gap: |gamma| times the mean output on training photos
	Fold         string    `yaml:"fold"`          // what becomes of the constants of removed channels at milestones: exact, interior or none; auto = exact with the threshold, else interior
	RoundTo      int       `yaml:"round_to"`      // octaves that lose channels at milestones keep a multiple of so many
	Recalibrate  int       `yaml:"recalibrate"`   // training photos that running statistics are taken anew from after a milestone; 0 = they go on as they are
}

// The criteria of Config.
const (
	ByGamma    = "gamma"
	ByGammaGap = "gamma-gap"
)

// AutoFold is the Config.Fold that goes by the criterion.
const AutoFold = "auto"

// DefaultConfig is the paper's: threshold 1e-20, after training.
func DefaultConfig() Config {
	return Config{Threshold: 1e-20, MinChannels: 1, Criterion: ByGamma, Fold: AutoFold, RoundTo: 1}
}

// At are the options of milestone i, from 0, but for Gap.
func (c Config) At(i int) (Options, error) {
	o := Options{MinChannels: c.MinChannels, RoundTo: c.RoundTo, Fold: FoldInterior}
	if i < 0 || i >= len(c.Milestones) {
		return o, fmt.Errorf("prune: milestone %d is asked for, there are %d", i, len(c.Milestones))
	}
	switch {
	case len(c.TargetParams) > i:
		o.TargetParams = &c.TargetParams[i]
	case len(c.TargetMACs) > i:
		o.TargetMACs = &c.TargetMACs[i]
	case len(c.Ratios) > i:
		o.Ratio = &c.Ratios[i]
	default:
		o.Threshold, o.Fold = &c.Threshold, FoldExact
	}
	if c.Fold != AutoFold && c.Fold != "" {
		o.Fold = Fold(c.Fold)
	}
	return o, o.Validate()
}
