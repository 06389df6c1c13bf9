package bench

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"csnet/graph"
	"csnet/model"
	"csnet/optim"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// options are those of a small net on a clock that advances a millisecond a look,
// so that what is timed does not depend on the machine.
func options(t *testing.T, mode Mode) Options {
	t.Helper()
	arch := model.DefaultArch()
	arch.Width, arch.Blocks, arch.Multipliers = 0.2, []int{1, 1, 1, 1}, []float64{1, 1, 1, 1, 1}
	spec, err := arch.Spec()
	if err != nil {
		t.Fatal(err)
	}
	params, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Duration(0)
	return Options{
		Mode: mode, Spec: spec, Params: params, Batch: 2, Size: 32, Threads: 1, Runs: 3,
		Optim: optim.DefaultConfig(), DWD: optim.DefaultDWD(),
		Clock: func() time.Duration { now += time.Millisecond; return now },
	}
}

// Every op of a run is a millisecond long on that clock: the parts add up to the
// whole, and progress is told of every run.
func TestRun(t *testing.T) {
	for _, mode := range []Mode{Infer, Train} {
		o := options(t, mode)
		told := 0
		o.Progress = func(done, total int) {
			if told++; done != told || total != o.Runs {
				t.Errorf("%s: told %d of %d", mode, done, total)
			}
		}
		r, logits, err := Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		sum := r.VMOverhead
		for _, l := range r.Layers {
			sum += l.MS
		}
		if math.Abs(sum-r.MSPerImage) > 1e-9 || r.MSPerImage < float64(len(r.Layers))/2 || told != o.Runs || r.Runs != o.Runs {
			t.Errorf("%s: %v ms in parts, %v in all, %d ops, %d runs, %d told", mode, sum, r.MSPerImage, len(r.Layers), r.Runs, told)
		}
		if want := map[Mode]int{Infer: 2 * 32 * 32}[mode]; len(logits) != want {
			t.Errorf("%s: %d logits, want %d", mode, len(logits), want)
		}
		if r.GMACs <= 0 || r.PeakGFLOPs <= 0 || r.Bandwidth <= 0 {
			t.Errorf("%s: %+v", mode, r)
		}
	}
}

// The input that is given is the one that is run on; one of another length and a
// cancelled context are errors.
func TestRunInput(t *testing.T) {
	o := options(t, Infer)
	if err := CalibrateNorms(o.Spec, o.Params); err != nil {
		t.Fatal(err)
	}
	o.Input = drawn(2*3*32*32, 7)
	_, got, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	p := graph.NewPredictor(o.Spec, o.Params, 1)
	defer func() { _ = p.Close() }()
	want, err := p.Batch(o.Input, 2, 32, 32)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v: logits differ from the predictor's", err)
	}
	for _, v := range want {
		if v-v != 0 || v > 1e4 || v < -1e4 {
			t.Fatalf("logit %g of drawn weights", v)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	o.Input = o.Input[1:]
	if _, _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "input has 6143 values, must be (2, 3, 32, 32) = 6144") {
		t.Errorf("a short input: %v", err)
	}
}

// The ops' multiply-adds add up to those of Cost, at several specs, and every
// op that a net runs has its cost.
func TestNetCosts(t *testing.T) {
	for _, a := range []func(*model.Arch){
		func(*model.Arch) {},
		func(a *model.Arch) { a.Split = []float64{0, 1} },
		func(a *model.Arch) { a.Split = []float64{1} },
		func(a *model.Arch) { a.Split = []float64{0.5, 0.3, 0.2} },
		func(a *model.Arch) { a.ExtractorOnly = true },
	} {
		arch := model.DefaultArch()
		arch.Width, arch.Blocks = 0.5, []int{1, 2, 2, 2}
		a(&arch)
		spec, err := arch.Spec()
		if err != nil {
			t.Fatal(err)
		}
		m := spec.Multiple()
		costs := netCosts(spec, 2*m, 3*m)
		params, err := spec.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		net, err := graph.Build(spec, params, graph.Options{Batch: 2, H: 2 * m, W: 3 * m, Train: true})
		if err != nil {
			t.Fatal(err)
		}
		macs := map[bool]float64{}
		net.Observe(func(op string, backward, begin bool) {
			c, ok := costs[layerName(op, backward)]
			if !ok || c.Bytes <= 0 {
				t.Errorf("%v: op %s costs %v", arch.Split, layerName(op, backward), c)
			}
			if begin {
				macs[backward] += c.MACs
			}
		})
		if _, err := net.Step(make([]float32, 2*3*6*m*m), make([]float32, 2*6*m*m)); err != nil {
			t.Fatal(err)
		}
		net.Close()
		cost := spec.Cost(2*m, 3*m)
		if macs[false] != float64(cost.MACsWithHead) {
			t.Errorf("%v: ops have %v MACs, the net %d", arch.Split, macs[false], cost.MACsWithHead)
		}
		if want := float64(2*cost.MACsWithHead - cost.Layers[0].MACs); macs[true] != want {
			t.Errorf("%v: backward ops have %v MACs, want %v", arch.Split, macs[true], want)
		}
	}
}

func TestRecorder(t *testing.T) {
	now := time.Duration(0)
	r := recorder{clock: func() time.Duration { now += time.Millisecond; return now }}
	for range 2 {
		r.begin()
		for _, op := range []string{"a", "b"} {
			r.event(op, false, true)
			r.event(op, false, false)
		}
		r.event("b", true, true)
		r.event("b", true, false)
		r.end()
	}
	if len(r.rows) != 3 || r.rows[2].op != "b" || !r.rows[2].backward || len(r.rows[0].ms) != 2 || r.rows[0].ms[0] != 1 {
		t.Errorf("%+v", r.rows)
	}
	for i, m := range r.runs {
		sum := r.overhead[i]
		for _, row := range r.rows {
			sum += row.ms[i]
		}
		if math.Abs(sum-m) > 1e-6 || r.overhead[i] < 0 {
			t.Errorf("run %d took %v, parts %v", i, m, sum)
		}
	}
	r.reset()
	if len(r.rows)+len(r.runs) > 0 {
		t.Errorf("after reset: %+v", r)
	}
}

func TestMedian(t *testing.T) {
	if median([]float64{3, 1, 2}) != 2 || median([]float64{4, 1, 2, 3}) != 2.5 || !math.IsNaN(median(nil)) {
		t.Error("median")
	}
}

// The table has one row for ops that run together, with the work and the floors
// of all of them.
func TestTable(t *testing.T) {
	var b strings.Builder
	err := printLayers(&b, []Layer{
		{Name: "one", With: "three", MS: 0.1, GMACs: 10, GBs: 2, Share: 0.05, Floor: 0.3},
		{Name: "two", MS: 1, GMACs: 5, Share: 0.5, Floor: 0.5},
		{Name: "three", MS: 0.8, GMACs: 100, GBs: 4, Share: 0.4, Floor: 0.15},
		{Name: "four", MS: 0.0, Share: 0.0},
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.Fields(line))
	}
	want := [][]string{
		nil,
		{"op", "ms", "GMAC/s", "GB/s", "share", "floor", "ms", "times", "floor"},
		{"two", "1.0000", "5.0", "0.0", "50.0%", "0.5000", "2.0"},
		{"three", "and", "1", "more", "0.9000", "90.0", "3.8", "45.0%", "0.4500", "2.0"},
		{"four", "0.0000", "0.0", "0.0", "0.0%", "0.0000"},
		{"all", "ops", "1.9000", "45.3", "1.8", "95.0%", "0.9500", "2.0"},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s\n%s", diff, b.String())
	}
}
