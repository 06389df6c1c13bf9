package graph_test

import (
	"fmt"
	"math"
	"testing"

	"csnet/graph"
	"csnet/internal/op/optest"
	"csnet/model"
)

// One image's logits have the same bits with any number of threads, and
// whether or not layers run in one, as they do unless all outputs are kept.
func TestOneImageSameBits(t *testing.T) {
	options := []graph.Options{{Threads: 1, Tuning: graph.Tuning{KeepAll: true}}, {Threads: 3, Tuning: graph.Tuning{KeepAll: true}}}
	for _, threads := range []int{1, 2, 3, 8} {
		for _, cache := range []int{0, 1, 1 << 10, 1 << 12, 1 << 13} {
			options = append(options, graph.Options{Threads: threads, Frozen: cache == 0, Tuning: graph.Tuning{L2Floats: cache}})
			stage := 8 * max(cache, 1)
			options = append(options, graph.Options{Threads: threads, Tuning: graph.Tuning{L2Floats: stage, L3Floats: 5 * threads * stage}})
		}
	}
	for name, change := range map[string]func(*model.Arch){
		"two octaves": func(a *model.Arch) { a.Split = []float64{2, 1} },
		"one":         func(a *model.Arch) { a.Split = []float64{1} },
		"three":       func(a *model.Arch) { a.Split = []float64{1, 1, 1} },
		"wide head":   func(a *model.Arch) { a.Head = []int{18, 18} }, // branches of several outputs
	} {
		t.Run(name, func(t *testing.T) {
			spec := arch(t, change)
			p := values(t, spec, 1)
			m := spec.Multiple()
			for _, size := range [][2]int{{m, m}, {3 * m, 2 * m}, {4 * m, 9 * m}, {26 * m, m}, {52 * m, m}} {
				var want []float32
				for _, o := range options {
					o.Batch, o.H, o.W = 1, size[0], size[1]
					what := fmt.Sprintf("%+v", o)
					net, err := graph.Build(spec, p, o)
					if err != nil {
						t.Fatal(err)
					}
					x := normal(3, 3*o.H*o.W)
					for range 2 {
						got, err := net.Forward(x)
						if err != nil {
							t.Fatal(err)
						}
						if want == nil {
							want = append(want, got...)
						}
						for i, v := range got {
							if math.Float32bits(v) != math.Float32bits(want[i]) {
								t.Fatalf("%s: logit %d is %v, with one thread and all kept %v", what, i, v, want[i])
							}
						}
					}
					net.Close()
				}
			}
		})
	}
}

// A net sees parameters that change between its runs.
func TestForwardAfterChange(t *testing.T) {
	spec := arch(t, nil)
	p := values(t, spec, 1)
	m := spec.Multiple()
	x := normal(3, 3*4*m*m)
	o := graph.Options{Batch: 1, H: 2 * m, W: 2 * m, Threads: 1}
	net, err := graph.Build(spec, p, o)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	if _, err := net.Forward(x); err != nil {
		t.Fatal(err)
	}
	for _, q := range p.All() {
		for i := range q.Data {
			q.Data[i] *= 1.25
		}
		got, err := net.Forward(x)
		if err != nil {
			t.Fatal(err)
		}
		fresh := graph.NewPredictor(spec, p, 1)
		want, err := fresh.Logits(x, 2*m, 2*m)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if math.Float32bits(v) != math.Float32bits(want[i]) {
				t.Fatalf("after %s changed: logit %d is %v, in a new net %v", q.Path, i, v, want[i])
			}
		}
		_ = fresh.Close()
	}
}

// A warm net allocates nothing in a run.
func TestForwardAllocations(t *testing.T) {
	spec := arch(t, nil)
	p := values(t, spec, 1)
	m := spec.Multiple()
	for _, threads := range []int{1, 2} {
		net, err := graph.Build(spec, p, graph.Options{Batch: 1, H: 4 * m, W: 4 * m, Threads: threads, Tuning: graph.Tuning{L2Floats: 1 << 10}})
		if err != nil {
			t.Fatal(err)
		}
		x := normal(3, 3*16*m*m)
		run := func() {
			if _, err := net.Forward(x); err != nil {
				t.Fatal(err)
			}
		}
		if n := optest.Allocations(threads, run); n > 0 {
			t.Errorf("%d threads: %v allocations in a run", threads, n)
		}
		net.Close()
	}
}
