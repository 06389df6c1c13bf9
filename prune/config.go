// Package prune strips channels whose norm weights died: it plans, applies,
// proves and reports.
package prune

// Config is the `prune` section of a config.
type Config struct {
	Threshold   float64 `yaml:"threshold"`    // a channel goes when its score is below
	MinChannels int     `yaml:"min_channels"` // kept in every layer
}

// DefaultConfig is the paper's: threshold 1e-20.
func DefaultConfig() Config { return Config{Threshold: 1e-20, MinChannels: 1} }
