package graph

import (
	"slices"
	"testing"

	"csnet/model"
)

// narrow returns a net of thin stages of so many blocks.
func narrow(t *testing.T, blocks ...int) (model.Spec, *model.Params) {
	t.Helper()
	a := model.DefaultArch()
	a.Width, a.Blocks, a.Multipliers = 0.2, blocks, slices.Repeat([]float64{1}, len(blocks)+1)
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	params, err := s.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	return s, params
}

// Every op of a step is begun and ended once forwards and once backwards, in
// order; a net without an observer, or after Observe(nil), tells nobody.
func TestObserve(t *testing.T) {
	s, params := narrow(t, 1, 1, 1, 1)
	n, err := Build(s, params, Options{Batch: 2, H: 32, W: 32, Train: true, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	var forward, backward []string
	open := ""
	n.Observe(func(op string, back, begin bool) {
		switch {
		case begin && open != "":
			t.Errorf("%s begins before %s ends", op, open)
		case !begin && open != op:
			t.Errorf("%s ends, open is %q", op, open)
		case begin:
			open = op
			return
		}
		open = ""
		if back {
			backward = append(backward, op)
		} else {
			if len(backward) > 0 {
				t.Errorf("%s runs forward after the backward pass began", op)
			}
			forward = append(forward, op)
		}
	})
	x, y := make([]float32, 2*3*32*32), make([]float32, 2*32*32)
	if _, err := n.Step(x, y); err != nil {
		t.Fatal(err)
	}
	if open != "" || len(forward) != len(n.vm.Plan()) {
		t.Errorf("%d ops ran forward of %d, open at the end: %q", len(forward), len(n.vm.Plan()), open)
	}
	for _, name := range []string{"stage0.0.mix.0", "stage2.0.dw1.0", "csf.ms1.1", "cls", "logits", "loss"} {
		if !slices.Contains(forward, name) {
			t.Errorf("no op %s in %v", name, forward)
		}
	}
	slices.Reverse(backward)
	if !slices.Equal(forward, backward) {
		t.Errorf("backward is not forward in reverse: %v, %v", forward, backward)
	}
	forward = nil
	n.Observe(nil)
	if _, err := n.Step(x, y); err != nil || forward != nil {
		t.Errorf("told of %v after Observe(nil), %v", forward, err)
	}
}
