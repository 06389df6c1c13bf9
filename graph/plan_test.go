package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/op"
	"csnet/model"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"
)

// TestPlanKeepsBuffersApart in use at one time never share memory, whatever their sizes and
// spans, and the arena is not below what must lie in it at any one time.
func TestPlanKeepsBuffersApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.IntRange(1, 40).Draw(t, "end")
		drawSpan := rapid.Custom(func(t *rapid.T) span {
			from := rapid.IntRange(0, end).Draw(t, "from")
			return span{from, rapid.IntRange(from, end).Draw(t, "to")}
		})
		bufs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *buffer {
			return &buffer{
				size:  rapid.SampledFrom([]int{0, 1, 15, 16, 17, 100, 1000}).Draw(t, "size"),
				spans: rapid.SliceOfN(drawSpan, 1, 2).Draw(t, "spans"),
			}
		}), 0, 40).Draw(t, "buffers")
		total := plan(bufs)
		sum, bound := 0, lowerBound(bufs)
		for i, a := range bufs {
			if a.at < 0 || a.at+a.size > total || a.at%align != 0 {
				t.Fatalf("buffer %d of %d floats at %d in an arena of %d", i, a.size, a.at, total)
			}
			sum += (a.size + align - 1) / align * align
			for k, b := range bufs[:i] {
				if overlap(a.spans, b.spans) && a.at < b.at+b.size && b.at < a.at+a.size {
					t.Fatalf("buffers %d and %d share memory and time", i, k)
				}
			}
		}
		if total < bound || total > sum {
			t.Fatalf("arena of %d floats, must be at least %d and at most %d", total, bound, sum)
		}
	})
}

// overlap says it moment by moment.
func overlap(a, b []span) bool {
	at := map[int]bool{}
	for _, s := range a {
		for k := s.from; k <= s.to; k++ {
			at[k] = true
		}
	}
	for _, s := range b {
		for k := s.from; k <= s.to; k++ {
			if at[k] {
				return true
			}
		}
	}
	return false
}

// lowerBound is the most that is in use at one time.
func lowerBound(bufs []*buffer) int {
	use, most := map[int]int{}, 0
	for _, b := range bufs {
		at := map[int]bool{}
		for _, s := range b.spans {
			for k := s.from; k <= s.to; k++ {
				if !at[k] {
					at[k] = true
					use[k] += b.size
					most = max(most, use[k])
				}
			}
		}
	}
	return most
}

// TestPlanOfX1 x1 net's arena is within a quarter of what is in use at its fullest
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
		outs, grads := net.vm.lifetimes(t)
		bound := lowerBound(append(outs, grads...))
		t.Logf("train %v: arena %d floats, %d in use at once", train, net.vm.ArenaSize(), bound)
		if got := net.vm.ArenaSize(); got < bound || float64(got) > 1.25*float64(bound) {
			t.Errorf("train %v: arena %d floats, %d in use at once", train, got, bound)
		}
		net.Close()
	}
}

// lifetimes works lifetimes out again from the steps alone: an output lives from
// its Do to its last reader forwards, in training to its own DoDiff, or to the end
// where it has no norm; a gradient from its first writer to its own DoDiff. An output
// that lies where another one does counts as that, one of which there are only
// windows as none.
func (vm *VM) lifetimes(t *testing.T) (outs, grads []*buffer) {
	n, by := len(vm.steps), map[int]*buffer{}
	for k, s := range vm.steps {
		first, last := n, k
		for j, c := range vm.steps {
			for _, kid := range c.kids {
				if kid == s.node {
					first, last = min(first, j), max(last, j)
				}
			}
		}
		size := s.op.OutputSize()
		if size == 0 || s.idle {
			continue
		}
		o := &buffer{size: size, spans: []span{{k, last}}}
		if f, ok := s.op.(*op.Fused); ok && vm.learn && f.Norm() != nil {
			o.spans = []span{{k, 2*n - 1 - s.head}}
		} else if first == n || s.op.String() == "logits" || vm.learn {
			o.spans = []span{{k, 2*n - 1}}
		}
		if by[k] = o; s.overlaid > 0 {
			by[k] = by[s.overlaid-1]
			by[k].size, by[k].spans = max(by[k].size, size), append(by[k].spans, o.spans...)
		} else {
			outs = append(outs, o)
		}
		if vm.learn {
			grads = append(grads, &buffer{size: size, spans: []span{{2*n - 1 - last, 2*n - 1 - s.head}}})
		}
	}
	return outs, grads
}

// TestPlannedArenaAgainstBuffersApart training net gives the same bits with the planned arena, poisoned with NaN
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
			planned, apart := trainNet(t, spec, m), trainNet(t, spec, m)
			apart.vm.spread(t)
			rng := rand.New(rand.NewPCG(3, 4))
			for step := range 3 {
				x, y := make([]float32, 2*3*2*m*m), make([]float32, 2*2*m*m)
				for i := range x {
					x[i] = float32(rng.NormFloat64())
				}
				for i := range y {
					y[i] = rng.Float32()
				}
				for i := range planned.vm.arena {
					planned.vm.arena[i] = float32(math.NaN())
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

func trainNet(t *testing.T, spec model.Spec, m int) *Net {
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
	net, err := Build(spec, params, Options{Batch: 2, H: 2 * m, W: m, Train: true, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(net.Close)
	return net
}

// spread gives every output and gradient memory of its own.
func (vm *VM) spread(t *testing.T) {
	for k := range vm.steps {
		s := &vm.steps[k]
		n := s.op.OutputSize()
		if n == 0 {
			continue
		}
		y := s.node.Value().Data().([]float32)
		// The net holds on to its logits: those stay where they are.
		if s.op.String() != "logits" && s.op.String() != "cls" {
			y = make([]float32, n)
		}
		s.op.Bind(y)
		if err := G.UnsafeLet(s.node, tensor.New(tensor.WithShape(s.node.Shape()...), tensor.WithBacking(y))); err != nil {
			t.Fatal(err)
		}
		s.grad = make([]float32, n)
		G.WithGrad(tensor.New(tensor.WithShape(s.node.Shape()...), tensor.WithBacking(s.grad)))(s.node)
	}
}
