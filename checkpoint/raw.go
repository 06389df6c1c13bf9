package checkpoint

import (
	"fmt"

	"csnet/checkpoint/internal/safetensors"
)

// encodeRaw lists the tensors of c.Raw, none when there is no Raw.
func encodeRaw(c *Checkpoint) ([]safetensors.Tensor, error) {
	if c.Raw == nil {
		return nil, nil
	}
	if err := c.Spec.CheckParams(c.Raw); err != nil {
		return nil, fmt.Errorf("weights that learn: %w", err)
	}
	var ts []safetensors.Tensor
	for _, t := range c.Spec.Tensors() {
		data := c.Raw.Get(t.Path).Data
		if err := checkValues(learning+t.Path, t.Role, data); err != nil {
			return nil, err
		}
		ts = append(ts, safetensors.Tensor{Name: learning + t.Path, Shape: t.Shape, F32: data})
	}
	return ts, nil
}
