package prune

import (
	"fmt"
	"math"
	"sort"

	"csnet/model"
)

// Options say which channels go. At most one of the four criteria is set; with
// none the threshold is that of DefaultConfig.
type Options struct {
	Threshold    *float64 // a channel goes when its score is below
	Ratio        *float64 // share of the prunable channels that goes, 0 <= Ratio < 1
	TargetParams *int     // the largest net of at most so many parameters
	TargetMACs   *int     // the same in multiply-adds at model.CostSide
	MinChannels  int      // channels that every layer keeps over its octaves; 0 counts as 1
}

// Validate reports a criterion out of its range, or more than one.
func (o Options) Validate() error {
	set := 0
	for _, on := range []bool{o.Threshold != nil, o.Ratio != nil, o.TargetParams != nil, o.TargetMACs != nil} {
		if on {
			set++
		}
	}
	switch {
	case set > 1:
		return fmt.Errorf("prune: %d of threshold, ratio, target-params and target-macs are given, must be at most one", set)
	case o.Threshold != nil && (!(*o.Threshold >= 0) || math.IsInf(*o.Threshold, 0)):
		return fmt.Errorf("prune: threshold is %g, must be 0 or more", *o.Threshold)
	case o.Ratio != nil && !(*o.Ratio >= 0 && *o.Ratio < 1):
		return fmt.Errorf("prune: ratio is %g, must be at least 0 and below 1", *o.Ratio)
	case o.TargetParams != nil && *o.TargetParams < 1:
		return fmt.Errorf("prune: target-params is %d, must be at least 1", *o.TargetParams)
	case o.TargetMACs != nil && *o.TargetMACs < 1:
		return fmt.Errorf("prune: target-macs is %d, must be at least 1", *o.TargetMACs)
	case o.MinChannels < 0:
		return fmt.Errorf("prune: min_channels is %d, must be at least 1", o.MinChannels)
	}
	return nil
}

// Plan says which channels of a net go. It fits every net of the same Spec.
type Plan struct {
	Groups   []Group `json:"groups"`   // all, in forward order
	Prunable int     `json:"prunable"` // channels in all groups
	Removed  int     `json:"removed"`
	// Spared counts the channels that a threshold or ratio asked for but that
	// stay, as the net could not run without them.
	Spared int `json:"spared"`
}

// NewPlan chooses the channels of the net that go, lowest scores first; a
// channel's score is the smallest |gamma| of its norms. Among equal scores the
// groups give in turn, each in proportion to its size, so that a net whose
// gammas are all alike shrinks evenly; the order is total, the plan the same
// every time.
//
// Whatever the criterion, the net can run afterwards (see walk). A threshold
// or ratio that asks for more removes what can go; a target below what is
// possible is an error that names the smallest.
func NewPlan(spec model.Spec, p *model.Params, o Options) (*Plan, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if err := spec.Validate(); err != nil {
		return nil, fmt.Errorf("prune: %w", err)
	}
	if err := spec.CheckParams(p); err != nil {
		return nil, fmt.Errorf("prune: %w", err)
	}
	n := newNet(spec)
	scores, err := n.scores(p)
	if err != nil {
		return nil, err
	}
	order := ordered(scores)
	w := newWalk(n, max(1, o.MinChannels))
	var steps [][]channel
	spared := 0
	switch {
	case o.Ratio != nil:
		want := int(math.Round(*o.Ratio * float64(len(order))))
		steps = w.run(order, want)
		spared = want - w.removed
	case o.TargetParams != nil:
		steps, err = n.toTarget(w.run(order, len(order)), *o.TargetParams, "target-params", "parameters", func(c model.Cost) int { return c.Params })
	case o.TargetMACs != nil:
		steps, err = n.toTarget(w.run(order, len(order)), *o.TargetMACs, "target-macs", "MACs", func(c model.Cost) int { return c.MACs })
	default:
		t := DefaultConfig().Threshold
		if o.Threshold != nil {
			t = *o.Threshold
		}
		dead := order[:sort.Search(len(order), func(i int) bool { return order[i].score >= t })]
		steps = w.run(dead, len(order))
		spared = w.staying(dead)
	}
	if err != nil {
		return nil, err
	}
	plan := n.plan(steps)
	plan.Prunable, plan.Spared = len(order), spared
	return plan, nil
}

// toTarget cuts steps to the fewest whose net costs at most target.
func (n *net) toTarget(steps [][]channel, target int, flag, unit string, cost func(model.Cost) int) ([][]channel, error) {
	after := func(k int) int {
		p := n.plan(steps[:k])
		return cost(n.prunedSpec(p.keeps()).Cost(model.CostSide, model.CostSide))
	}
	k := sort.Search(len(steps)+1, func(k int) bool { return after(k) <= target })
	if k > len(steps) {
		return nil, fmt.Errorf("prune: %s is %d, but the smallest net possible has %d %s", flag, target, after(len(steps)), unit)
	}
	return steps[:k], nil
}

// plan sums steps up.
func (n *net) plan(steps [][]channel) *Plan {
	p := &Plan{Groups: make([]Group, len(n.groups))}
	for i, g := range n.groups {
		g.Remove = []int{}
		p.Groups[i] = g
	}
	for _, step := range steps {
		for _, c := range step {
			g := &p.Groups[c.group]
			g.Remove = append(g.Remove, c.index)
			p.Removed++
		}
	}
	for _, g := range p.Groups {
		sort.Ints(g.Remove)
	}
	return p
}
