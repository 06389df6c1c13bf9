package checkpoint

import (
	"strings"
	"testing"

	"csnet/checkpoint/internal/safetensors"
	"csnet/model"
)

// The norms of a backbone have moments in a file where they learned, and none where they were
// frozen; every other parameter must have them.
func TestMomentsOfBackbones(t *testing.T) {
	specs := []model.TensorSpec{
		{Path: "base.stem0.w", Slot: model.Slot{Role: model.Weight}, Shape: []int{2, 1, 1, 1}},
		{Path: "base.stem0.norm0.gamma", Slot: model.Slot{Role: model.Gamma}, Shape: []int{2}, Frozen: true},
		{Path: "base.stem0.norm0.mean", Slot: model.Slot{Role: model.Mean}, Shape: []int{2}, Frozen: true},
	}
	state := func(paths ...string) *OptimState {
		o := &OptimState{M: map[string][]float32{}, V: map[string][]float32{}}
		for i, p := range paths {
			o.M[p], o.V[p] = []float32{float32(i), 1}, []float32{2, float32(i)}
		}
		return o
	}
	for _, paths := range [][]string{{specs[0].Path}, {specs[0].Path, specs[1].Path}} {
		ts, err := encodeMoments(specs, state(paths...))
		if err != nil {
			t.Fatal(err)
		}
		c, err := momentsOf(t, specs, ts)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Optim.M) != len(paths) || len(c.Optim.V) != len(paths) {
			t.Errorf("%v: read %v", paths, c.Optim)
		}
		for i, p := range paths {
			if m, v := c.Optim.M[p], c.Optim.V[p]; len(m) != 2 || m[0] != float32(i) || len(v) != 2 || v[1] != float32(i) {
				t.Errorf("moments of %s are %v and %v", p, m, v)
			}
		}
	}
	for _, o := range []*OptimState{state(specs[1].Path), state(specs[0].Path, specs[2].Path)} {
		if _, err := encodeMoments(specs, o); err == nil || !strings.Contains(err.Error(), "optimizer state") {
			t.Errorf("%v: %v", o.M, err)
		}
	}
	half, err := encodeMoments(specs, state(specs[0].Path, specs[1].Path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := momentsOf(t, specs, half[:3]); err == nil || !strings.Contains(err.Error(), momentV+specs[1].Path) {
		t.Errorf("a second moment is missing: %v", err)
	}
}

// momentsOf reads the moments of specs out of a file of ts.
func momentsOf(t *testing.T, specs []model.TensorSpec, ts []safetensors.Tensor) (*Checkpoint, error) {
	t.Helper()
	var file strings.Builder
	if err := safetensors.Write(&file, map[string]string{}, ts); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Parse([]byte(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	c := &Checkpoint{}
	return c, c.fillMoments(f, specs, map[string]bool{})
}
