package train

import (
	"math"
	"slices"
	"strings"
	"testing"

	"csnet/graph"
	"csnet/internal/op/optest"
	"csnet/model"
	"csnet/optim"
)

// A Stepper's steps move the parameters as the same steps by hand do, its
// observer hears of every op and of the two parts behind them, and a NaN stops
// it before the update.
func TestStepper(t *testing.T) {
	a := model.DefaultArch()
	a.Width, a.Blocks, a.Multipliers = 0.2, []int{1, 1, 1, 1}, []float64{1, 1, 1, 1, 1}
	spec, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	mine, err1 := spec.NewParams(3)
	hand, err2 := spec.NewParams(3)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	o := graph.Options{Batch: 2, H: 32, W: 32, Threads: 1}
	conf, dwd := optim.DefaultConfig(), optim.DefaultDWD()
	s, err := NewStepper(spec, mine, conf, dwd, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o.Train = true
	net, err := graph.Build(spec, hand, o)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	adam, model := newAdam(spec, net, conf, dwd)

	var parts []string
	s.Observe(func(op string, _, begin bool) {
		if begin {
			parts = append(parts, op)
		}
	})
	x, y := make([]float32, 2*3*32*32), make([]float32, 2*32*32)
	for i := range x {
		x[i] = float32(math.Sin(float64(i)))
	}
	for range 3 {
		got, err := s.Step(x, y)
		if err != nil {
			t.Fatal(err)
		}
		want, err := net.Step(x, y)
		if err != nil {
			t.Fatal(err)
		}
		if err := adam.Step(model); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("loss %v, by hand %v", got, want)
		}
	}
	for _, p := range hand.All() {
		if !slices.Equal(mine.Get(p.Path).Data, p.Data) {
			t.Fatalf("%s differs", p.Path)
		}
	}
	if n := len(parts) / 3; parts[n-2] != "finite" || parts[n-1] != "adam" {
		t.Errorf("a step ends with %v", parts[n-2:n])
	}

	x[5] = float32(math.NaN())
	if _, err := s.Step(x, y); err == nil || !strings.Contains(err.Error(), "not finite") {
		t.Errorf("NaN in: %v", err)
	}
	for _, p := range hand.All() {
		if p.Role.Learned() && !slices.Equal(mine.Get(p.Path).Data, p.Data) {
			t.Errorf("%s moved after NaN", p.Path)
		}
	}
}

// A warm step allocates nothing: neither the net nor the search for NaN and Inf,
// nor the update.
func TestStepperAllocations(t *testing.T) {
	spec := smallSpec(t)
	params, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewStepper(spec, params, optim.DefaultConfig(), optim.DefaultDWD(), graph.Options{Batch: batch, H: side, W: side, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	x, y := make([]float32, batch*3*side*side), make([]float32, batch*side*side)
	for i := range x {
		x[i] = float32(i%89)/89 - 0.5
	}
	step := func() {
		if _, err := s.Step(x, y); err != nil {
			t.Fatal(err)
		}
	}
	if n := optest.Allocations(2, step); n > 0 {
		t.Errorf("%v allocations in a step", n)
	}
}
