package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/op"
	"csnet/internal/op/learn"
	"csnet/model"
)

// The x1 net's arena is within a quarter of what is in use at its fullest
// moment, in training and in evaluation.
func TestPlanOfX1(t *testing.T) {
	spec, err := model.DefaultArch().Spec()
	if err != nil {
		t.Fatal(err)
	}
	params, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, train := range []bool{false, true} {
		net, err := Build(spec, params, Options{Batch: 1, H: 224, W: 224, Train: train, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		bound := inUseAtOnce(net.lifetimes())
		t.Logf("train %v: arena %d floats, %d in use at once", train, net.ArenaSize(), bound)
		if got := net.ArenaSize(); got < bound || float64(got) > 1.25*float64(bound) {
			t.Errorf("train %v: arena %d floats, %d in use at once", train, got, bound)
		}
		net.Close()
	}
}

// held is memory in use during some stretches of time, ends included.
type held struct {
	size  int
	spans [][2]int
}

// inUseAtOnce is the most that is in use at one time.
func inUseAtOnce(hs []*held) int {
	use, most := map[int]int{}, 0
	for _, h := range hs {
		at := map[int]bool{}
		for _, s := range h.spans {
			for k := s[0]; k <= s[1]; k++ {
				if !at[k] {
					at[k] = true
					use[k] += h.size
					most = max(most, use[k])
				}
			}
		}
	}
	return most
}

// lifetimes works lifetimes out again from who reads what alone: an output lives from its Do
// to its last reader forwards, in training to its own DoDiff, or to the end where it has no
// norm; a gradient from its first writer to its own DoDiff, but that of csf.out, which is made
// of cls's where it is read: cls's lives until then. An output that lies where
// another one does counts as that, one of which there are only windows as none.
func (net *Net) lifetimes() []*held {
	steps, train := net.vm.Plan(), net.opts.Train
	var all []*held
	n, by := len(steps), map[int]*held{}
	for k, s := range steps {
		first, last := n, k
		for j, reader := range steps {
			for _, i := range reader.Inputs {
				if i == k {
					first, last = min(first, j), max(last, j)
				}
			}
		}
		size := s.Op.OutputSize()
		if size == 0 || s.Idle {
			continue
		}
		o := &held{size: size, spans: [][2]int{{k, last}}}
		if train && normed(s.Op) {
			o.spans = [][2]int{{k, 2*n - 1 - s.Head}}
		} else if first == n || s.Op.String() == "logits" || train {
			o.spans = [][2]int{{k, 2*n - 1}}
		}
		if by[k] = o; s.Overlay > 0 {
			by[k] = by[s.Overlay-1]
			by[k].size, by[k].spans = max(by[k].size, size), append(by[k].spans, o.spans...)
		} else {
			all = append(all, o)
		}
		if train && s.Op.String() != "csf.out.0" {
			until := 2*n - 1 - s.Head
			if s.Op.String() == "cls" {
				until++
			}
			all = append(all, &held{size: size, spans: [][2]int{{2*n - 1 - last, until}}})
		}
	}
	return all
}

// normed reports whether the op of a training net has a norm.
func normed(s op.Step) bool { return learn.NormOf(s) != nil }

// A training net gives the same bits with the planned arena, poisoned with NaN
// before every run, as with every output and gradient in memory of its own.
func TestPlannedArenaAgainstBuffersApart(t *testing.T) {
	for _, split := range [][]float64{{1, 1}, {1}, {0, 1}, {1, 1, 1}} {
		t.Run(fmt.Sprint(split), func(t *testing.T) {
			a := model.DefaultArch()
			a.Width, a.Blocks, a.Multipliers, a.Split = 0.2, []int{2, 2, 2}, []float64{1, 1, 2, 2}, split
			spec, err := a.Spec()
			if err != nil {
				t.Fatal(err)
			}
			m := spec.Multiple()
			planned, apart := trainNet(t, spec, m, false), trainNet(t, spec, m, true)
			rng := rand.New(rand.NewPCG(3, 4))
			for step := range 3 {
				x, y := make([]float32, 2*3*2*m*m), make([]float32, 2*2*m*m)
				for i := range x {
					x[i] = float32(rng.NormFloat64())
				}
				for i := range y {
					y[i] = rng.Float32()
				}
				for i := range planned.vm.Arena() {
					planned.vm.Arena()[i] = float32(math.NaN())
				}
				p, err := planned.Step(x, y)
				if err != nil {
					t.Fatal(err)
				}
				q, err := apart.Step(x, y)
				if err != nil {
					t.Fatal(err)
				}
				if p != q || math.IsNaN(p) {
					t.Errorf("step %d: loss %v, with buffers apart %v", step, p, q)
				}
				for i, l := range planned.learned {
					for k, g := range l.Grad {
						if math.Float32bits(g) != math.Float32bits(apart.learned[i].Grad[k]) {
							t.Fatalf("step %d: gradient of %s[%d] is %v, with buffers apart %v", step, l.Path, k, g, apart.learned[i].Grad[k])
						}
					}
				}
			}
		})
	}
}

func trainNet(t *testing.T, spec model.Spec, m int, noReuse bool) *Net {
	t.Helper()
	params, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range params.All() {
		if x.Role == model.Gamma {
			for i := range x.Data {
				x.Data[i] = 0.5 + float32(i%5)/4
			}
		}
	}
	net, err := Build(spec, params, Options{Batch: 2, H: 2 * m, W: m, Train: true, Threads: 2, Tuning: Tuning{NoReuse: noReuse}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(net.Close)
	return net
}
