package prune

import (
	"fmt"
	"slices"

	"csnet/model"
)

// prepare wires the net up, and orders the channels that may go.
func prepare(spec model.Spec, p *model.Params, o Options) (n *net, w *walk, order []channel, scores [][]float64, err error) {
	n = newNet(spec)
	if scores, err = n.scores(p, o.Gap); err != nil {
		return nil, nil, nil, nil, err
	}
	keep, err := n.kept(o.Keep)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	order = slices.DeleteFunc(ordered(scores), func(c channel) bool { return keep[c.group] })
	w = newWalk(n, max(1, o.MinChannels))
	w.keep = keep
	return n, w, order, scores, nil
}

// CheckThreshold refuses a threshold above the scores of all channels: of the net only
// what it needs to run at all would be left, in which no channel is better than those
// that went. The error says which thresholds and sizes are possible. NewPlan itself
// takes such a threshold.
func CheckThreshold(spec model.Spec, p *model.Params, o Options) error {
	if o.Threshold == nil {
		return nil
	}
	if err := spec.CheckParams(p); err != nil {
		return fmt.Errorf("prune: %w", err)
	}
	if err := Supported(spec); err != nil {
		return err
	}
	n, w, order, _, err := prepare(spec, p, o)
	if err != nil || len(order) == 0 || order[len(order)-1].score >= *o.Threshold {
		return err
	}
	most := order[len(order)-1].score // at which every layer keeps a channel
	for _, f := range w.floors {
		best := 0.0
		for _, c := range order {
			if slices.Contains(f.groups, c.group) {
				best = max(best, c.score)
			}
		}
		most = min(most, best)
	}
	smallest := n.prunedSpec(n.plan(w.run(order, len(order)), 1).keeps()).ParamCount()
	return fmt.Errorf("prune: threshold is %g, above the scores of all %d channels (the highest is %.3g), which would empty the net; up to %.3g every layer keeps a channel; the smallest net possible has %d parameters (target-params)",
		*o.Threshold, len(order), order[len(order)-1].score, most, smallest)
}
