package prune

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"csnet/model"
)

// Options say which channels go. At most one of the five criteria is set; with
// none the threshold is that of DefaultConfig.
type Options struct {
	Threshold    *float64 // a channel goes when its score is below
	Ratio        *float64 // share of the prunable channels that goes, 0 <= Ratio < 1
	TargetParams *int     // the largest net of at most so many parameters
	TargetMACs   *int     // the same in multiply-adds at model.CostSide
	TargetMS     *float64 // the same in milliseconds, as MS has them
	MS           func(model.Spec) float64
	MinChannels  int      // channels that every layer keeps over its octaves; 0 counts as 1
	RoundTo      int      // every octave keeps a multiple of so many, or all it has; 0 counts as 1
	Keep         []string // layers, blocks or stages (paths) of which nothing goes
	Fold         Fold     // of the constants of removed channels; "" is FoldNone
	// Gap holds S, the mean over photos of |global average pool| of what a norm
	// gives after its PReLU, by the path of the norm's gamma. With it a channel's
	// score is the smallest |gamma| * S of its norms, else the smallest |gamma|.
	Gap map[string][]float64
}

// Validate reports a criterion out of its range, or more than one.
func (o Options) Validate() error {
	set := 0
	for _, on := range []bool{o.Threshold != nil, o.Ratio != nil, o.TargetParams != nil, o.TargetMACs != nil, o.TargetMS != nil} {
		if on {
			set++
		}
	}
	switch {
	case set > 1:
		return fmt.Errorf("prune: %d of threshold, ratio, target-params, target-macs and target-ms are given, must be at most one", set)
	case o.Threshold != nil && (!(*o.Threshold >= 0) || math.IsInf(*o.Threshold, 0)):
		return fmt.Errorf("prune: threshold is %g, must be 0 or more", *o.Threshold)
	case o.Ratio != nil && !(*o.Ratio >= 0 && *o.Ratio < 1):
		return fmt.Errorf("prune: ratio is %g, must be at least 0 and below 1", *o.Ratio)
	case o.TargetParams != nil && *o.TargetParams < 1:
		return fmt.Errorf("prune: target-params is %d, must be at least 1", *o.TargetParams)
	case o.TargetMACs != nil && *o.TargetMACs < 1:
		return fmt.Errorf("prune: target-macs is %d, must be at least 1", *o.TargetMACs)
	case o.TargetMS != nil && !(*o.TargetMS > 0 && !math.IsInf(*o.TargetMS, 0)):
		return fmt.Errorf("prune: target-ms is %g, must be above 0", *o.TargetMS)
	case o.TargetMS != nil && o.MS == nil:
		return fmt.Errorf("prune: target-ms is %g, and nothing tells the time of a net", *o.TargetMS)
	case o.MinChannels < 0:
		return fmt.Errorf("prune: min_channels is %d, must be at least 1", o.MinChannels)
	case o.RoundTo < 0:
		return fmt.Errorf("prune: round-to is %d, must be at least 1", o.RoundTo)
	case o.Fold == FoldExact && set > 0 && o.Threshold == nil:
		return fmt.Errorf("prune: fold is exact, which goes with a threshold alone: a ratio or target removes channels that are not dead; take interior or none")
	}
	if o.Fold != "" {
		_, err := ParseFold(string(o.Fold))
		return err
	}
	return nil
}

// Plan says which channels of a net go. It fits every net of the same Spec.
type Plan struct {
	Groups   []Group `json:"groups"`   // all, in forward order
	Prunable int     `json:"prunable"` // channels in all groups
	Removed  int     `json:"removed"`
	// Spared counts the channels that a threshold or ratio asked for but that
	// stay, as the net could not run without them or as an octave keeps a
	// multiple of Options.RoundTo.
	Spared int  `json:"spared"`
	Fold   Fold `json:"fold"`
	// Stays lists the dead channels that stay since they cannot be folded exactly.
	Stays []Stay `json:"stays"`
}

// NewPlan chooses the channels of the net that go, lowest scores first; a
// channel's score is the smallest |gamma| of its norms, or |gamma| * S with
// Options.Gap. Among equal scores the
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
	if err := Supported(spec); err != nil {
		return nil, err
	}
	n, w, order, scores, err := prepare(spec, p, o)
	if err != nil {
		return nil, err
	}
	plan, err := n.choose(w, order, p, o)
	if err != nil {
		return nil, err
	}
	plan.Prunable = len(order)
	if plan.Fold = o.Fold; o.Fold == "" {
		plan.Fold = FoldNone
	}
	plan.explain(scores)
	return plan, nil
}

// Supported reports a net from which no channel can be taken without changing others.
func Supported(s model.Spec) error {
	switch {
	case s.Kind == model.KindCSF:
		return fmt.Errorf("prune: the net is a head on %s, whose channels have no gammas that training shrinks; nets of kind csnet can be pruned", s.Backbone)
	case s.Norm.Kind == model.GroupNorm:
		return fmt.Errorf("prune: the net has group norm in %d groups, in which every channel changes its group's statistics; nets with batch norm can be pruned", s.Norm.Groups)
	case s.Balance:
		return fmt.Errorf("prune: the net learns balances, whose shares are of all output octaves' channels; nets without net.balance can be pruned")
	}
	return nil
}

// choose walks through the channels in order as far as the criterion says.
func (n *net) choose(w *walk, order []channel, p *model.Params, o Options) (*Plan, error) {
	switch {
	case o.Ratio != nil:
		want := int(math.Round(*o.Ratio * float64(len(order))))
		plan := n.plan(w.run(order, want), o.RoundTo)
		plan.Spared = want - plan.Removed
		return plan, nil
	case o.TargetParams != nil:
		return n.toTarget(w.run(order, len(order)), o.RoundTo, goal{float64(*o.TargetParams), "target-params", "parameters", func(s model.Spec) float64 { return float64(s.ParamCount()) }})
	case o.TargetMACs != nil:
		return n.toTarget(w.run(order, len(order)), o.RoundTo, goal{float64(*o.TargetMACs), "target-macs", "MACs", func(s model.Spec) float64 {
			return float64(s.Cost(model.CostSide, model.CostSide).MACs)
		}})
	case o.TargetMS != nil:
		return n.toTarget(w.run(order, len(order)), o.RoundTo, goal{*o.TargetMS, "target-ms", "ms", o.MS})
	}
	t := DefaultConfig().Threshold
	if o.Threshold != nil {
		t = *o.Threshold
	}
	dead := order[:sort.Search(len(order), func(i int) bool { return order[i].score >= t })]
	var stays []Stay
	if o.Fold == FoldExact {
		dead, stays = n.foldable(p, dead)
	}
	plan := n.plan(w.run(dead, len(order)), o.RoundTo)
	plan.Stays = append(plan.Stays, stays...)
	for _, c := range dead {
		if !slices.Contains(plan.Groups[c.group].Remove, c.index) {
			plan.Spared++
		}
	}
	return plan, nil
}

// kept returns the groups of which nothing goes: those whose channels a layer of
// the named paths puts out.
func (n *net) kept(paths []string) (map[int]bool, error) {
	keep := map[int]bool{}
	for _, path := range paths {
		found := false
		for li, l := range n.layers {
			if l.Name != path && !strings.HasPrefix(l.Name, path+".") {
				continue
			}
			found = true
			for _, g := range n.wires[li].out {
				keep[g] = true
			}
		}
		if !found {
			return nil, fmt.Errorf("prune: keep: the net has no layer %q, must be a layer, block or stage such as %s, %s or %s", path, n.layers[0].Name, n.layers[0].BlockName(), n.layers[len(n.layers)-1].Name)
		}
	}
	return keep, nil
}

// goal is what a pruned net may cost at most, the flag that says so, and how the cost
// is found.
type goal struct {
	most       float64
	flag, unit string
	cost       func(model.Spec) float64
}

// toTarget plans the fewest of the steps whose net costs at most so much.
func (n *net) toTarget(steps [][]channel, roundTo int, g goal) (*Plan, error) {
	after := func(k int) float64 { return g.cost(n.prunedSpec(n.plan(steps[:k], roundTo).keeps())) }
	k := sort.Search(len(steps)+1, func(k int) bool { return after(k) <= g.most })
	if k > len(steps) {
		return nil, fmt.Errorf("prune: %s is %s, but the smallest net possible has %s %s (this one has %s)", g.flag, short(g.most), short(after(len(steps))), g.unit, short(after(0)))
	}
	return n.plan(steps[:k], roundTo), nil
}

// short writes a count, or a time to four digits.
func short(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}

// plan sums steps up. Octaves keep a multiple of roundTo channels: of those that
// would go, the last ones stay.
func (n *net) plan(steps [][]channel, roundTo int) *Plan {
	p := &Plan{Groups: make([]Group, len(n.groups)), Fold: FoldNone, Stays: []Stay{}}
	for i, g := range n.groups {
		g.Remove = []int{}
		p.Groups[i] = g
	}
	for _, step := range steps {
		for _, c := range step {
			g := &p.Groups[c.group]
			g.Remove = append(g.Remove, c.index)
		}
	}
	for i := range p.Groups {
		g := &p.Groups[i]
		if left := g.Channels - len(g.Remove); roundTo > 1 && left%roundTo > 0 {
			back := min(roundTo-left%roundTo, len(g.Remove))
			g.Remove = g.Remove[:len(g.Remove)-back]
		}
		p.Removed += len(g.Remove)
		sort.Ints(g.Remove)
	}
	return p
}

// explain notes the scores of the channels that go.
func (p *Plan) explain(scores [][]float64) {
	for i := range p.Groups {
		g := &p.Groups[i]
		for _, c := range g.Remove {
			g.Scores = append(g.Scores, scores[i][c])
		}
	}
}
