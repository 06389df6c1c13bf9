package graph_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"csnet/model"
	"csnet/prune"
)

// arch is a small net: width 0.2 (4 channels), three stages.
func arch(t testing.TB, change func(*model.Arch)) model.Spec {
	t.Helper()
	a := model.DefaultArch()
	a.Width, a.Blocks, a.Multipliers = 0.2, []int{1, 2, 2}, []float64{1, 1, 2, 3}
	a.Dilations = []int{1, 2, 4}
	if change != nil {
		change(&a)
	}
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// values fills a net with weights that keep its maps near 1, all different.
func values(t testing.TB, s model.Spec, seed uint64) *model.Params {
	t.Helper()
	p, err := s.NewParams(seed)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 3))
	for _, x := range p.All() {
		for i := range x.Data {
			switch x.Role {
			case model.Gamma:
				x.Data[i] = float32(math.Copysign(0.6+0.8*rng.Float64(), rng.Float64()-0.2))
			case model.Var:
				x.Data[i] = float32(0.5 + rng.Float64())
			case model.Beta, model.Mean:
				x.Data[i] = float32(0.5 * rng.NormFloat64())
			case model.Slope:
				x.Data[i] = float32(0.8 + 0.2*rng.Float64())
			case model.Weight:
				if len(x.Shape) == 4 && x.Shape[2] == 3 {
					x.Data[i] /= 50 // most of these carry a factor of 100
				}
			}
		}
	}
	return p
}

func normal(seed uint64, n int) []float32 {
	rng := rand.New(rand.NewPCG(seed, 4))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func uniform(seed uint64, n int) []float32 {
	rng := rand.New(rand.NewPCG(seed, 5))
	x := make([]float32, n)
	for i := range x {
		x[i] = rng.Float32()
	}
	return x
}

// pruned returns the net without the given share of its channels, chosen by
// random gammas.
func pruned(t testing.TB, s model.Spec, seed uint64, ratio float64) model.Spec {
	t.Helper()
	p := values(t, s, seed)
	plan, err := prune.NewPlan(s, p, prune.Options{Ratio: &ratio})
	if err != nil {
		t.Fatal(err)
	}
	after, err := plan.Spec(s)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// namedSpec is a net of a kind that a test goes through.
type namedSpec struct {
	name string
	spec model.Spec
}

// kinds lists nets of one to four octaves, with absent octaves, extractors
// alone and pruned ones.
func kinds(t testing.TB) []namedSpec {
	split := func(s ...float64) func(*model.Arch) { return func(a *model.Arch) { a.Split = s } }
	ks := []namedSpec{
		{"1/1", arch(t, nil)},
		{"1/0", arch(t, split(1, 0))},
		{"0/1", arch(t, split(0, 1))},
		{"3/1", arch(t, split(3, 1))},
		{"three octaves", arch(t, split(2, 1, 1))},
		{"middle octave absent", arch(t, split(1, 0, 1))},
		{"four octaves", arch(t, func(a *model.Arch) {
			a.Split, a.Blocks, a.Multipliers = []float64{1, 1, 1, 1}, []int{1, 2}, []float64{1, 2, 2}
		})},
		{"extractor", arch(t, func(a *model.Arch) { a.ExtractorOnly = true })},
		{"extractor at full size", arch(t, func(a *model.Arch) {
			a.ExtractorOnly, a.Blocks, a.Multipliers = true, []int{2}, []float64{1, 1}
		})},
		{"extractor 1/0", arch(t, func(a *model.Arch) { a.ExtractorOnly, a.Split = true, []float64{1} })},
	}
	for i, ratio := range []float64{0.3, 0.6, 0.9, 0.99} {
		for _, base := range []int{0, 4, 7} {
			k := ks[base]
			ks = append(ks, namedSpec{k.name + " pruned", pruned(t, k.spec, uint64(i), ratio)})
		}
	}
	return ks
}

// dialects lists nets of other dialects and of group norm.
func dialects(t testing.TB) []namedSpec {
	of := func(dialect string, change func(*model.Arch)) model.Spec {
		return arch(t, func(a *model.Arch) {
			if a.Dialect = dialect; change != nil {
				change(a)
			}
		})
	}
	group := func(a *model.Arch) { a.Norm, a.Groups, a.Head = model.GroupNorm, 2, []int{4, 6} }
	return []namedSpec{
		{"octave", of(model.Octave, nil)},
		{"octave, one", of(model.Octave, func(a *model.Arch) { a.Split = []float64{1} })},
		{"octave, three", of(model.Octave, func(a *model.Arch) { a.Split = []float64{2, 1, 1} })},
		{"octave, group norm", of(model.Octave, group)},
		{"csnet, group norm", of(model.CSNet, group)},
		{"resize", of(model.Resize, nil)},
		{"resize, one", of(model.Resize, func(a *model.Arch) { a.Split = []float64{1} })},
		{"resize, group norm", of(model.Resize, group)},
		{"resize, balance", of(model.Resize, func(a *model.Arch) { a.Balance = true })},
		{"resize, three, balance, group norm", of(model.Resize, func(a *model.Arch) {
			a.Width, a.Split = 0.4, []float64{2, 1, 1}
			group(a)
			a.Balance = true
		})},
		{"octave pruned", pruned(t, of(model.Octave, nil), 3, 0.6)},
	}
}

// distance is the largest difference over the largest reference value.
func distance(got []float32, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	largest, worst := 0.0, 0.0
	for i, w := range want {
		largest = math.Max(largest, math.Abs(w))
		if d := math.Abs(float64(got[i]) - w); !(d <= worst) {
			worst = d
		}
	}
	if largest == 0 {
		return worst
	}
	return worst / largest
}
