package infer

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// block is a pointwise gOctConv of two octaves and two depthwise layers an
// octave, the outputs of the last ones outside: ops in the order of a run and,
// of each, its inputs from outside (0 fine, 1 coarse) or from op -1-i.
type block struct {
	ops  []*Op
	from [][]int
	ws   [][]G.Value
	x    [2]*tensor.Dense
}

func newBlock(t *testing.T, env *Env, b, h, w int) block {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(shape ...int) *tensor.Dense {
		d := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
		for i := range d.Float32s() {
			d.Float32s()[i] = float32(rng.NormFloat64())
		}
		return d
	}
	channels, hs, ws := []int{3, 2}, []int{h, h / 2}, []int{w, w / 2}
	var k block
	in := []op.OctIn{{Channels: 3, H: h, W: w}, {Octave: 1, Channels: 2, H: h / 2, W: w / 2}}
	shapes := []tensor.Shape{{b, 3, h, w}, {b, 2, h / 2, w / 2}}
	for j := range 2 {
		k.x[j] = random(shapes[j]...)
		mix, err := op.NewOct(in, j, channels[j], 1, 1, false, 1)
		if err != nil {
			t.Fatal(err)
		}
		ws0, ws1 := random(channels[j], 3, 1, 1), random(channels[j], 2, 1, 1)
		f := New(env, op.Fused{Name: "mix", Conv: mix, Maps: shapes, Weights: []tensor.Shape{ws0.Shape(), ws1.Shape()}}, nil, false)
		k.ops, k.from, k.ws = append(k.ops, f), append(k.from, []int{0, 1}), append(k.ws, []G.Value{ws0, ws1})
	}
	for layer := range 2 {
		for j := range 2 {
			w9 := random(channels[j], 1, 3, 3)
			dw := op.Depthwise{C: channels[j], H: hs[j], W: ws[j], Scale: 1}
			f := New(env, op.Fused{Name: "dw", Conv: dw, Maps: shapes[j : j+1], Weights: []tensor.Shape{w9.Shape()}}, nil, false)
			k.ops, k.from, k.ws = append(k.ops, f), append(k.from, []int{-1 - 2*layer - j}), append(k.ws, []G.Value{w9})
		}
	}
	return k
}

// segment binds the block as one, its outputs where its inputs lie if over.
func (k block) segment(t *testing.T, cache int, over bool) *Segment {
	t.Helper()
	var from [][]int
	for _, f := range k.from {
		var m []int
		for _, j := range f {
			m = append(m, max(-1-j, -1))
		}
		from = append(from, m)
	}
	g := NewSegment(k.ops, from, []bool{false, false, false, false, true, true}, cache)
	for j := range 2 {
		readers := []Reader{{0, j}, {1, j}}
		if over && !g.Overlay(4+j, readers) {
			t.Fatalf("octave %d: the output cannot lie where the input does", j)
		}
		if over {
			k.ops[4+j].Bind(k.x[j].Float32s())
		}
	}
	g.Bind()
	return g
}

// run runs all ops.
func (k block) run(t *testing.T) (y [2][]float32) {
	t.Helper()
	for i, f := range k.ops {
		var vs []G.Value
		for _, j := range k.from[i] {
			if j < 0 {
				vs = append(vs, k.ops[-1-j].Output())
				continue
			}
			vs = append(vs, k.x[j])
		}
		if _, err := f.Do(append(vs, k.ws[i]...)...); err != nil {
			t.Fatal(err)
		}
	}
	return [2][]float32{k.ops[4].Y, k.ops[5].Y}
}

// Outputs that lie where the inputs do have the bits of those that do not,
// whatever the band and whichever part of an image is done first.
func TestOverlaySameBits(t *testing.T) {
	const h, w = 72, 6
	one := newEnv(1)
	defer one.Close()
	apart := newBlock(t, one, 1, h, w)
	apart.segment(t, 1<<20, false)
	want := apart.run(t)
	for _, threads := range []int{1, 2, 3} {
		env := newEnv(threads)
		defer env.Close()
		for _, cache := range []int{1, 1000, 2000, 1 << 20} {
			k := newBlock(t, env, 1, h, w)
			x := [2][]float32{slices.Clone(k.x[0].Float32s()), slices.Clone(k.x[1].Float32s())}
			g := k.segment(t, cache, true)
			same := func(how string, got [2][]float32) {
				for j := range got {
					for i, v := range got[j] {
						if math.Float32bits(v) != math.Float32bits(want[j][i]) {
							t.Fatalf("%d threads, cache %d, %s: octave %d, float %d is %v, with memory of its own %v", threads, cache, how, j, i, v, want[j][i])
						}
					}
				}
			}
			same("as it comes", k.run(t))
			for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
				for j := range x {
					copy(k.x[j].Float32s(), x[j])
				}
				for _, f := range []func(thread, i int){g.runPart, g.copySeams} {
					for _, p := range order {
						if f != nil && p < g.parts {
							f(0, p)
						}
					}
				}
				same("in another order", [2][]float32{k.ops[4].Y, k.ops[5].Y})
			}
		}
	}
}

// A map does not lie where one does that is read too late or has another shape.
func TestOverlayRefuses(t *testing.T) {
	env := newEnv(1)
	defer env.Close()
	k := newBlock(t, env, 1, 32, 8)
	g := NewSegment(k.ops, [][]int{{-1, -1}, {-1, -1}, {0}, {1}, {2}, {3}}, []bool{true, false, false, false, true, true}, 100)
	for what, ok := range map[string]bool{
		"the op reads it itself":  g.Overlay(0, []Reader{{0, 0}}),
		"an op after it reads it": g.Overlay(0, []Reader{{1, 0}}),
		"half as high":            g.Overlay(5, []Reader{{0, 0}, {1, 0}}),
		"only windows of it":      g.Overlay(3, []Reader{{0, 0}}),
	} {
		if ok {
			t.Error(what)
		}
	}
	if !g.Overlay(4, []Reader{{0, 0}, {1, 0}}) || g.Overlay(4, []Reader{{0, 0}, {1, 0}}) {
		t.Error("an output takes one place, once")
	}
	many := newEnv(5)
	defer many.Close()
	k = newBlock(t, many, 1, 30, 8) // parts of six fine rows
	if g := k.segment(t, 100, false); g.Overlay(4, []Reader{{0, 0}, {1, 0}}) {
		t.Error("parts shorter than what others read of them")
	}
}

func newEnv(threads int) *Env { return NewEnv(op.NewEnv(threads)) }
