package graph_test

import (
	"runtime"
	"testing"

	"csnet/graph"
	"csnet/internal/op/optest"
	"csnet/model"
)

// A warm training net allocates nothing in a step.
func TestStepAllocations(t *testing.T) {
	t.Run("float32", func(t *testing.T) { stepAllocations(t, false) })
	t.Run("mixed", func(t *testing.T) { stepAllocations(t, true) })
}

func stepAllocations(t *testing.T, mixed bool) {
	for threads := 1; threads <= 2; threads++ {
		stepAllocationsOn(t, threads, mixed)
	}
}

func stepAllocationsOn(t *testing.T, threads int, mixed bool) {
	t.Helper()
	spec := arch(t, nil)
	n, h, w := 4, 64, 32
	net, err := graph.Build(spec, values(t, spec, 1), graph.Options{Batch: n, H: h, W: w, Train: true, Threads: threads, Mixed: mixed, Tuning: graph.Tuning{ArenaLimit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	x, y := normal(1, n*3*h*w), uniform(1, n*h*w)
	step := func() {
		if _, err := net.Step(x, y); err != nil {
			t.Fatal(err)
		}
	}
	if n := optest.Allocations(threads, step); n > 0 {
		t.Errorf("%d threads: %v allocations in a step", threads, n)
	}
}

// One training step of csnet-x1, batch 8, 224x224.
func BenchmarkStep(b *testing.B) {
	b.Run("float32", func(b *testing.B) { benchmarkStep(b, false) })
	b.Run("mixed", func(b *testing.B) { benchmarkStep(b, true) })
}

func benchmarkStep(b *testing.B, mixed bool) {
	spec, err := model.DefaultArch().Spec()
	if err != nil {
		b.Fatal(err)
	}
	p, err := spec.NewParams(1)
	if err != nil {
		b.Fatal(err)
	}
	const n, side = 8, 224
	net, err := graph.Build(spec, p, graph.Options{Batch: n, H: side, W: side, Train: true, Threads: runtime.GOMAXPROCS(0), Mixed: mixed})
	if err != nil {
		b.Fatal(err)
	}
	defer net.Close()
	x, y := normal(1, n*3*side*side), uniform(1, n*side*side)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := net.Step(x, y); err != nil {
			b.Fatal(err)
		}
	}
}

// csnet-x1 on one image of 224x224, evaluation.
func BenchmarkForward(b *testing.B) {
	spec, err := model.DefaultArch().Spec()
	if err != nil {
		b.Fatal(err)
	}
	p, err := spec.NewParams(1)
	if err != nil {
		b.Fatal(err)
	}
	pred := graph.NewPredictor(spec, p, 1)
	defer pred.Close()
	x := normal(1, 3*224*224)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pred.Logits(x, 224, 224); err != nil {
			b.Fatal(err)
		}
	}
}
