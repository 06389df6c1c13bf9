package prune

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"csnet/checkpoint"
	"csnet/internal/refnet"
	"csnet/internal/shared"
	"csnet/model"
)

// kill sets the gammas of drawn channels to 0: of the last, a middle or the
// first norm of an ILBlock, of any norm of the head.
func kill(t *rapid.T, spec model.Spec, p *model.Params) {
	share := rapid.SampledFrom([]float64{0.1, 0.4}).Draw(t, "killed")
	for _, x := range p.All() {
		if x.Role != model.Gamma {
			continue
		}
		for i := range x.Data {
			if x.Data[i] = 0.5 + x.Data[i]*x.Data[i]/8; rapid.Float64Range(0, 1).Draw(t, "kill") < share {
				x.Data[i] = 0
			}
		}
	}
}

// centred leaves only the middle tap of every 3x3 kernel: what a net reads
// beyond the border does not matter then.
func centred(p *model.Params) {
	for _, x := range p.All() {
		if x.Role == model.Weight && x.Shape[2] == 3 {
			for i := range x.Data {
				if i%9 != 4 {
					x.Data[i] = 0
				}
			}
		}
	}
}

func mustForward(t interface{ Fatal(...any) }, spec model.Spec, p *model.Params) []float64 {
	m := spec.Multiple()
	x := make([]float32, spec.Input*m*2*m)
	for i := range x {
		x[i] = float32(math.Sin(0.37*float64(i)) * 2)
	}
	y, err := refnet.Forward(spec, p, x, 1, m, 2*m)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// near compares logits; running means are rounded to float32 after folding.
func near(t interface{ Fatalf(string, ...any) }, got, want []float64, what string) {
	most, diff := 0.0, 0.0
	for i, w := range want {
		most, diff = max(most, math.Abs(w)), max(diff, math.Abs(got[i]-w))
	}
	if !(diff <= 1e-5*(1+most)) {
		t.Fatalf("%s: differs by %g, largest logit %g", what, diff, most)
	}
}

// A net pruned with FoldExact computes what the whole net computes; the channels
// that stay are dead ones whose constants cannot be folded.
func TestFoldExactChangesNothing(t *testing.T) {
	folded := 0
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p := fill(t, spec, rapid.Uint64().Draw(t, "seed"), 0)
		kill(t, spec, p)
		plan := mustPlan(t, spec, p, Options{Fold: FoldExact})
		after, compact, err := plan.Apply(spec, p)
		if err != nil {
			t.Fatal(err)
		}
		folded += plan.Removed
		near(t, mustForward(t, after, compact), mustForward(t, spec, p), "exact")
		for _, s := range plan.Stays {
			if s.Why == "" || math.Abs(s.Gamma) >= 1e-20 {
				t.Fatalf("stays: %+v", s)
			}
		}
		none := mustPlan(t, spec, p, Options{})
		if none.Removed < plan.Removed {
			t.Fatalf("exact removes %d, none %d", plan.Removed, none.Removed)
		}
	})
	if folded == 0 {
		t.Error("no channel was folded in any case")
	}
}

// Where borders do not matter FoldInterior is exact too, for every dead channel.
func TestFoldInteriorIsExactInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p := fill(t, spec, rapid.Uint64().Draw(t, "seed"), 0)
		kill(t, spec, p)
		centred(p)
		plan := mustPlan(t, spec, p, Options{Fold: FoldInterior})
		after, compact, err := plan.Apply(spec, p)
		if err != nil {
			t.Fatal(err)
		}
		got := mustForward(t, after, compact)
		reference, err := Reference(spec, p, plan)
		if err != nil {
			t.Fatal(err)
		}
		near(t, got, mustForward(t, spec, reference), "interior, against its reference")
		alive := false // channels that went with the last of their MSBlock
		for _, g := range plan.Groups {
			for i, s := range g.Scores {
				alive = alive || s >= 1e-20 && len(g.Remove) > i
			}
		}
		if !alive {
			near(t, got, mustForward(t, spec, p), "interior, against the whole net")
		}
	})
}

// A living channel cannot go exactly; a threshold above it keeps it and says so.
func TestFoldExactKeepsWhatLives(t *testing.T) {
	spec, err := model.DefaultArch().Spec()
	if err != nil {
		t.Fatal(err)
	}
	p := fill(t, spec, 1, 0)
	high := 100.0
	plan := mustPlan(t, spec, p, Options{Threshold: &high, Fold: FoldExact})
	if plan.Removed != 0 || len(plan.Stays) == 0 {
		t.Errorf("%d channels go, %d stay; none may go, for all are alive", plan.Removed, len(plan.Stays))
	}
	half := 0.5
	if _, err := NewPlan(spec, p, Options{Ratio: &half, Fold: FoldExact}); err == nil {
		t.Error("a ratio with fold exact is accepted")
	}
	interior := mustPlan(t, spec, p, Options{Ratio: &half, Fold: FoldInterior})
	interior.Fold = FoldExact
	if _, _, err := interior.Apply(spec, p); err == nil {
		t.Error("a plan of living channels is applied exactly")
	}
}

func TestRoundToAndKeep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p := drawParams(t, spec)
		r := rapid.Float64Range(0, 0.95).Draw(t, "ratio")
		n := rapid.IntRange(1, 5).Draw(t, "round to")
		o := Options{Ratio: &r, RoundTo: n, Keep: []string{"stage1"}}
		plan := mustPlan(t, spec, p, o)
		for _, g := range plan.Groups {
			left := g.Channels - len(g.Remove)
			if left%n != 0 && len(g.Remove) > 0 {
				t.Fatalf("%s octave %d keeps %d of %d, must be a multiple of %d or all", g.Layer, g.Octave, left, g.Channels, n)
			}
			if len(g.Remove) > 0 && len(g.Layer) > 7 && g.Layer[:7] == "stage1." {
				t.Fatalf("%d channels of %s go, which was to be kept", len(g.Remove), g.Layer)
			}
		}
		after, err := plan.Spec(spec)
		if err != nil {
			t.Fatal(err)
		}
		if !runs(spec, after, 1) {
			t.Fatalf("cannot run: %+v", after)
		}
	})
	spec, _ := model.DefaultArch().Spec()
	p := fill(t, spec, 1, 0)
	if _, err := NewPlan(spec, p, Options{Keep: []string{"stage9"}}); err == nil {
		t.Error("a layer that is not there is kept")
	}
}

// The released x1-L has nine dead depthwise channels. Three die in the second
// depthwise layer and are folded exactly; six die in the first, so that the
// second sees the border, and stay.
func TestFoldReleased(t *testing.T) {
	for _, dir := range shared.Glob(t, "golden/import_x1") {
		raw, err := os.ReadFile(filepath.Join(dir, "meta.json"))
		if err != nil {
			t.Fatal(err)
		}
		var meta struct{ Checkpoint string }
		if err := json.Unmarshal(raw, &meta); err != nil {
			t.Fatal(err)
		}
		c, err := checkpoint.Import(filepath.Join(shared.Dir(t), "checkpoints", meta.Checkpoint))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct {
			fold                   Fold
			params, removed, stays int
			diff                   float64
		}{
			{FoldExact, 93002, 3, 6, 1e-4},
			{FoldInterior, 91255, 9, 0, 1},
		} {
			plan := mustPlan(t, c.Spec, c.Params, Options{Fold: want.fold})
			after, err := plan.Spec(c.Spec)
			if err != nil {
				t.Fatal(err)
			}
			d, before, err := Verify(forward, c.Spec, c.Params, plan, 1)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %d parameters, differences %.2g and %.2g", want.fold, after.ParamCount(), d, before)
			if after.ParamCount() != want.params || plan.Removed != want.removed || len(plan.Stays) != want.stays {
				t.Errorf("%s: %d parameters, %d channels go, %d stay; want %d, %d, %d", want.fold, after.ParamCount(), plan.Removed, len(plan.Stays), want.params, want.removed, want.stays)
			}
			if before > want.diff {
				t.Errorf("%s: logits change by %g, must be at most %g", want.fold, before, want.diff)
			}
		}
	}
}
