package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"csnet/model"
)

// A training net that recomputes maps takes less memory and gives the same
// bits as one that keeps them all.
func TestRecomputingGivesTheSameBits(t *testing.T) {
	t.Run("float32", func(t *testing.T) { recomputingSameBits(t, false) })
	t.Run("mixed", func(t *testing.T) { recomputingSameBits(t, true) })
}

func recomputingSameBits(t *testing.T, mixed bool) {
	for _, split := range [][]float64{{1, 1}, {1}, {0, 1}, {1, 1, 1}} {
		a := model.DefaultArch()
		a.Width, a.Blocks, a.Multipliers, a.Split = 0.3, []int{2, 3, 2}, []float64{1, 1, 2, 2}, split
		spec, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		m := spec.Multiple()
		kept, recomputed := limitedNet(t, spec, m, math.MaxInt, mixed), limitedNet(t, spec, m, 1, mixed)
		if k, r := kept.ArenaSize(), recomputed.ArenaSize(); 10*r > 8*k {
			t.Errorf("split %v: arena %d floats, %d with maps recomputed", split, k, r)
		}
		rng := rand.New(rand.NewPCG(5, 6))
		for step := range 3 {
			x, y := make([]float32, 2*3*m*m), make([]float32, 2*m*m)
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
			for i := range y {
				y[i] = rng.Float32()
			}
			for i := range recomputed.vm.Arena() {
				recomputed.vm.Arena()[i] = float32(math.NaN())
			}
			p, err := kept.Step(x, y)
			if err != nil {
				t.Fatal(err)
			}
			q, err := recomputed.Step(x, y)
			if err != nil {
				t.Fatal(err)
			}
			if p != q || math.IsNaN(p) {
				t.Errorf("split %v, step %d: loss %v, with maps recomputed %v", split, step, p, q)
			}
			if layer := recomputed.NotFinite(); layer != "" {
				t.Errorf("split %v, step %d: %s is said not to be finite", split, step, layer)
			}
			for i, l := range kept.Learned() {
				for k, g := range l.Grad {
					if math.Float32bits(g) != math.Float32bits(recomputed.Learned()[i].Grad[k]) {
						t.Fatalf("split %v, step %d: gradient of %s[%d] is %v, with maps recomputed %v", split, step, l.Path, k, g, recomputed.Learned()[i].Grad[k])
					}
				}
			}
		}
	}
}

func limitedNet(t *testing.T, spec model.Spec, m, limit int, mixed bool) *Net {
	t.Helper()
	params, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	net, err := Build(spec, params, Options{Batch: 2, H: m, W: m, Train: true, Threads: 2, Mixed: mixed, Tuning: Tuning{ArenaLimit: limit}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(net.Close)
	return net
}

// Maps written by streaming stores have the same bits.
func TestStreamedMapsHaveTheSameBits(t *testing.T) {
	t.Run("float32", func(t *testing.T) { streamedSameBits(t, false) })
	t.Run("mixed", func(t *testing.T) { streamedSameBits(t, true) })
}

func streamedSameBits(t *testing.T, mixed bool) {
	for _, split := range [][]float64{{1, 1}, {0, 1}, {1, 1, 1}} {
		a := model.DefaultArch()
		a.Width, a.Blocks, a.Multipliers, a.Split = 0.3, []int{2, 3, 2}, []float64{1, 1, 2, 2}, split
		spec, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		m := spec.Multiple()
		cached, streamed := limitedNet(t, spec, m, math.MaxInt, mixed), limitedNet(t, spec, m, 1, mixed)
		cached.env.StreamFloats, streamed.env.StreamFloats = math.MaxInt, 0
		rng := rand.New(rand.NewPCG(7, 8))
		x, y := make([]float32, 2*3*m*m), make([]float32, 2*m*m)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		for i := range y {
			y[i] = rng.Float32()
		}
		for range 2 {
			p, err := cached.Step(x, y)
			if err != nil {
				t.Fatal(err)
			}
			q, err := streamed.Step(x, y)
			if err != nil {
				t.Fatal(err)
			}
			if p != q {
				t.Errorf("split %v: loss %v, with streamed maps %v", split, p, q)
			}
			for i, l := range cached.Learned() {
				if !slices.EqualFunc(l.Grad, streamed.Learned()[i].Grad, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
					t.Fatalf("split %v: gradient of %s differs with streamed maps", split, l.Path)
				}
			}
		}
	}
}
