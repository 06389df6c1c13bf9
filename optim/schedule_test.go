package optim_test

import (
	"math"
	"testing"

	"csnet/optim"
)

// The paper's steps: 439 an epoch, a tenth from the first step of epochs 200
// and 250 (counted from 0) on.
func TestRateSteps(t *testing.T) {
	c := optim.DefaultConfig()
	const per, total = 439, 439 * 300
	for _, x := range []struct {
		step int
		want float64
	}{{0, 1e-4}, {200*per - 1, 1e-4}, {200 * per, 1e-5}, {250*per - 1, 1e-5}, {250 * per, 1e-6}, {total - 1, 1e-6}} {
		if got := c.Rate(x.step, per, total); math.Abs(got-x.want) > 1e-12*x.want {
			t.Errorf("step %d: rate %g, want %g", x.step, got, x.want)
		}
	}
}

func TestRateKinds(t *testing.T) {
	rate := func(s optim.Schedule, step int) float64 {
		return optim.Config{LR: 2, Schedule: s}.Rate(step, 10, 100)
	}
	for _, x := range []struct {
		name string
		s    optim.Schedule
		step int
		want float64
	}{
		{"constant", optim.Schedule{Kind: "constant", Milestones: []int{1}, Factor: 0.1}, 99, 2},
		{"no milestones", optim.Schedule{Kind: "step", Factor: 0.1}, 99, 2},
		{"milestone 0", optim.Schedule{Kind: "step", Milestones: []int{0}, Factor: 0.5}, 0, 1},
		{"cosine from its top", optim.Schedule{Kind: "cosine"}, 0, 2},
		{"cosine by half", optim.Schedule{Kind: "cosine"}, 50, 1},
		{"cosine to final", optim.Schedule{Kind: "cosine", Final: 0.25}, 100, 0.5},
		{"cosine by half to final", optim.Schedule{Kind: "cosine", Final: 0.5}, 50, 1.5},
		{"cosine beyond its end", optim.Schedule{Kind: "cosine", Final: 0.25}, 1000, 0.5},
		{"cosine after warm-up", optim.Schedule{Kind: "cosine", WarmupSteps: 20}, 60, 1},
		{"warm-up's first", optim.Schedule{Kind: "constant", WarmupSteps: 4}, 0, 0.4},
		{"warm-up's last", optim.Schedule{Kind: "constant", WarmupSteps: 4}, 3, 1.6},
		{"after warm-up", optim.Schedule{Kind: "constant", WarmupSteps: 4}, 4, 2},
		{"warm-up longer than the run", optim.Schedule{Kind: "cosine", WarmupSteps: 199}, 99, 1},
	} {
		if got := rate(x.s, x.step); math.Abs(got-x.want) > 1e-12 {
			t.Errorf("%s: rate at step %d is %g, want %g", x.name, x.step, got, x.want)
		}
	}
	last := math.Inf(1)
	for k := range 101 {
		r := rate(optim.Schedule{Kind: "cosine", Final: 0.1}, k)
		if r > last {
			t.Fatalf("cosine rises at step %d", k)
		}
		last = r
	}
}

// The factors of f = 2 as published: stem and stage 1 16/8, stage 2 8/4 (last
// block 4), stage 3 4/2 (2), stage 4 2/1 (1).
func TestDecayFactors(t *testing.T) {
	d := optim.DefaultDWD()
	d.Factor = 2
	for stage, want := range [][3]float64{{16, 8}, {16, 8}, {8, 4, 4}, {4, 2, 2}, {2, 1, 1}} {
		for octave := range 2 {
			l2, dynamic, f := d.Decay(optim.Norm{Part: "mix", Stage: stage, Stages: 4, Octave: octave, Octaves: 2})
			if l2 || !dynamic || f != want[octave] {
				t.Errorf("stage %d, octave %d: l2 %v, dynamic %v, factor %g, want %g", stage, octave, l2, dynamic, f, want[octave])
			}
		}
		if stage < 2 {
			continue
		}
		if _, _, f := d.Decay(optim.Norm{Part: "dw1", Stage: stage, Stages: 4, Octaves: 1}); f != want[2] {
			t.Errorf("stage %d, last block: factor %g, want %g", stage, f, want[2])
		}
	}
	// A fraction, three octaves.
	d.Factor = 0.5
	if _, _, f := d.Decay(optim.Norm{Part: "dw2", Stage: 2, Stages: 4, Octave: 1, Octaves: 3}); f != 0.125 {
		t.Errorf("factor %g, want 1/8", f)
	}
}

func TestDecaySwitches(t *testing.T) {
	for _, x := range []struct {
		name        string
		mode        string
		norms       []string
		slip        bool
		layer       string
		l2, dynamic bool
	}{
		{"dwd", "dwd", []string{"mix", "dw1", "dw2"}, false, "mix", false, true},
		{"l2", "l2", []string{"mix", "dw1", "dw2"}, false, "dw1", false, true},
		{"l1", "l1", []string{"mix", "dw1", "dw2"}, false, "dw2", false, true},
		{"none", "none", []string{"mix", "dw1", "dw2"}, false, "mix", true, false},
		{"none with the slip", "none", []string{"mix", "dw1", "dw2"}, true, "dw2", true, false},
		{"listed", "dwd", []string{"dw2"}, false, "dw2", false, true},
		{"not listed", "dwd", []string{"dw2"}, false, "mix", true, false},
		{"none listed", "dwd", nil, false, "mix", true, false},
		{"the slip", "dwd", []string{"mix", "dw1", "dw2"}, true, "dw2", true, true},
		{"the slip on others", "dwd", []string{"mix", "dw1", "dw2"}, true, "dw1", false, true},
	} {
		d := optim.DWD{Mode: x.mode, Lambda: 3, Factor: 1, Norms: x.norms, CompatSlip: x.slip}
		l2, dynamic, f := d.Decay(optim.Norm{Part: x.layer, Stage: 1, Stages: 4, Octaves: 2})
		if l2 != x.l2 || dynamic != x.dynamic || dynamic && f != 1 {
			t.Errorf("%s: %s gets l2 %v, dynamic %v (factor %g), want %v, %v", x.name, x.layer, l2, dynamic, f, x.l2, x.dynamic)
		}
	}
}

// Lambda is 0 before it begins, grows evenly to the whole, and ends.
func TestLambdaAt(t *testing.T) {
	d := optim.DefaultDWD()
	d.Schedule = optim.Ramp{Begin: 2, Full: 4, End: 6}
	for step, want := range map[int]float64{0: 0, 19: 0, 20: 3.0 / 21, 30: 33.0 / 21, 39: 60.0 / 21, 40: 3, 59: 3, 60: 0, 99: 0} {
		if got := d.LambdaAt(step, 10); math.Abs(got-want) > 1e-15 {
			t.Errorf("step %d: %g, want %g", step, got, want)
		}
	}
	d.Schedule = optim.Ramp{Begin: 1}
	if d.LambdaAt(9, 10) != 0 || d.LambdaAt(10, 10) != 3 {
		t.Error("without full, the whole lambda begins at once")
	}
	d.Schedule = optim.Ramp{}
	if d.LambdaAt(0, 10) != 3 {
		t.Error("without a schedule lambda is not the same all the time")
	}
	if d.Mode = "none"; d.LambdaAt(50, 10) != 0 {
		t.Error("mode none decays")
	}
}
