package prune

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"csnet/internal/refnet"
	"csnet/model"
)

func drawOptions(t *rapid.T, spec model.Spec) Options {
	switch rapid.IntRange(0, 3).Draw(t, "criterion") {
	case 0:
		return Options{}
	case 1:
		return Options{Threshold: ptr(0.4)}
	case 2:
		return Options{Ratio: ptr(rapid.Float64Range(0, 0.99).Draw(t, "ratio"))}
	}
	return Options{TargetParams: ptr(max(spec.ParamCount()*9/10, 1))}
}

// The compact net computes what the masked net computes, in float64 to
// rounding; the mask touches nothing but its own gammas and betas.
func TestApplyEqualsMask(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p := drawParams(t, spec)
		plan, err := NewPlan(spec, p, drawOptions(t, spec))
		if err != nil {
			t.Skip(err) // a target below what is possible
		}
		kept := p.Clone()
		s2, p2, err := plan.Apply(spec, p)
		if err != nil {
			t.Fatal(err)
		}
		masked, err := Mask(spec, p, plan)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(kept.All(), p.All()); d != "" {
			t.Fatal("params changed:", d)
		}
		if err := s2.Validate(); err != nil {
			t.Fatal(err)
		}
		if err := s2.CheckParams(p2); err != nil {
			t.Fatal(err)
		}
		maskOnly(t, p, masked, plan)
		rowsFollow(t, p, p2, plan)
		m := spec.Multiple()
		if s2.Multiple() != m {
			t.Fatalf("sides must be multiples of %d, were of %d", s2.Multiple(), m)
		}
		x := make([]float32, spec.Input*m*2*m)
		for i := range x {
			x[i] = float32(math.Sin(0.37*float64(i)) * 2)
		}
		got, err := refnet.Forward(s2, p2, x, 1, m, 2*m)
		if err != nil {
			t.Fatal(err)
		}
		want, err := refnet.Forward(spec, masked, x, 1, m, 2*m)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if !(math.Abs(got[i]-w) <= 1e-9*(1+math.Abs(w))) {
				t.Fatalf("logit %d: compact %g, masked %g; %+v", i, got[i], w, s2)
			}
		}
	})
}

// maskOnly: gamma = beta = 0 in every norm of a removed channel, all else as
// before.
func maskOnly(t *rapid.T, p, masked *model.Params, plan *Plan) {
	want := p.Clone()
	for _, g := range plan.Groups {
		for _, l := range layersOf(g) {
			for _, i := range g.Remove {
				want.Get(fmt.Sprintf("%s.norm%d.gamma", l, g.Octave)).Data[i] = 0
				want.Get(fmt.Sprintf("%s.norm%d.beta", l, g.Octave)).Data[i] = 0
			}
		}
	}
	if d := cmp.Diff(want.All(), masked.All()); d != "" {
		t.Fatal("mask:", d)
	}
}

func layersOf(g Group) []string {
	if base, ok := strings.CutSuffix(g.Layer, ".mix"); ok {
		return []string{g.Layer, base + ".dw1", base + ".dw2"}
	}
	return []string{g.Layer}
}

// rowsFollow: norms with their running statistics, slopes and depthwise
// filters of a kept channel are the old ones.
func rowsFollow(t *rapid.T, p, p2 *model.Params, plan *Plan) {
	for _, g := range plan.Groups {
		for _, l := range layersOf(g) {
			paths := []string{fmt.Sprintf("%s.slope%d", l, g.Octave)}
			for _, r := range []string{"gamma", "beta", "mean", "var"} {
				paths = append(paths, fmt.Sprintf("%s.norm%d.%s", l, g.Octave, r))
			}
			if l != g.Layer {
				paths = append(paths, fmt.Sprintf("%s.w%d", l, g.Octave))
			}
			for _, path := range paths {
				a, b := p.Get(path), p2.Get(path)
				if len(g.Remove) == g.Channels {
					if b != nil {
						t.Fatalf("%s is still there", path)
					}
					continue
				}
				var want []float32
				n := len(a.Data) / g.Channels
				for i := range g.Channels {
					if !slices.Contains(g.Remove, i) {
						want = append(want, a.Data[i*n:][:n]...)
					}
				}
				if d := cmp.Diff(want, b.Data); d != "" {
					t.Fatal(path, d)
				}
			}
		}
	}
}

// A plan survives JSON and refuses a net it was not made for.
func TestPlanFits(t *testing.T) {
	spec := x1(t)
	p := fill(t, spec, 3, 0.5)
	plan := mustPlan(t, spec, p, Options{})
	raw, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(plan, &back); d != "" {
		t.Error("through JSON:", d)
	}
	s2, p2, err := back.Apply(spec, p)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := back.Apply(s2, p2); err == nil {
		t.Error("applied twice: no error")
	}
	if _, err := Mask(s2, p2, &back); err == nil {
		t.Error("mask of another net: no error")
	}
	for _, bad := range [][]int{{-1}, {5, 5}, {10}, {3, 2}} {
		back.Groups[0].Remove = bad
		if _, _, err := back.Apply(spec, p); err == nil || !strings.Contains(err.Error(), "stage0.0.mix") {
			t.Errorf("plan removes %v: error %v", bad, err)
		}
	}
	back.Groups[0].Remove = count(10)
	back.Groups[1].Remove = count(10)
	if _, _, err := back.Apply(spec, p); err == nil {
		t.Error("plan removes a whole layer: no error")
	}
}

// Everything dead: every layer keeps its one channel and the net still runs.
func TestAllDead(t *testing.T) {
	spec := x1(t)
	p := fill(t, spec, 4, 0)
	for _, x := range p.All() {
		if x.Role == model.Gamma {
			clear(x.Data)
		}
	}
	s2, _, err := mustPlan(t, spec, p, Options{}).Apply(spec, p)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range s2.Stages {
		for j, b := range st.Blocks {
			if sum(b.Out) != 1 || len(b.Out) != len(spec.Stages[i].Blocks[j].Out) {
				t.Errorf("stage %d, block %d: %v", i, j, b.Out)
			}
		}
	}
	if h := s2.Head; sum(h.Fuse) != 1 || h.Out != 1 || sum(h.MS[0])+sum(h.MS[1])+sum(h.MS[2]) != 1 {
		t.Errorf("head %+v", s2.Head)
	}
}

// An MSBlock that dies takes its csf.fuse octave along, which nothing reads
// then; the other way round the octave keeps a channel. A ratio does not
// overshoot for it.
func TestHeadOctaves(t *testing.T) {
	spec := x1(t)
	live := fill(t, spec, 5, 0)
	kill := func(layer string, oct int) *model.Params {
		p := live.Clone()
		clear(p.Get(fmt.Sprintf("%s.norm%d.gamma", layer, oct)).Data)
		return p
	}
	apply := func(p *model.Params, o Options) model.Head {
		s, _, err := mustPlan(t, spec, p, o).Apply(spec, p)
		if err != nil {
			t.Fatal(err)
		}
		return *s.Head
	}
	if h := apply(kill("csf.ms1", 1), Options{}); sum(h.MS[1]) != 0 || !slices.Equal(h.Fuse, []int{13, 0, 26}) {
		t.Errorf("MSBlock 1 dead: fuse %v, ms %v", h.Fuse, h.MS)
	}
	if h := apply(kill("csf.fuse", 2), Options{}); sum(h.MS[2]) != 26 || !slices.Equal(h.Fuse, []int{13, 26, 1}) {
		t.Errorf("fuse octave 2 dead: fuse %v, ms %v", h.Fuse, h.MS)
	}
	p := kill("csf.ms1", 1)
	all := mustPlan(t, spec, p, Options{}).Prunable
	r := 26 / float64(all)
	if plan := mustPlan(t, spec, p, Options{Ratio: &r}); plan.Removed != 26 || plan.Spared != 0 {
		t.Errorf("ratio of 26 channels: %d went, %d spared", plan.Removed, plan.Spared)
	}
	if h := apply(p, Options{Ratio: &r}); sum(h.MS[1]) != 1 {
		t.Errorf("ratio of 26 channels: MSBlock 1 keeps %v, want one channel", h.MS[1])
	}
}
