package graph_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/checkpoint"
	"csnet/graph"
	"csnet/internal/npz"
	"csnet/internal/shared"
)

type importMeta struct {
	Checkpoint string
	Cases      []struct{ Input, Logits, Stages string }
}

// The released nets, every golden/import_*: logits within 1e-4 of PyTorch's in
// float64; every block's output, where given, within 1e-5 of its largest value.
func TestImportGolden(t *testing.T) {
	for _, dir := range shared.Glob(t, "golden/import_*") {
		raw, err := os.ReadFile(filepath.Join(dir, "meta.json"))
		if err != nil {
			t.Fatal(err)
		}
		var meta importMeta
		if err := json.Unmarshal(raw, &meta); err != nil {
			t.Fatal(err)
		}
		c, err := checkpoint.Import(filepath.Join(shared.Dir(t), "checkpoints", meta.Checkpoint))
		if err != nil {
			t.Fatal(err)
		}
		if len(meta.Cases) == 0 {
			t.Errorf("%s: no cases", dir)
		}
		pred := graph.NewPredictor(c.Spec, c.Params, 2)
		defer pred.Close()
		for _, k := range meta.Cases {
			t.Run(filepath.Base(dir)+"/"+k.Input, func(t *testing.T) {
				x, want := array(t, dir, k.Input), array(t, dir, k.Logits)
				got, err := pred.Batch(x.F32(), x.Shape[0], x.Shape[2], x.Shape[3])
				if err != nil {
					t.Fatal(err)
				}
				worst := absolute(got, want.F64)
				t.Logf("logits off by %.2g", worst)
				if !(worst <= 1e-4) {
					t.Errorf("logits off by %g, at most 1e-4", worst)
				}
				if k.Stages != "" {
					stages(t, c, x, filepath.Join(dir, k.Stages))
				}
			})
		}
	}
}

// stages compares every named output, in the prediction's own kind of net and
// with every buffer kept.
func stages(t *testing.T, c *checkpoint.Checkpoint, x npz.Array, path string) {
	want, err := npz.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 {
		t.Errorf("%s: no stages", path)
	}
	net, err := graph.Build(c.Spec, c.Params, graph.Options{Batch: x.Shape[0], H: x.Shape[2], W: x.Shape[3], Threads: 2, Tuning: graph.Tuning{KeepAll: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	if _, err := net.Forward(x.F32()); err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for key, a := range want {
		got := net.Values(ourName(key))
		if got == nil {
			t.Errorf("%s: no layer %s", key, ourName(key))
			continue
		}
		d := distance(got, a.F64)
		worst = math.Max(worst, d)
		if !(d <= 1e-5) {
			t.Errorf("%s off by %.2g of its largest value", key, d)
		}
	}
	t.Logf("%d stages, off by at most %.2g of their largest value", len(want), worst)
}

// ourName is the layer of a reference stage: block.b<octave>.
func ourName(key string) string {
	block, octave, _ := strings.Cut(key, ".b")
	switch {
	case block == "fuse.conv":
		return "csf.fuse." + octave
	case block == "fuse.ms":
		return fmt.Sprintf("csf.ms%s.%s", octave, octave)
	case block == "fuse.1x1":
		return "csf.out." + octave
	case strings.HasPrefix(block, "stage"):
		return block + ".dw2." + octave
	}
	return block
}

func array(t *testing.T, dir, name string) npz.Array {
	t.Helper()
	a, err := npz.LoadNPY(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// absolute is the largest difference.
func absolute(got []float32, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst := 0.0
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= worst) {
			worst = d
		}
	}
	return worst
}
