package prune

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"csnet/model"
)

// drawSpec draws a small valid net: one to three octaves, absent ones among
// them, extractors, taps with several octaves, heads that were pruned before.
func drawSpec(t *rapid.T) model.Spec {
	a := model.DefaultArch()
	a.Width = rapid.SampledFrom([]float64{0.1, 0.2, 0.3}).Draw(t, "width")
	a.Split = rapid.SampledFrom([][]float64{{1}, {1, 1}, {0, 1}, {3, 1}, {1, 0, 1}, {2, 1, 1}}).Draw(t, "split")
	a.Blocks = rapid.SliceOfN(rapid.IntRange(1, 3), 1, 3).Draw(t, "blocks")
	a.Multipliers = []float64{1, 1, 2, 2}[:len(a.Blocks)+1]
	a.ExtractorOnly = len(a.Blocks) == 1 || rapid.Bool().Draw(t, "extractor")
	a.Dilations = []int{1, 2, 3}
	spec, err := a.Spec()
	if err != nil {
		t.Skip(err)
	}
	for si := 2; si < len(spec.Stages); si++ { // taps of two octaves
		if rapid.IntRange(0, 3).Draw(t, "tap") == 0 {
			bs := spec.Stages[si].Blocks
			bs[len(bs)-1].Out = []int{rapid.IntRange(0, 2).Draw(t, "fine"), 2}
		}
	}
	if h := spec.Head; h != nil && rapid.IntRange(0, 3).Draw(t, "old") == 0 {
		h.MS[0] = []int{0, 0, 0}
		if rapid.Bool().Draw(t, "fuse too") {
			h.Fuse[0] = 0
		}
	}
	if err := spec.Validate(); err != nil {
		t.Skip(err)
	}
	return spec
}

// drawParams returns values that all differ, gammas dead, tied or spread.
func drawParams(t *rapid.T, spec model.Spec) *model.Params {
	seed := rapid.Uint64().Draw(t, "seed")
	dead := rapid.SampledFrom([]float64{0, 0.2, 0.6, 0.95, 1}).Draw(t, "dead")
	return fill(t, spec, seed, dead)
}

func fill(t interface{ Fatal(...any) }, spec model.Spec, seed uint64, dead float64) *model.Params {
	p, err := spec.NewParams(seed)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for _, x := range p.All() {
		for i := range x.Data {
			switch x.Role {
			case model.Gamma:
				x.Data[i] = gamma(rng, dead)
			case model.Beta, model.Mean:
				x.Data[i] = float32(rng.NormFloat64())
			case model.Var:
				x.Data[i] = float32(0.5 + rng.Float64())
			case model.Slope:
				x.Data[i] = float32(rng.Float64())
			case model.Weight:
				if len(x.Shape) == 4 && x.Shape[2] == 3 {
					x.Data[i] /= 50 // most of these carry a factor of 100
				}
			}
		}
	}
	return p
}

func gamma(rng *rand.Rand, dead float64) float32 {
	if rng.Float64() < dead/2 { // three norms of an ILBlock: most are hit
		return []float32{0, 1e-21, -3e-25, 1e-38}[rng.IntN(4)]
	}
	if rng.IntN(4) == 0 {
		return 1
	}
	return float32(math.Copysign(0.1+rng.Float64(), rng.NormFloat64()))
}

// scoresOf works the scores out from the layers' names alone: the slow twin.
func scoresOf(t interface{ Fatalf(string, ...any) }, p *model.Params, g Group) []float64 {
	norms := []string{g.Layer}
	if n := len(g.Layer) - len(".mix"); g.Layer[n:] == ".mix" {
		norms = append(norms, g.Layer[:n]+".dw1", g.Layer[:n]+".dw2")
	}
	out := make([]float64, g.Channels)
	for i := range out {
		out[i] = math.Inf(1)
		for _, n := range norms {
			x := p.Get(n + ".norm" + string(rune('0'+g.Octave)) + ".gamma")
			if x == nil || len(x.Data) != g.Channels {
				t.Fatalf("%s octave %d: no gamma of %d channels", n, g.Octave, g.Channels)
			}
			out[i] = min(out[i], math.Abs(float64(x.Data[i])))
		}
	}
	return out
}

// runs says whether after, pruned from before, keeps to the rules: written
// again from the documentation of walk, on Specs.
func runs(before, after model.Spec, m int) bool {
	ok := true
	keep := func(b, a []int) {
		ok = ok && sum(a) >= min(m, sum(b))
	}
	last := func(s model.Spec, st int) []int {
		bs := s.Stages[st].Blocks
		return bs[len(bs)-1].Out[:1]
	}
	for i, st := range before.Stages {
		for j, b := range st.Blocks {
			keep(b.Out, after.Stages[i].Blocks[j].Out)
		}
	}
	if before.Head == nil {
		n := len(before.Stages) - 1
		keep(last(before, n), last(after, n))
		return ok
	}
	var tb, ta, mb, ma []int
	for _, t := range before.Head.Taps {
		tb, ta = append(tb, last(before, t)...), append(ta, last(after, t)...)
	}
	for k := range before.Head.MS {
		mb, ma = append(mb, sum(before.Head.MS[k])), append(ma, sum(after.Head.MS[k]))
		ok = ok && (after.Head.Fuse[k] > 0 || ma[k] == 0)
		ok = ok && (ma[k] > 0 || mb[k] == 0 || after.Head.Fuse[k] == 0)
	}
	keep(tb, ta)
	keep(mb, ma)
	keep(before.Head.Fuse, after.Head.Fuse)
	keep([]int{before.Head.Out}, []int{after.Head.Out})
	return ok
}

func sum(c []int) (n int) {
	for _, v := range c {
		n += v
	}
	return n
}

func ptr[T any](v T) *T { return &v }

func x1(t *testing.T) model.Spec {
	t.Helper()
	s, err := model.DefaultArch().Spec()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
