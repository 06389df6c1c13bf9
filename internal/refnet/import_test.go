package refnet

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/checkpoint"
	"csnet/internal/npz"
	"csnet/internal/shared"
)

// The released nets: logits, and every block's output where given, against
// PyTorch's. The logits were computed in float64, the stages in float32, hence
// their wider bound.
func TestImportGolden(t *testing.T) {
	for _, dir := range shared.Glob(t, "golden/import_*") {
		raw, err := os.ReadFile(filepath.Join(dir, "meta.json"))
		if err != nil {
			t.Fatal(err)
		}
		var meta struct {
			Checkpoint string
			Cases      []struct{ Input, Logits, Stages string }
		}
		if err := json.Unmarshal(raw, &meta); err != nil {
			t.Fatal(err)
		}
		c, err := checkpoint.Import(filepath.Join(shared.Dir(t), "checkpoints", meta.Checkpoint))
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range meta.Cases {
			x, want := array(t, dir, k.Input), array(t, dir, k.Logits)
			var stages map[string]npz.Array
			if k.Stages != "" {
				stages = load(t, filepath.Join(dir, k.Stages))
			}
			seen := 0
			got, err := Run(c.Spec, c.Params, x.F32(), x.Shape[0], x.Shape[2], x.Shape[3], Options{Visit: func(layer string, octave int, m Map) {
				a, ok := stages[stageKey(layer, octave)]
				if !ok {
					return
				}
				seen++
				if d := worst(m.Data, a.F64); d > 1e-5 {
					t.Errorf("%s: %s octave %d: off by %.2g of the largest", k.Input, layer, octave, d)
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if seen != len(stages) {
				t.Errorf("%s: %d of %d stages met", k.Stages, seen, len(stages))
			}
			d := worst(got, want.F64)
			t.Logf("%s: logits off by %.2g of the largest, %d stages", k.Input, d, seen)
			if d > 1e-9 {
				t.Errorf("%s: logits off by %g of the largest", k.Input, d)
			}
		}
	}
}

// stageKey is the reference's name of a layer's output; only the last layer of
// an ILBlock has one.
func stageKey(layer string, octave int) string {
	base, block := strings.CutSuffix(layer, ".dw2")
	switch {
	case layer == "csf.fuse":
		base = "fuse.conv"
	case strings.HasPrefix(layer, "csf.ms"):
		base = "fuse.ms"
	case layer == "csf.out":
		base = "fuse.1x1"
	case layer != "cls" && !block:
		return ""
	}
	return fmt.Sprintf("%s.b%d", base, octave)
}

func array(t *testing.T, dir, name string) npz.Array {
	t.Helper()
	a, err := npz.LoadNPY(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return a
}
