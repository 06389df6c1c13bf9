package checkpoint

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csnet/internal/npz"
	"csnet/internal/shared"
	"csnet/model"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestStacking writes the rule out for one case: rows of output octave j,
// columns of input octave i.
func TestStacking(t *testing.T) {
	s := model.Spec{Dialect: "csnet", Norm: model.Norm{Kind: "batch", Eps: 1e-5}, Input: 3, Stages: []model.Stage{
		{Blocks: []model.Block{{Kernel: 3, Stride: 1, Out: []int{2, 1}}}},
		{Blocks: []model.Block{{Kernel: 1, Stride: 1, Out: []int{1, 0, 2}}}},
	}}
	vals := map[string][]float32{
		"stage1.0.mix.w00": {1, 2}, "stage1.0.mix.w10": {3},
		"stage1.0.mix.w02": {4, 5, 6, 7}, "stage1.0.mix.w12": {8, 9},
	}
	got := ToReleaseArrays(s, func(path string) []float32 { return vals[path] })
	want := ReleaseTensor{Shape: []int{3, 3, 1, 1}, Data: []float32{1, 2, 3, 4, 5, 8, 6, 7, 9}}
	if d := cmp.Diff(want, got["stage1.0.conv1x1.conv.weight"]); d != "" {
		t.Error(d)
	}
	if g, ok := got["stage1.0.conv1x1.bns.1.weight"]; !ok || len(g.Data) != 0 || !slices.Equal(g.Shape, []int{0}) {
		t.Errorf("absent octave's gamma is %v, %v; want shape [0]", g, ok)
	}
	if _, ok := got["cls_layer.weight"]; ok {
		t.Error("a tensor without values came out")
	}
}

func released(s model.Spec, p *model.Params) map[string]ReleaseTensor {
	return ToReleaseArrays(s, func(path string) []float32 { return p.Get(path).Data })
}

func shapesOf(ts map[string]ReleaseTensor) map[string][]int {
	out := map[string][]int{}
	for name, t := range ts {
		out[name] = t.Shape
	}
	return out
}

// trim drops an absent octave's keys, as some files do.
func trim(ts map[string]ReleaseTensor) map[string]ReleaseTensor {
	out := map[string]ReleaseTensor{}
	for name, t := range ts {
		if len(t.Data) > 0 {
			out[name] = t
		}
	}
	return out
}

// TestRecoverUnpruned: widths and splits of not pruned nets come back from
// shapes, with and without the keys of absent octaves.
func TestRecoverUnpruned(t *testing.T) {
	for _, width := range []float64{1, 1.2, 1.8, 2, 0.35} {
		for _, split := range [][]float64{{0.5, 0.5}, {1, 0}, {3, 1}, {1, 3}, {0, 1}, {1, 1, 2}, {0, 1, 0.5}, {1, 2, 1, 4}} {
			for _, alone := range []bool{false, true} {
				a := model.DefaultArch()
				a.Width, a.Split, a.ExtractorOnly = width, split, alone
				s, err := a.Spec()
				if err != nil {
					t.Fatal(err)
				}
				p := drawnParams(t, s, 5)
				full := released(s, p)
				for _, ts := range []map[string]ReleaseTensor{full, trim(full)} {
					c, err := (&foreignNet{tensors: ts}).checkpoint()
					if err != nil {
						t.Fatalf("width %g, split %v, alone %v: %v", width, split, alone, err)
					}
					if d := cmp.Diff(s, c.Spec); d != "" {
						t.Errorf("width %g, split %v, alone %v: %s", width, split, alone, d)
					}
					if d := sameTensors(p, c.Params); d != "" {
						t.Errorf("width %g, split %v: %s", width, split, d)
					}
				}
			}
		}
	}
}

// TestRecoverDrawn: pruned nets come back from shapes alone too. A net without
// a Spec in its file has the five usual dilations.
func TestRecoverDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpec(t)
		p := drawnParams(t, s, 1)
		c, err := (&foreignNet{tensors: released(s, p)}).checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(s, c.Spec); d != "" {
			t.Error(d)
		}
		if d := sameTensors(p, c.Params); d != "" {
			t.Error(d)
		}
	})
}

func TestReleaseParamsRefuses(t *testing.T) {
	c := tiny(t)
	ts := released(c.Spec, c.Params)
	const name = "stage1.0.conv1x1.conv.weight"
	for want, change := range map[string]ReleaseTensor{
		"tensor " + name + " has shape [1 2] and 2 values, the net needs [6 6 1 1]": {Shape: []int{1, 2}, Data: []float32{1, 2}},
		"and 1 values": {Shape: []int{6, 6, 1, 1}, Data: []float32{1}},
		"is missing":   {},
	} {
		_, err := ReleaseParams(c.Spec, func(n string) (ReleaseTensor, bool) {
			if n == name {
				return change, change.Shape != nil
			}
			x, ok := ts[n]
			return x, ok
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestGuessRefuses(t *testing.T) {
	c := tiny(t)
	for _, k := range []struct {
		name  string
		shape []int
		want  string
	}{
		{"stage0.0.conv1x1.conv.weight", []int{6, 3}, "not of 4 sides"},
		{"stage1.0.conv1x1.conv.weight", []int{6, 6, 1, 3}, "must be (out, in, k, k)"},
		{"stage1.0.conv1x1.conv.weight", []int{6, 6, 5, 5}, "kernel is 5"},
		{"stage1.0.conv1x1.conv.weight", []int{6, 7, 1, 1}, "the net needs [6 6 1 1]"},
		{"stage1.0.conv1x1.bns.0.weight", []int{1 << 40}, "must be 0 to 65536"},
		{"stage1.0.conv1x1.bns.0.weight", []int{3, 3}, "must be of one side"},
		{"oct_fuse.fuse.conv.weight", []int{6, 1, 1, 1}, "columns"},
		{"oct_fuse.ms.convs.0.msconv.0.weight", []int{1 << 40, 2, 3, 3}, "must be 0 to 65536"},
		{"oct_fuse.ms.convs.0.msconv.9.weight", []int{1, 1, 3, 3}, "the net needs"},
		{"oct_fuse.fuse1x1.bns.1.weight", []int{1}, "must be 1"},
		{"surplus", []int{1}, "is not part of the net"},
	} {
		ts := released(c.Spec, c.Params)
		ts[k.name] = ReleaseTensor{Shape: k.shape, Data: []float32{1}}
		if _, err := (&foreignNet{tensors: ts}).checkpoint(); err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s %v: got %v, want %q", k.name, k.shape, err, k.want)
		}
	}
	if _, err := ReleaseSpec(nil); err == nil {
		t.Error("no tensors, no error")
	}
}

// TestGoldenTraining: the reference runs' states and gradients have the names
// and shapes of this mapping, both ways.
func TestGoldenTraining(t *testing.T) {
	for _, dir := range shared.Glob(t, "golden/train_*") {
		raw, err := os.ReadFile(filepath.Join(dir, "meta.json"))
		if err != nil {
			t.Error(err)
			continue
		}
		var meta struct {
			Width float64
			Split []float64
		}
		if err := json.Unmarshal(raw, &meta); err != nil {
			t.Fatal(err)
		}
		a := model.DefaultArch()
		a.Width, a.Split = meta.Width, meta.Split
		s, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"init.npz", "after1.npz", "after3.npz", "step1.npz"} {
			goldenFile(t, s, filepath.Join(dir, file))
		}
	}
}

func goldenFile(t *testing.T, s model.Spec, path string) {
	arrays, err := npz.Load(path)
	if err != nil {
		t.Error(err)
		return
	}
	ts := map[string]ReleaseTensor{}
	for name, a := range arrays {
		if strings.HasSuffix(path, "step1.npz") {
			name, _ = strings.CutPrefix(name, "grad.")
		}
		if name != "logits" {
			ts[name] = ReleaseTensor{Shape: a.Shape, Data: a.F32()}
		}
	}
	grads := strings.HasSuffix(path, "step1.npz")
	p, err := ReleaseParams(s, func(name string) (ReleaseTensor, bool) {
		if grads && strings.Contains(name, ".running_") { // statistics have no gradient
			gamma := ts[name[:strings.LastIndex(name, ".")]+".weight"]
			return ReleaseTensor{Shape: gamma.Shape, Data: make([]float32, len(gamma.Data))}, true
		}
		x, ok := ts[name]
		return x, ok
	})
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	back := ToReleaseArrays(s, func(name string) []float32 {
		if x := p.Get(name); !grads || x.Role.Learned() {
			return x.Data
		}
		return nil
	})
	for name, x := range trim(ts) {
		if y := back[name]; !slices.Equal(x.Shape, y.Shape) || !slices.Equal(x.Data, y.Data) {
			t.Errorf("%s: %s %v came back as %v with other values", path, name, x.Shape, y.Shape)
		}
	}
	if len(trim(back)) != len(trim(ts)) {
		t.Errorf("%s: %d tensors came back, there are %d", path, len(trim(back)), len(trim(ts)))
	}
	if grads {
		return
	}
	found, err := ReleaseSpec(shapesOf(ts))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if d := cmp.Diff(s, found); d != "" {
		t.Errorf("%s: %s", path, d)
	}
	for _, x := range p.All() {
		if i := notFinite(x.Data); i >= 0 || math.IsNaN(float64(x.Data[0])) {
			t.Errorf("%s: %s is not finite", path, x.Path)
		}
	}
}
