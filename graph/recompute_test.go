package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"csnet/model"
)

// TestRemakeGivesTheSameBits training net that makes maps twice takes less memory and gives the same
// bits as one that keeps them all.
func TestRemakeGivesTheSameBits(t *testing.T) {
	for _, split := range [][]float64{{1, 1}, {1}, {0, 1}, {1, 1, 1}} {
		a := model.DefaultArch()
		a.Width, a.Blocks, a.Multipliers, a.Split = 0.3, []int{2, 3, 2}, []float64{1, 1, 2, 2}, split
		spec, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		m := spec.Multiple()
		kept, remade := rememberingNet(t, spec, m, math.MaxInt), rememberingNet(t, spec, m, 1)
		if k, r := kept.vm.ArenaSize(), remade.vm.ArenaSize(); 10*r > 8*k {
			t.Errorf("split %v: arena %d floats, %d with maps made twice", split, k, r)
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
			for i := range remade.vm.arena {
				remade.vm.arena[i] = float32(math.NaN())
			}
			p, err := kept.Step(x, y)
			if err != nil {
				t.Fatal(err)
			}
			q, err := remade.Step(x, y)
			if err != nil {
				t.Fatal(err)
			}
			if p != q || math.IsNaN(p) {
				t.Errorf("split %v, step %d: loss %v, with maps made twice %v", split, step, p, q)
			}
			if layer := remade.NotFinite(); layer != "" {
				t.Errorf("split %v, step %d: %s is said not to be finite", split, step, layer)
			}
			for i, l := range kept.Learned() {
				for k, g := range l.Grad {
					if math.Float32bits(g) != math.Float32bits(remade.Learned()[i].Grad[k]) {
						t.Fatalf("split %v, step %d: gradient of %s[%d] is %v, with maps made twice %v", split, step, l.Path, k, g, remade.Learned()[i].Grad[k])
					}
				}
			}
		}
	}
}

func rememberingNet(t *testing.T, spec model.Spec, m, roomy int) *Net {
	t.Helper()
	params, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	net, err := Build(spec, params, Options{Batch: 2, H: m, W: m, Train: true, Threads: 2, ArenaLimit: roomy})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(net.Close)
	return net
}

// TestFarMapsHaveTheSameBits written past the caches have the same bits.
func TestFarMapsHaveTheSameBits(t *testing.T) {
	for _, split := range [][]float64{{1, 1}, {0, 1}, {1, 1, 1}} {
		a := model.DefaultArch()
		a.Width, a.Blocks, a.Multipliers, a.Split = 0.3, []int{2, 3, 2}, []float64{1, 1, 2, 2}, split
		spec, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		m := spec.Multiple()
		near, far := rememberingNet(t, spec, m, math.MaxInt), rememberingNet(t, spec, m, 1)
		near.env.StreamFloats, far.env.StreamFloats = math.MaxInt, 0
		rng := rand.New(rand.NewPCG(7, 8))
		x, y := make([]float32, 2*3*m*m), make([]float32, 2*m*m)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		for i := range y {
			y[i] = rng.Float32()
		}
		for range 2 {
			p, err := near.Step(x, y)
			if err != nil {
				t.Fatal(err)
			}
			q, err := far.Step(x, y)
			if err != nil {
				t.Fatal(err)
			}
			if p != q {
				t.Errorf("split %v: loss %v, with far maps %v", split, p, q)
			}
			for i, l := range near.Learned() {
				if !slices.EqualFunc(l.Grad, far.Learned()[i].Grad, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
					t.Fatalf("split %v: gradient of %s differs with far maps", split, l.Path)
				}
			}
		}
	}
}
