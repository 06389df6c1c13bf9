package checkpoint

import (
	"fmt"
	"io"
	"strings"

	"csnet/checkpoint/internal/safetensors"
	"csnet/internal/wholefile"
)

// Export writes the net as safetensors with the release's names and layout:
// gOctConv weights stacked, an absent octave's norm and slopes with shape (0),
// num_batches_tracked 0, and Spec and config in __metadata__, which Import prefers
// to guessing. Import of the file gives the same bytes of every tensor, and the
// config. Step, manifest and optimizer state stay behind. Written whole or not at
// all.
func Export(path string, c *Checkpoint) error {
	meta, ts, err := encodeRelease(c)
	if err == nil {
		meta = seal(meta, ts)
		err = wholefile.Write(path, func(w io.Writer) error { return safetensors.Write(w, meta, ts) })
	}
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	return nil
}

func encodeRelease(c *Checkpoint) (map[string]string, []safetensors.Tensor, error) {
	spec, err := encodeSpec(c.Spec)
	if err != nil {
		return nil, nil, err
	}
	if c.Params == nil {
		return nil, nil, fmt.Errorf("has no tensors")
	}
	if err := c.Spec.CheckParams(c.Params); err != nil {
		return nil, nil, err
	}
	for _, t := range c.Params.All() {
		if err := checkValues(t.Path, t.Role, t.Data); err != nil {
			return nil, nil, err
		}
	}
	var counters, ts []safetensors.Tensor
	for _, e := range layout(c.Spec) {
		t, ok := e.stack(func(path string) []float32 { return c.Params.Get(path).Data })
		if !ok {
			return nil, nil, fmt.Errorf("tensor %s has values that do not fit its shape", e.name)
		}
		ts = append(ts, safetensors.Tensor{Name: e.name, Shape: e.shape, F32: t.Data})
		if norm, ok := strings.CutSuffix(e.name, ".running_var"); ok {
			counters = append(counters, safetensors.Tensor{Name: norm + counter, I64: []int64{0}})
		}
	}
	return map[string]string{"format": "pt", "spec": spec, "config": c.Config}, append(counters, ts...), nil
}
