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
		x, y := twoPictures(m)
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

// twoPictures is a batch of two drawn pictures, m on a side, and their targets.
func twoPictures(m int) (x, y []float32) {
	rng := rand.New(rand.NewPCG(5, 6))
	x, y = make([]float32, 2*3*m*m), make([]float32, 2*m*m)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for i := range y {
		y[i] = rng.Float32()
	}
	return x, y
}

// stepped is what a step leaves: values by path.
type stepped struct {
	loss               float64
	grads, means, vars map[string][]float32
}

// largeStep makes a step of a net whose weights before norms are times the drawn ones. Slopes
// of 1 keep PReLU's kink out.
func largeStep(t *testing.T, spec model.Spec, mixed bool, times float32) stepped {
	t.Helper()
	m := 4 * spec.Multiple()
	p, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.All() {
		for i := range v.Data {
			switch {
			case v.Role == model.Slope:
				v.Data[i] = 1
			case v.Role == model.Weight && !strings.HasPrefix(v.Path, "cls"):
				v.Data[i] *= times
			}
		}
	}
	n, err := Build(spec, p, Options{Batch: 2, H: m, W: m, Train: true, Threads: 2, Mixed: mixed})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	loss, err := n.Step(twoPictures(m))
	if err != nil || n.NotFinite() != "" {
		t.Fatalf("weights %g times as large, mixed %v: %v, layer %q is not finite", times, mixed, err, n.NotFinite())
	}
	s := stepped{loss, map[string][]float32{}, map[string][]float32{}, map[string][]float32{}}
	for _, l := range n.Learned() {
		s.grads[l.Path] = l.Grad
	}
	for _, v := range p.All() {
		switch v.Role {
		case model.Mean:
			s.means[v.Path] = v.Data
		case model.Var:
			s.vars[v.Path] = v.Data
		}
	}
	return s
}

// off is how far got is from want, as a share of want's length.
func off(got, want map[string][]float32) float64 {
	var diff, length float64
	for path, w := range want {
		for i, v := range w {
			d := float64(got[path][i]) - float64(v)
			diff, length = diff+d*d, length+float64(v)*float64(v)
		}
	}
	return math.Sqrt(diff / length)
}

// Where weights are so large that values of a map may not fit a float16, the map is multiplied
// by a power of two as it is stored: loss, gradients and running statistics are near those in
// float32 all the same.
func TestMixedScale(t *testing.T) {
	a := model.DefaultArch()
	a.Width, a.Blocks, a.Multipliers = 0.3, []int{2, 3, 2}, []float64{1, 1, 2, 2}
	spec, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	for _, times := range []float32{1, 1 << 12, 1 << 20, 1 << 30} {
		want, got := largeStep(t, spec, false, times), largeStep(t, spec, true, times)
		loss, grads := got.loss/want.loss-1, off(got.grads, want.grads)
		means, vars := off(got.means, want.means), off(got.vars, want.vars)
		report := t.Logf
		if math.Abs(loss) > 2e-3 || grads > 0.03 || means > 2e-3 || vars > 1e-3 {
			report = t.Errorf
		}
		report("weights %g times as large: beside float32 the loss is off by %.2g, gradients by %.2g of their length, running means by %.2g, variances by %.2g", times, loss, grads, means, vars)
	}
}
