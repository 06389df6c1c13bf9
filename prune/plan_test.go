package prune

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"csnet/model"
)

func mustPlan(t interface{ Fatal(...any) }, s model.Spec, p *model.Params, o Options) *Plan {
	plan, err := NewPlan(s, p, o)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// A threshold takes a channel iff its score is below, but for those that the
// net needs and csf.fuse octaves that lost their reader.
func TestThreshold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p := drawParams(t, spec)
		m := rapid.IntRange(1, 3).Draw(t, "min channels")
		thr := rapid.SampledFrom([]float64{0, 1e-20, 0.5, 10}).Draw(t, "threshold")
		plan := mustPlan(t, spec, p, Options{Threshold: &thr, MinChannels: m})
		after, err := plan.Spec(spec)
		if err != nil {
			t.Fatal(err)
		}
		if err := after.Validate(); err != nil {
			t.Fatal(err)
		}
		if !runs(spec, after, m) {
			t.Fatalf("cannot run: %+v -> %+v", spec, after)
		}
		spared, removed, all := 0, 0, 0
		for gi, g := range plan.Groups {
			for i, s := range scoresOf(t, p, g) {
				all++
				gone := slices.Contains(g.Remove, i)
				if gone {
					removed++
				}
				if gone && s >= thr && !(g.Layer == "csf.fuse" && sum(after.Head.MS[g.Octave]) == 0 && after.Head.Fuse[g.Octave] == 0) {
					t.Fatalf("%s octave %d: channel %d of score %g went at threshold %g", g.Layer, g.Octave, i, s, thr)
				}
				if !gone && s < thr {
					spared++
					if runs(spec, without(t, spec, plan, gi, i), m) {
						t.Fatalf("%s octave %d: channel %d of score %g stayed without need", g.Layer, g.Octave, i, s)
					}
				}
			}
		}
		if plan.Spared != spared || plan.Removed != removed || plan.Prunable != all {
			t.Fatalf("plan says %d spared, %d removed of %d; counted %d, %d, %d", plan.Spared, plan.Removed, plan.Prunable, spared, removed, all)
		}
		bestStay(t, p, plan)
	})
}

// without is the plan's net less one more channel, and less the csf.fuse octave
// whose reader it was.
func without(t *rapid.T, spec model.Spec, plan *Plan, group, index int) model.Spec {
	more := Plan{Groups: slices.Clone(plan.Groups)}
	g := &more.Groups[group]
	g.Remove = append(slices.Clone(g.Remove), index)
	sort.Ints(g.Remove)
	if strings.HasPrefix(g.Layer, "csf.ms") && len(g.Remove) == g.Channels {
		for i := range more.Groups {
			if f := &more.Groups[i]; f.Layer == "csf.fuse" && f.Octave == g.Octave {
				f.Remove = count(f.Channels)
			}
		}
	}
	after, err := more.Spec(spec)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// bestStay: within a group nothing stays that scores below what went.
func bestStay(t *rapid.T, p *model.Params, plan *Plan) {
	for _, g := range plan.Groups {
		worstKept, bestGone := math.Inf(1), math.Inf(-1)
		for i, s := range scoresOf(t, p, g) {
			if slices.Contains(g.Remove, i) {
				bestGone = max(bestGone, s)
			} else {
				worstKept = min(worstKept, s)
			}
		}
		if bestGone > worstKept {
			t.Fatalf("%s octave %d: score %g went, %g stayed", g.Layer, g.Octave, bestGone, worstKept)
		}
	}
}

// Planning again on the result finds nothing more.
func TestIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p := drawParams(t, spec)
		o := Options{Threshold: ptr(rapid.SampledFrom([]float64{1e-20, 0.5, 10}).Draw(t, "threshold")), MinChannels: rapid.IntRange(1, 3).Draw(t, "min channels")}
		s2, p2, err := mustPlan(t, spec, p, o).Apply(spec, p)
		if err != nil {
			t.Fatal(err)
		}
		if again := mustPlan(t, s2, p2, o); again.Removed != 0 {
			t.Fatalf("removed %d more of %+v", again.Removed, s2)
		}
	})
}

// A ratio removes exactly its share, or all that can go.
func TestRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p := drawParams(t, spec)
		r := rapid.Float64Range(0, 0.9999).Draw(t, "ratio")
		plan := mustPlan(t, spec, p, Options{Ratio: &r})
		want := int(math.Round(r * float64(plan.Prunable)))
		if plan.Removed+plan.Spared != want || plan.Spared < 0 {
			t.Fatalf("removed %d, spared %d of %d, want %d in all", plan.Removed, plan.Spared, plan.Prunable, want)
		}
		after, err := plan.Spec(spec)
		if err != nil {
			t.Fatal(err)
		}
		if !runs(spec, after, 1) || after.Validate() != nil {
			t.Fatalf("cannot run: %+v", after)
		}
		bestStay(t, p, plan)
		if plan.Spared == 0 {
			return
		}
		for gi, g := range plan.Groups { // what stays is needed, or takes a whole octave along
			for i := range g.Channels {
				if !slices.Contains(g.Remove, i) && !strings.HasPrefix(g.Layer, "csf") && runs(spec, without(t, spec, plan, gi, i), 1) {
					t.Fatalf("%d spared, but channel %d of %s octave %d could go", plan.Spared, i, g.Layer, g.Octave)
				}
			}
		}
	})
}

// A target stops at the first net along the removal order that is small enough.
func TestTargets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p := drawParams(t, spec)
		macs := rapid.Bool().Draw(t, "macs")
		cost := func(s model.Spec) int {
			c := s.Cost(224, 224)
			if macs {
				return c.MACs
			}
			return c.Params
		}
		options := func(n int) Options {
			if macs {
				return Options{TargetMACs: &n}
			}
			return Options{TargetParams: &n}
		}
		n := newNet(spec)
		scores, err := n.scores(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		order := ordered(scores)
		steps := newWalk(n, 1).run(order, len(order))
		costs := []int{cost(spec)}
		for k := range steps {
			c := cost(n.prunedSpec(n.plan(steps[:k+1], 0).keeps()))
			if c >= costs[k] {
				t.Fatalf("step %d: cost goes from %d to %d", k, costs[k], c)
			}
			costs = append(costs, c)
		}
		smallest := costs[len(costs)-1]
		target := rapid.IntRange(smallest, costs[0]+10).Draw(t, "target")
		want := slices.IndexFunc(costs, func(c int) bool { return c <= target })
		after, err := mustPlan(t, spec, p, options(target)).Spec(spec)
		if err != nil {
			t.Fatal(err)
		}
		if cost(after) != costs[want] {
			t.Fatalf("target %d: net of %d, want %d", target, cost(after), costs[want])
		}
		if smallest < 2 {
			return
		}
		_, err = NewPlan(spec, p, options(smallest-1))
		if err == nil || !strings.Contains(err.Error(), strconv.Itoa(smallest)) {
			t.Fatalf("target %d: error %v, want one that names %d", smallest-1, err, smallest)
		}
	})
}

// A net whose gammas are all alike shrinks evenly.
func TestTies(t *testing.T) {
	spec := x1(t)
	p, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	after, err := mustPlan(t, spec, p, Options{Ratio: ptr(0.5)}).Spec(spec)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range spec.Stages {
		for j, b := range st.Blocks {
			for k, c := range b.Out {
				if a := after.Stages[i].Blocks[j].Out[k]; a < c/2-1 || a > c/2+1 {
					t.Errorf("stage %d, block %d, octave %d: %d => %d", i, j, k, c, a)
				}
			}
		}
	}
	if h := after.Head; cmp.Diff(h.Fuse, []int{6, 13, 13}) != "" && cmp.Diff(h.Fuse, []int{7, 13, 13}) != "" {
		t.Errorf("fuse %v", h.Fuse)
	}
}

func TestBadOptions(t *testing.T) {
	spec := x1(t)
	p, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		"ratio is 1,":                 {Ratio: ptr(1.0)},
		"ratio is -0.1":               {Ratio: ptr(-0.1)},
		"ratio is NaN":                {Ratio: ptr(math.NaN())},
		"threshold is -1":             {Threshold: ptr(-1.0)},
		"threshold is NaN":            {Threshold: ptr(math.NaN())},
		"target-params is 0":          {TargetParams: ptr(0)},
		"target-macs is -5":           {TargetMACs: ptr(-5)},
		"at most one":                 {Ratio: ptr(0.5), TargetMACs: ptr(5)},
		"min_channels is -1":          {MinChannels: -1},
		"target-params is 10, but th": {TargetParams: ptr(10)},
	} {
		if _, err := NewPlan(spec, p, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		q := p.Clone()
		q.Get("stage2.1.dw2.norm1.gamma").Data[3] = float32(v)
		if _, err := NewPlan(spec, q, Options{}); err == nil || !strings.Contains(err.Error(), "stage2.1.dw2.norm1.gamma[3]") {
			t.Errorf("gamma %g: error %v", v, err)
		}
	}
	if _, err := NewPlan(after(t, spec, p), p, Options{}); err == nil {
		t.Error("params of another net: no error")
	}
}

func after(t *testing.T, spec model.Spec, p *model.Params) model.Spec {
	t.Helper()
	s, err := mustPlan(t, spec, p, Options{Ratio: ptr(0.3)}).Spec(spec)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A threshold above all scores is refused with what is possible, one below the best
// channel is not; and what the error says is possible is.
func TestCheckThreshold(t *testing.T) {
	spec := x1(t)
	p := fill(t, spec, 3, 0)
	best := 0.0
	for _, x := range p.All() {
		if x.Role == model.Gamma {
			for _, v := range x.Data {
				best = max(best, math.Abs(float64(v)))
			}
		}
	}
	if err := CheckThreshold(spec, p, Options{Threshold: ptr(1e-20)}); err != nil {
		t.Error(err)
	}
	if err := CheckThreshold(spec, p, Options{Ratio: ptr(.5)}); err != nil {
		t.Error(err)
	}
	err := CheckThreshold(spec, p, Options{Threshold: ptr(2 * best)})
	if err == nil {
		t.Fatal("no error")
	}
	var highest, most float64
	var channels, smallest int
	text := err.Error()
	text = text[strings.Index(text, "of all"):]
	if _, e := fmt.Sscanf(text, "of all %d channels (the highest is %g), which would empty the net; up to %g every layer keeps a channel; the smallest net possible has %d", &channels, &highest, &most, &smallest); e != nil {
		t.Fatalf("%v: %s", e, text)
	}
	if plan := mustPlan(t, spec, p, Options{Threshold: ptr(most * .99)}); plan.Spared != 0 {
		t.Errorf("at %g %d channels are spared", most, plan.Spared)
	}
	if _, err := NewPlan(spec, p, Options{TargetParams: &smallest}); err != nil {
		t.Error(err)
	}
	less := smallest - 1
	if _, err := NewPlan(spec, p, Options{TargetParams: &less}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("smallest net possible has %d parameters (this one has 210985)", smallest)) {
		t.Errorf("%v", err)
	}
}

// A target in milliseconds is met by the clock that it is given.
func TestTargetMS(t *testing.T) {
	spec := x1(t)
	p := fill(t, spec, 3, 0)
	ms := func(s model.Spec) float64 { return 1 + float64(s.ParamCount())/1e5 }
	for _, most := range []float64{3, 2, 1.2} {
		plan := mustPlan(t, spec, p, Options{TargetMS: &most, MS: ms})
		after, err := plan.Spec(spec)
		if err != nil || ms(after) > most || ms(after) < .98*most {
			t.Errorf("%g ms: %g, %v", most, ms(after), err)
		}
	}
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{TargetMS: ptr(.5), MS: ms}, "the smallest net possible has 1."},
		{Options{TargetMS: ptr(-1.0), MS: ms}, "must be above 0"},
		{Options{TargetMS: ptr(1.0)}, "nothing tells the time"},
	} {
		if _, err := NewPlan(spec, p, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
