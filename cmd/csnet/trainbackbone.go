package main

import (
	"fmt"
	"strings"

	"csnet/checkpoint"
	"csnet/model"
	"csnet/train"
)

// startNorms decides how the norms of a run that starts from no net train: frozen ones need
// statistics, and only those of a backbone can come from a file. Those of a backbone that starts from random
// weights learn as batch norms instead: with the statistics 0 and 1 that they begin with they
// would pass every map on as it is, and the maps of fifty convolutions grow beyond all bounds
// within a few steps.
func (j *trainJob) startNorms(backbone string) error {
	t := &j.conf.Train
	csf, frozen := j.spec.Kind == model.KindCSF, t.Norm == train.NormFrozen
	switch {
	case frozen && !csf:
		return usagef("train.norm is frozen, which keeps the statistics of the net that a run starts from: --from is missing")
	case frozen && backbone != "" && j.spec.Head != nil && j.spec.Norm.Kind == model.BatchNorm:
		return usagef("train.norm is frozen, and the head's norms (net.norm batch) have no statistics to keep: train.norm must be batch, or net.norm group")
	case !csf || backbone != "":
		return nil
	}
	note := "no --backbone is given: the backbone starts from random weights"
	if frozen {
		note += ", and its norms, which have no statistics to keep, learn as batch norms (train.norm: batch in place of frozen)"
	}
	if t.Norm = train.NormBatch; t.Batch == 1 {
		note += fmt.Sprintf("; these see one picture at a time (train.batch), more are better: --set data.own_size=false --set train.batch=%d --set train.accumulate=1", max(t.Accumulate, 2))
	}
	j.notes = append(j.notes, note)
	return nil
}

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
