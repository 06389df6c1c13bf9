package graph_test

import (
	"math"
	"testing"

	"csnet/graph"
	"csnet/model"
	"csnet/optim"

	G "gorgonia.org/gorgonia"
)

// Logits, losses, gradients, weights, moments and running statistics of three
// steps have the same bits with 1, 2, 3, 4 and 8 threads, and run twice.
func TestThreadsSameBits(t *testing.T) {
	spec := arch(t, func(a *model.Arch) { a.Split = []float64{2, 1} })
	t.Run("float32", func(t *testing.T) { sameThreads(t, spec, false) })
	t.Run("mixed", func(t *testing.T) { sameThreads(t, spec, true) })
}

// The same in other dialects and with group norm.
func TestThreadsSameBitsDialects(t *testing.T) {
	for _, k := range dialects(t) {
		t.Run(k.name, func(t *testing.T) { sameThreads(t, k.spec, false) })
	}
}

func sameThreads(t *testing.T, spec model.Spec, mixed bool) {
	want := threeSteps(t, spec, 1, mixed)
	for _, threads := range []int{1, 2, 3, 4, 8} {
		got := threeSteps(t, spec, threads, mixed)
		if len(got) != len(want) {
			t.Fatalf("%d threads: %d values, 1 thread %d", threads, len(got), len(want))
		}
		for i := range got {
			if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
				t.Fatalf("%d threads: value %d is %v, 1 thread %v", threads, i, got[i], want[i])
			}
		}
	}
}

// threeSteps returns all numbers of a short run, its evaluation included.
func threeSteps(t *testing.T, spec model.Spec, threads int, mixed bool) []float32 {
	t.Helper()
	p, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	const n, h, w = 5, 32, 16
	net, err := graph.Build(spec, p, graph.Options{Batch: n, H: h, W: w, Train: true, Threads: threads, Mixed: mixed})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	var learned []G.ValueGrad
	var ps []optim.Param
	for _, l := range net.Learned() {
		q := optim.Param{Path: l.Path, L2: true}
		if l.Role == model.Gamma {
			q.Dynamic = &optim.Dynamic{Factor: 1, GAP: l.GAP}
		}
		ps, learned = append(ps, q), append(learned, l.Node)
	}
	adam := optim.NewAdam(optim.DefaultConfig(), optim.DefaultDWD(), ps)
	adam.LR = 1e-2
	var all []float32
	for step := range uint64(3) {
		loss, err := net.Step(normal(step, n*3*h*w), uniform(step, n*h*w))
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(all, float32(loss)), net.Logits()...)
		for _, l := range net.Learned() {
			all = append(append(all, l.Grad...), l.GAP...)
		}
		if err := adam.Step(learned); err != nil {
			t.Fatal(err)
		}
	}
	state := adam.State()
	for _, x := range p.All() {
		all = append(append(append(all, x.Data...), state.M[x.Path]...), state.V[x.Path]...)
	}
	pred := graph.NewPredictor(spec, p, threads)
	defer pred.Close()
	logits, err := pred.Batch(normal(9, 3*3*h*w), 3, h, w)
	if err != nil {
		t.Fatal(err)
	}
	return append(all, logits...)
}

// An image's logits do not depend on the batch it comes in.
func TestBatchSameBits(t *testing.T) {
	spec := arch(t, nil)
	p := values(t, spec, 1)
	const n, h, w = 4, 16, 32
	x := normal(1, n*3*h*w)
	pred := graph.NewPredictor(spec, p, 2)
	defer pred.Close()
	all, err := pred.Batch(x, n, h, w)
	if err != nil {
		t.Fatal(err)
	}
	all = append([]float32(nil), all...)
	for i := range n {
		one, err := pred.Logits(x[i*3*h*w:][:3*h*w], h, w)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range one {
			if math.Float32bits(v) != math.Float32bits(all[i*h*w+k]) {
				t.Fatalf("image %d: logit %d is %v alone, %v in a batch", i, k, v, all[i*h*w+k])
			}
		}
	}
}
