package graph

import "testing"

// Ops that run together name the one of them in whose time their work is done.
func TestTogether(t *testing.T) {
	s, params := narrow(t, 1, 1, 1, 1)
	for _, c := range []struct {
		o    Options
		want map[string][2]string // forwards, backwards
	}{
		{Options{Train: true}, map[string][2]string{
			"stage1.0.mix.0": {"stage1.0.mix.1", "stage1.0.mix.0"},
			"stage1.0.mix.1": {"stage1.0.mix.1", "stage1.0.mix.0"},
			"stage1.0.dw1.0": {"stage1.0.dw1.0", "stage1.0.dw1.0"},
			"loss":           {"loss", "loss"},
			"stage1.0.mix":   {},
		}},
		{Options{Train: true, Tuning: Tuning{NoFusion: true}}, map[string][2]string{"stage1.0.mix.0": {"stage1.0.mix.0", "stage1.0.mix.0"}}},
		{Options{Tuning: Tuning{L2Floats: 1}}, map[string][2]string{
			"stage0.0.mix.0": {"stage0.0.dw2.1", "stage0.0.mix.0"},
			"stage0.0.dw2.1": {"stage0.0.dw2.1", "stage0.0.mix.0"},
			"csf.out.0":      {"cls", "csf.out.0"},
			"cls":            {"cls", "csf.out.0"},
			"logits":         {"logits", "logits"},
		}},
		{Options{Tuning: Tuning{L2Floats: 1 << 30}}, map[string][2]string{"stage0.0.mix.0": {"stage0.0.mix.0", "stage0.0.mix.0"}}},
	} {
		c.o.Batch, c.o.H, c.o.W, c.o.Threads = 1, 32, 32, 1
		n, err := Build(s, params, c.o)
		if err != nil {
			t.Fatal(err)
		}
		for op, want := range c.want {
			if got := [2]string{n.Together(op, false), n.Together(op, true)}; got != want {
				t.Errorf("%+v: %s runs with %v, want %v", c.o, op, got, want)
			}
		}
		n.Close()
	}
}
