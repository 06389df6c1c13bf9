// Package train runs the training loop.
package train

// Config is the `train` section of a config.
type Config struct {
	Batch     int    `yaml:"batch"`      // pictures a step
	Epochs    int    `yaml:"epochs"`     // passes over the training set
	Steps     int    `yaml:"steps"`      // overrides Epochs; 0 = Epochs
	Seed      uint64 `yaml:"seed"`       // of weights, order and augmentation
	LogEvery  int    `yaml:"log_every"`  // steps between lines of metrics.jsonl
	SaveEvery int    `yaml:"save_every"` // steps between saves of last; 0 = at the end of every epoch
}

// DefaultConfig is the paper's recipe.
func DefaultConfig() Config { return Config{Batch: 24, Epochs: 300, Seed: 1, LogEvery: 20} }
