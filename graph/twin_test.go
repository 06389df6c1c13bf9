package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"csnet/graph"
	"csnet/internal/refnet"
	"csnet/model"
)

// Evaluation mode against the float64 twin: nets of every kind, sides that
// differ, one image and several. Some 40 layers of float32 sums leave some
// 1e-6 of the largest logit.
func TestEvaluationAgainstTwin(t *testing.T) {
	for i, k := range append(kinds(t), dialects(t)...) {
		t.Run(fmt.Sprint(i, " ", k.name), func(t *testing.T) {
			p := values(t, k.spec, uint64(i)+9)
			m := k.spec.Coarsest()
			pred := graph.NewPredictor(k.spec, p, 2)
			defer pred.Close()
			sizes := [][3]int{{1, m, m}, {2, 2 * m, m}, {3, m, 3 * m}, {1, 12 * m, m}}
			if !k.spec.FixedSizes() {
				sizes = append(sizes, [3]int{1, 3*m - 1, 2*m + 3}, [3]int{2, m + 1, 4*m - 3})
			}
			for _, size := range sizes {
				n, h, w := size[0], size[1], size[2]
				x := normal(uint64(i), n*3*h*w)
				want, err := refnet.Forward(k.spec, p, x, n, h, w)
				if err != nil {
					t.Fatal(err)
				}
				got, err := pred.Batch(x, n, h, w)
				if err != nil {
					t.Fatal(err)
				}
				if d := distance(got, want); !(d <= 1e-5) {
					t.Errorf("%d of %dx%d: logits off by %.2g of the largest", n, h, w, d)
				}
			}
		})
	}
}

// twinLoss is the mean BCE of the twin, with norms on the batch's statistics (train) or
// on the running ones.
func twinLoss(t *testing.T, s model.Spec, p *model.Params, x, y []float32, n, h, w int, train bool) float64 {
	t.Helper()
	z, err := refnet.Run(s, p, x, n, h, w, refnet.Options{Train: train})
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i, v := range z {
		sum += math.Max(v, 0) - v*float64(y[i]) + math.Log1p(math.Exp(-math.Abs(v)))
	}
	return sum / float64(len(z))
}

// Whole nets in training: loss, and of every parameter a gradient against
// central differences through the float64 twin. Slopes of 1 take the PReLU's
// kinks out of the differences (layers has them one by one). Batch norms over
// few values carry float32 rounding of the maps, 6e-8, up to some 1e-4 of the
// gradients; a wrong or missing path is wrong by about 1. A weight alone before
// its norm has a gradient of 0, of which the rounding of its terms remains:
// hence 1e-6 of the net's largest gradient.
func TestTrainingGradientsAgainstTwin(t *testing.T) {
	ks, others := kinds(t)[:13], dialects(t)
	if testing.Short() {
		ks = ks[:6]
	}
	gradientsAgainstTwin(t, append(ks, others...), false)
}

// With frozen norms the same, of a net that normalises by its running statistics: those
// stay as they are.
func TestFrozenNormGradientsAgainstTwin(t *testing.T) {
	others := dialects(t)
	gradientsAgainstTwin(t, append(kinds(t)[:4], others[0], others[5], others[8]), true)
}

// Group norms have no running statistics to keep.
func TestFrozenNormsOfOtherNets(t *testing.T) {
	k := dialects(t)[3]
	n := k.spec.Coarsest()
	_, err := graph.Build(k.spec, values(t, k.spec, 1), graph.Options{Batch: 1, H: n, W: n, Train: true, FrozenNorms: true, Threads: 1})
	if err == nil || !strings.Contains(err.Error(), "train.norm") {
		t.Errorf("%s: %v", k.name, err)
	}
}

func gradientsAgainstTwin(t *testing.T, ks []namedSpec, frozen bool) {
	t.Helper()
	for i, k := range ks {
		t.Run(fmt.Sprint(i, " ", k.name), func(t *testing.T) {
			t.Parallel()
			p := values(t, k.spec, uint64(i)+31)
			for _, x := range p.All() {
				for c := range x.Data {
					if x.Role == model.Slope {
						x.Data[c] = 1
					}
				}
			}
			n, h, w := 4, k.spec.Coarsest(), k.spec.Coarsest()
			if !k.spec.FixedSizes() {
				h, w = h+3, w+1
			}
			x, y := normal(uint64(i), n*3*h*w), uniform(uint64(i), n*h*w)
			q := p.Clone()
			net, err := graph.Build(k.spec, q, graph.Options{Batch: n, H: h, W: w, Train: true, FrozenNorms: frozen, Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			defer net.Close()
			loss, err := net.Step(x, y)
			if err != nil {
				t.Fatal(err)
			}
			if want := twinLoss(t, k.spec, p, x, y, n, h, w, !frozen); math.Abs(loss-want) > 1e-5*want {
				t.Errorf("loss is %v, want %v", loss, want)
			}
			for i, was := range p.All() {
				if is := q.All()[i]; !was.Role.Learned() && slices.Equal(was.Data, is.Data) != frozen {
					t.Errorf("frozen %v, and %s went from %v to %v", frozen, was.Path, was.Data, is.Data)
				}
			}
			rng := rand.New(rand.NewPCG(1, uint64(i)))
			ofAll := 0.0
			for _, l := range net.Learned() {
				ofAll = math.Max(ofAll, largestOf(l.Grad))
			}
			for _, l := range net.Learned() {
				largest := largestOf(l.Grad)
				at := rng.IntN(len(l.Grad))
				want := slope(p.Get(l.Path), at, func() float64 { return twinLoss(t, k.spec, p, x, y, n, h, w, !frozen) })
				if d := math.Abs(float64(l.Grad[at]) - want); !(d <= 1e-3*largest+1e-6*ofAll) {
					t.Errorf("%s[%d]: gradient %g, differences give %g (largest %g)", l.Path, at, l.Grad[at], want, largest)
				}
			}
		})
	}
}

func largestOf(xs []float32) float64 {
	largest := 0.0
	for _, x := range xs {
		largest = math.Max(largest, math.Abs(float64(x)))
	}
	return largest
}

// slope is the central difference of f along value i of x, over the step that
// float32 makes of 1e-4 of the tensor's largest value.
func slope(x *model.Tensor, i int, f func() float64) float64 {
	old, largest := x.Data[i], float32(0.01)
	for _, v := range x.Data {
		largest = max(largest, v, -v)
	}
	defer func() { x.Data[i] = old }()
	x.Data[i] = old + 1e-4*largest
	hi, up := float64(x.Data[i]), f()
	x.Data[i] = old - 1e-4*largest
	lo, down := float64(x.Data[i]), f()
	return (up - down) / (hi - lo)
}

// GAP of every norm of the ILBlocks: mean over the batch of |mean over the map|
// of the PReLU's output.
func TestGAPAgainstTwin(t *testing.T) {
	spec := arch(t, nil)
	p := values(t, spec, 5)
	n, h, w := 3, 32, 16
	x := normal(1, n*3*h*w)
	want := map[string][]float64{}
	_, err := refnet.Run(spec, p, x, n, h, w, refnet.Options{Train: true, Visit: func(layer string, octave int, m refnet.Map) {
		s := make([]float64, m.C)
		for i := range m.N * m.C {
			var mean float64
			for _, v := range m.Data[i*m.H*m.W:][:m.H*m.W] {
				mean += v / float64(m.H*m.W)
			}
			s[i%m.C] += math.Abs(mean) / float64(m.N)
		}
		want[fmt.Sprintf("%s.norm%d.gamma", layer, octave)] = s
	}})
	if err != nil {
		t.Fatal(err)
	}
	net, err := graph.Build(spec, p, graph.Options{Batch: n, H: h, W: w, Train: true, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	if _, err := net.Step(x, uniform(2, n*h*w)); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, l := range net.Learned() {
		if l.Role != model.Gamma {
			if l.GAP != nil {
				t.Errorf("%s has a GAP", l.Path)
			}
			continue
		}
		seen++
		if d := distance(l.GAP, want[l.Path]); !(d <= 1e-5) {
			t.Errorf("GAP of %s off by %.2g of the largest", l.Path, d)
		}
		if !strings.Contains(l.Path, ".norm") {
			t.Errorf("%s is no norm's", l.Path)
		}
	}
	if seen == 0 {
		t.Error("no gammas")
	}
}
