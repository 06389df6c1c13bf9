// Package eval scores nets and stored maps on data sets, and predicts maps.
package eval

// Config is the `eval` section of a config.
type Config struct {
	Size     int    `yaml:"size"`     // net input side; 0 = data.size
	Protocol string `yaml:"protocol"` // salmetric | pysod | both
}

// DefaultConfig is 224 pixels under the paper's protocol.
func DefaultConfig() Config { return Config{Protocol: "salmetric"} }
