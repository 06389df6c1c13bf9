package memory

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"csnet/graph"
	"csnet/model"
)

// The estimate is no less than what a net takes and not far above.
func TestNet(t *testing.T) {
	for _, width := range []float64{0.2, 1} {
		for _, split := range [][]float64{{1, 1}, {1, 0}, {0, 1}, {1, 1, 1}} {
			a := model.DefaultArch()
			a.Width, a.Split = width, split
			s, err := a.Spec()
			if err != nil {
				t.Fatal(err)
			}
			p, err := s.NewParams(1)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range []graph.Options{{Batch: 2, H: 64, W: 64, Train: true, Threads: 1}, {Batch: 2, H: 64, W: 64, Train: true, Mixed: true, Threads: 1}, {Batch: 1, H: 64, W: 64, Frozen: true, Threads: 1}, {Batch: 1, H: 160, W: 160, Frozen: true, Threads: 2}} {
				n, err := graph.Build(s, p, o)
				if err != nil {
					t.Fatal(err)
				}
				arena := 4 * float64(n.ArenaSize())
				n.Close()
				if need := maps(s, o); need < arena || need > 4*arena+4e6 {
					t.Errorf("width %g, split %v, %+v: estimated %g, the net takes %g", width, split, o, need, arena)
				}
			}
		}
	}
}

// maps is the estimate without parameters.
func maps(s model.Spec, o graph.Options) float64 {
	u := Evaluation
	switch {
	case o.Mixed:
		u = MixedTraining
	case o.Train:
		u = Training
	}
	return Net(s, o.Batch, o.H, u) - floatBytes*u.copies(s)*float64(s.ParamCount())
}

// The same for other dialects and large backbones, closer. The parameters of those must
// count.
func TestNetOpByOp(t *testing.T) {
	csf := func(backbone string) func(a *model.Arch) {
		return func(a *model.Arch) {
			a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, backbone, model.Resize, model.GroupNorm, 32
		}
	}
	for i, set := range []func(a *model.Arch){
		func(a *model.Arch) { a.Dialect = model.Octave },
		func(a *model.Arch) {
			a.Dialect, a.Norm, a.Groups, a.Head = model.Resize, model.GroupNorm, 5, []int{20, 40, 40}
		},
		csf("resnet50"), csf("res2net50"),
	} {
		a := model.DefaultArch()
		set(&a)
		s, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		if need := Net(s, 1, 32, Training); need < 16*float64(s.ParamCount()) {
			t.Errorf("net %d: estimated %g, parameters, gradients and moments alone take more", i, need)
		}
		sizes := []graph.Options{{Batch: 2, H: 64, W: 64, Train: true, Threads: 1}, {Batch: 1, H: 128, W: 128, Frozen: true, Threads: 1}}
		if a.Kind == model.KindCSF {
			sizes = sizes[:1] // the rest is below
			frozen := sizes[0]
			frozen.FrozenNorms = true
			sizes = append(sizes, frozen)
		}
		for _, o := range sizes {
			n, err := graph.Build(s, p, o)
			if err != nil {
				t.Fatal(err)
			}
			arena := 4 * float64(n.ArenaSize())
			n.Close()
			t.Logf("net %d, train %v, frozen norms %v: estimated %.3g, the net takes %.3g", i, o.Train, o.FrozenNorms, maps(s, o), arena)
			if need := maps(s, o); need < arena || need > 2*arena {
				t.Errorf("net %d, %+v: estimated %g, the net takes %g", i, o, need, arena)
			}
		}
	}
}

// In evaluation large backbones keep weights in several forms and work in memory of
// their ops: all that is held after a picture is what was estimated, to a factor of two.
func TestNetOfBackbones(t *testing.T) {
	if testing.Short() {
		t.Skip("evaluates nets of 36 million parameters at up to 448 pixels: minutes in plain Go or under the race detector")
	}
	held := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for _, backbone := range []string{"resnet50", "res2net50"} {
		a := model.DefaultArch()
		a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, backbone, model.Resize, model.GroupNorm, 32
		s, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range []int{64, 224, 448} {
			before := held()
			p, err := s.NewParams(1)
			if err != nil {
				t.Fatal(err)
			}
			net := graph.NewPredictor(s, p, 1)
			if _, err := net.Logits(make([]float32, 3*side*side), side, side); err != nil {
				t.Fatal(err)
			}
			took, need := held()-before, Net(s, 1, side, Evaluation)
			t.Logf("%s at %d: estimated %.3g, the net takes %.3g", backbone, side, need, took)
			if need < took || need > 2*took {
				t.Errorf("%s at %d: estimated %.3g, the net takes %.3g", backbone, side, need, took)
			}
			runtime.KeepAlive(p)
			if err := net.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// No number of a command line makes the estimate overflow.
func TestNetOfGiants(t *testing.T) {
	s, err := model.DefaultArch().Spec()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1 << 31, 1 << 62, math.MaxInt} {
		if need := Net(s, n, n, Training); !(need > 1e18) {
			t.Errorf("%d: %g", n, need)
		}
	}
	if n := Largest(1000, 500, func(n int) float64 { return float64(2 * n) }); n != 250 {
		t.Errorf("largest is %d", n)
	}
	if n := Largest(1000, 1, func(n int) float64 { return float64(2 * n) }); n != 0 {
		t.Errorf("largest is %d", n)
	}
	for want, b := range map[string]float64{"12 MB": 12e6, "1.5 GB": 1.5e9, "31 GB": 3.08e10} {
		if got := Text(b); got != want {
			t.Errorf("%g is %q, want %q", b, got, want)
		}
	}
}

func TestLeft(t *testing.T) {
	if n, ok := Left(); ok && (n < 1e6 || math.IsInf(n, 0)) {
		t.Errorf("%g bytes are left", n)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"memory.max": "1000000\n", "memory.current": "900000\n", "memory.stat": "anon 5\ninactive_file 300000\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testGroup(t, dir, 400000)
}
