// Package eval scores nets and stored maps on data sets, and predicts maps.
package eval

// Config is the `eval` section of a config.
type Config struct {
	Size     int    `yaml:"size"`     // net input side; 0 = data.size
	Protocol string `yaml:"protocol"` // salmetric | pysod | both
	Reduce   bool   `yaml:"reduce"`   // reduce photos of more than 400 pixels by area before the net sees them, as csnet predict does; the field's protocol samples them
}

// DefaultConfig is 224 pixels under the paper's protocol.
func DefaultConfig() Config { return Config{Protocol: "salmetric"} }
