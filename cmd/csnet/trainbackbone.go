package main

import (
	"fmt"
	"strings"

	"csnet/checkpoint"
	"csnet/model"
)

// fillBackbone starts the net's backbone from the weights in the file at path.
func (j *trainJob) fillBackbone(path string) error {
	if j.spec.Kind != model.KindCSF {
		return usagef("--backbone %s: the net of the config has no backbone (net.kind is not csf)", path)
	}
	left, err := checkpoint.ReadBackbone(path, j.spec, j.params)
	if err != nil {
		return fmt.Errorf("--backbone: %w", err)
	}
	if len(left) > 0 {
		j.notes = append(j.notes, fmt.Sprintf("%s: left out, as %s has no such tensors: %s", path, j.spec.Backbone, strings.Join(left, ", ")))
	}
	return nil
}
