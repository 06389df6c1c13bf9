package graph_test

import (
	"fmt"
	"math"
	"testing"

	"csnet/graph"
	"csnet/internal/op"
	"csnet/layers"
	"csnet/model"

	G "gorgonia.org/gorgonia"
)

// Gorgonia's LispMachine, which owns every buffer and gradient apart and
// differentiates in an order of its own, gives the loss and the gradients of
// our VM.
func TestLispMachine(t *testing.T) {
	for i, s := range []model.Spec{
		arch(t, nil),
		arch(t, func(a *model.Arch) { a.Split = []float64{1} }),
		arch(t, func(a *model.Arch) { a.Split = []float64{2, 1, 1} }),
		arch(t, func(a *model.Arch) { a.ExtractorOnly = true }),
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) { lispCase(t, s) })
	}
}

func lispCase(t *testing.T, s model.Spec) {
	n, h, w := 2, 2*s.Multiple(), s.Multiple()
	x, y := normal(1, n*3*h*w), uniform(2, n*h*w)
	p := values(t, s, 3)
	q := p.Clone()
	net, err := graph.Build(s, p, graph.Options{Batch: n, H: h, W: w, Train: true, Threads: 2, Tuning: graph.Tuning{NoFusion: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	loss, err := net.Step(x, y)
	if err != nil {
		t.Fatal(err)
	}

	env := op.NewEnv(2)
	defer env.Close()
	g := G.NewGraph()
	sc := layers.NewScope(g, q, env, true, s.Norm.Eps)
	xn := sc.Input("x", n, 3, h, w)
	yn := sc.Input("y", n, 1, h, w)
	copy(xn.Value().Data().([]float32), x)
	copy(yn.Value().Data().([]float32), y)
	logits := graph.CSNet(sc, xn, s)
	cost := layers.Loss(sc, logits, yn, layers.LossTerms{})
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	m := G.NewLispMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	if got := cost.Op().(*op.BCE).Loss(); math.Abs(got-loss) > 1e-6*loss {
		t.Errorf("loss is %v, LispMachine's %v", loss, got)
	}
	ts := sc.Learned()
	if len(ts) != len(net.Learned()) {
		t.Fatalf("%d parameters, LispMachine has %d", len(net.Learned()), len(ts))
	}
	for k, l := range net.Learned() {
		if ts[k].Path != l.Path {
			t.Fatalf("parameter %d is %s, LispMachine's %s", k, l.Path, ts[k].Path)
		}
		v, err := ts[k].Node.Grad()
		if err != nil {
			t.Fatal(err)
		}
		same(t, "gradient of "+l.Path, l.Grad, v.Data().([]float32))
	}
	for _, a := range p.All() {
		same(t, a.Path, a.Data, q.Get(a.Path).Data)
	}
}

// same compares within 1e-6 of the largest value: sums of gradients come in
// another order.
func same(t *testing.T, what string, got, want []float32) {
	t.Helper()
	w := make([]float64, len(want))
	zero := true
	for i, v := range want {
		w[i] = float64(v)
		zero = zero && v == 0
	}
	if d := distance(got, w); !(d <= 1e-6) {
		t.Errorf("%s off by %.2g of the largest", what, d)
	}
	if zero && len(what) > 8 && what[:8] == "gradient" {
		t.Errorf("%s is 0", what)
	}
}
