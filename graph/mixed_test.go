package graph

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"csnet/model"
)

// Nets that cannot be trained in mixed precision are refused by the name of what keeps them
// from it; evaluation is in float32 whatever the option says.
func TestCheckMixed(t *testing.T) {
	for _, c := range []struct {
		want   string // "": can be trained
		change func(*model.Arch)
	}{
		{"", func(*model.Arch) {}},
		{"net.dialect is octave", func(a *model.Arch) { a.Dialect = model.Octave }},
		{"net.dialect is resize", func(a *model.Arch) { a.Dialect = model.Resize }},
		{"net.norm is group", func(a *model.Arch) { a.Norm, a.Groups, a.Width, a.Head = model.GroupNorm, 2, 0.2, []int{2, 4, 4} }},
		{"net.kind is csf", func(a *model.Arch) {
			a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, "resnet50", model.Resize, model.GroupNorm, 32
		}},
	} {
		a := model.DefaultArch()
		c.change(&a)
		s, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		refused := func(err error) bool {
			return err != nil && strings.Contains(err.Error(), c.want+", which train.precision mixed cannot train")
		}
		if err := CheckMixed(s); (c.want == "") != (err == nil) || c.want != "" && !refused(err) {
			t.Errorf("%q: %v", c.want, err)
		}
		if c.want == "" || s.Kind == model.KindCSF {
			continue
		}
		p, err := s.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Build(s, p, Options{Batch: 2, H: 32, W: 32, Train: true, Threads: 1, Mixed: true}); !refused(err) {
			t.Errorf("%q: built: %v", c.want, err)
		}
	}
}

// Mixed precision takes half the memory and gives the loss and the gradient of float32 to
// about a hundredth of the gradient's length. Slopes of 1 keep PReLU's kink out: of values as
// near to 0 as they are rounded the gradient is that of one side or of the other, whatever
// the precision, and over thirty norms of few values that adds up to a tenth.
func TestMixedIsNearFloat32(t *testing.T) {
	for _, split := range [][]float64{{1, 1}, {1}, {0, 1}, {1, 1, 1}} {
		a := model.DefaultArch()
		a.Width, a.Blocks, a.Multipliers, a.Split = 0.3, []int{2, 3, 2}, []float64{1, 1, 2, 2}, split
		spec, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		m := 4 * spec.Multiple()
		full, mixed := limitedNet(t, spec, m, math.MaxInt, false), limitedNet(t, spec, m, math.MaxInt, true)
		if f, h := full.ArenaSize(), mixed.ArenaSize(); 100*h > 55*f {
			t.Errorf("split %v: arena %d floats, %d in mixed precision", split, f, h)
		}
		for _, n := range []*Net{full, mixed} {
			for _, l := range n.Learned() {
				for i := range l.Data {
					if l.Role == model.Slope {
						l.Data[i] = 1
					}
				}
			}
		}
		rng := rand.New(rand.NewPCG(5, 6))
		x, y := make([]float32, 2*3*m*m), make([]float32, 2*m*m)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		for i := range y {
			y[i] = rng.Float32()
		}
		p, err := full.Step(x, y)
		if err != nil {
			t.Fatal(err)
		}
		q, err := mixed.Step(x, y)
		if err != nil {
			t.Fatal(err)
		}
		if p == q || math.Abs(q/p-1) > 2e-3 {
			t.Errorf("split %v: loss %v, in mixed precision %v", split, p, q)
		}
		var dot, ff, hh float64
		for i, l := range full.Learned() {
			for k, g := range l.Grad {
				h := float64(mixed.Learned()[i].Grad[k])
				dot, ff, hh = dot+float64(g)*h, ff+float64(g)*float64(g), hh+h*h
			}
		}
		if cos := dot / math.Sqrt(ff*hh); cos < 0.9995 || math.Abs(math.Sqrt(hh/ff)-1) > 0.01 {
			t.Errorf("split %v: gradient of length %v, in mixed precision %v, cosine %v", split, math.Sqrt(ff), math.Sqrt(hh), cos)
		} else {
			t.Logf("split %v: lengths %v and %v, 1 - cosine %.2g", split, math.Sqrt(ff), math.Sqrt(hh), 1-cos)
		}
	}
}
