package prune

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"csnet/checkpoint"
	"csnet/internal/shared"
)

// Every released net can be pruned again: at the fixed threshold only the dead
// depthwise channels that the release leaves in go, and the compact net equals
// the masked one; half its parameters can go as well.
func TestPruneReleased(t *testing.T) {
	for _, dir := range shared.Glob(t, "golden/import_*") {
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
		half := c.Spec.ParamCount() / 2
		for _, o := range []Options{{}, {TargetParams: &half}} {
			plan := mustPlan(t, c.Spec, c.Params, o)
			after, _, err := plan.Apply(c.Spec, c.Params)
			if err != nil {
				t.Fatal(err)
			}
			if o.TargetParams != nil && after.ParamCount() > half {
				t.Errorf("%s: %d parameters, want at most %d", meta.Checkpoint, after.ParamCount(), half)
			}
			d, before, err := Verify(forward, c.Spec, c.Params, plan, 1)
			if err != nil {
				t.Fatal(err)
			}
			dead := deadChannels(t, c, plan)
			t.Logf("%s: %d channels go of %d, %d dead; parameters %d => %d; differences %.2g and %.2g", meta.Checkpoint, plan.Removed, plan.Prunable, dead, c.Spec.ParamCount(), after.ParamCount(), d, before)
			if d > 1e-5 {
				t.Errorf("%s: compact and masked net differ by %g", meta.Checkpoint, d)
			}
			if o.TargetParams == nil && (plan.Removed != dead || math.IsNaN(before)) {
				t.Errorf("%s: %d channels go, %d are dead", meta.Checkpoint, plan.Removed, dead)
			}
			if meta.Checkpoint == "csnet-L-x1.pth.tar" && dead != 9 {
				t.Errorf("%s: %d dead channels, want 9", meta.Checkpoint, dead)
			}
		}
	}
}

// deadChannels counts the channels with a gamma below the fixed threshold.
func deadChannels(t *testing.T, c *checkpoint.Checkpoint, plan *Plan) int {
	n := 0
	for _, g := range plan.Groups {
		for _, s := range scoresOf(t, c.Params, g) {
			if s < 1e-20 {
				n++
			}
		}
	}
	return n
}
