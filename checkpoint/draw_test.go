package checkpoint

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"csnet/model"
)

// drawSpec draws a net of the release's plan with channels and octaves missing
// as after pruning: 1 to 3 octaves, 3 or 4 stages, with or without a head.
func drawSpec(t *rapid.T) model.Spec {
	n := rapid.IntRange(1, 3).Draw(t, "octaves")
	octaves := func(name string, n int) []int {
		cs := make([]int, n)
		for k := range cs {
			cs[k] = rapid.IntRange(0, 5).Draw(t, name)
		}
		if sum(cs) == 0 {
			cs[rapid.IntRange(0, n-1).Draw(t, "alive")] = 1
		}
		return cs
	}
	s := model.Spec{Dialect: "csnet", Norm: model.Norm{Kind: "batch", Eps: 1e-5}, Input: 3}
	last := rapid.IntRange(2, 4).Draw(t, "stages")
	for si := range last + 1 {
		var st model.Stage
		blocks := 1
		if si > 0 {
			blocks = rapid.IntRange(1, 3).Draw(t, "blocks")
		}
		for b := range blocks {
			blk := model.Block{Kernel: 1, Stride: 1}
			if b == 0 && si != 1 {
				blk.Kernel = 3
			}
			if b == 0 && si > 1 {
				blk.Stride = 2
			}
			if si > 1 && b == blocks-1 {
				blk.Out = octaves("last", 1)
			} else {
				blk.Out = octaves("out", n)
			}
			st.Blocks = append(st.Blocks, blk)
		}
		s.Stages = append(s.Stages, st)
	}
	if rapid.Bool().Draw(t, "head") {
		s.Head = drawHead(t, rapid.IntRange(1, last-1).Draw(t, "taps"), last)
	}
	return s
}

func drawHead(t *rapid.T, taps, last int) *model.Head {
	h := &model.Head{Dilations: []int{1, 2, 4, 8, 16}, Out: rapid.IntRange(1, 9).Draw(t, "out")}
	for k := range taps {
		h.Taps = append(h.Taps, last-taps+1+k)
		c := rapid.IntRange(0, 4).Draw(t, "fuse")
		if k == 0 {
			c++
		}
		h.Fuse = append(h.Fuse, c)
		ms := make([]int, 5)
		for d := range ms {
			if c > 0 {
				ms[d] = rapid.IntRange(0, 3).Draw(t, "ms")
			}
		}
		if k == 0 {
			ms[rapid.IntRange(0, 4).Draw(t, "branch")]++
		}
		h.MS = append(h.MS, ms)
	}
	return h
}

// drawnParams fills the tensors of a spec with values that all differ.
func drawnParams(t interface{ Fatal(...any) }, s model.Spec, seed uint64) *model.Params {
	p, err := s.NewParams(seed)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 7))
	for _, x := range p.All() {
		for i := range x.Data {
			x.Data[i] = float32(rng.NormFloat64())
			if x.Role == model.Var {
				x.Data[i] = float32(rng.ExpFloat64())
			}
		}
	}
	return p
}

// tiny is a small checkpoint with optimizer state.
func tiny(t testing.TB) *Checkpoint {
	a := model.DefaultArch()
	a.Width, a.Blocks = 0.3, []int{1, 1, 2}
	a.Multipliers = []float64{1, 1, 1, 1}
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	c := &Checkpoint{Spec: s, Params: drawnParams(t, s, 3), Config: "net:\n  width: 0.3 # é <&>\n", Step: 41, Manifest: "a 1\nb 2\n"}
	c.Run = &Run{
		Build: "1.2", CPU: "avx2+avx512", Train: Pictures{19, "ab"}, Validation: &Pictures{5, "cd"},
		Best: &Score{Step: 36, MAE: 1. / 3, MaxF: 0.1, ObjMaxF: 0.2, WF: 0.3}, Start: &Score{MAE: 0.5}, StartSize: 32, Size: 64, Stale: 1, Ended: 38, LossSum: math.Pi, LossSteps: 3, LastLoss: 0.1 + 0.2,
	}
	c.Optim = &OptimState{M: map[string][]float32{}, V: map[string][]float32{}}
	for i, x := range c.Params.All() {
		if !x.Role.Learned() {
			continue
		}
		m, v := make([]float32, len(x.Data)), make([]float32, len(x.Data))
		for k := range m {
			m[k], v[k] = float32(i)-float32(k)/7, float32(k)*1e-40 // denormal moments stay
		}
		c.Optim.M[x.Path], c.Optim.V[x.Path] = m, v
	}
	return c
}
