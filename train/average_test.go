package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"csnet/checkpoint"
	"csnet/model"
)

// The average is the sum of its definition in float64, and a dead gamma is dead. Without
// a warm-up it begins with the first weights, at the full decay.
func TestAverage(t *testing.T) {
	for _, warmup := range []bool{true, false} {
		averageOf(t, warmup)
	}
}

func averageOf(t *testing.T, warmup bool) {
	t.Helper()
	tensor := func(path string, r model.Role, v ...float32) *model.Tensor {
		return &model.Tensor{Path: path, Role: r, Shape: []int{len(v)}, Data: v}
	}
	w, err := model.NewParams([]*model.Tensor{tensor("a", model.Weight, 1, -2, 3), tensor("g", model.Gamma, 1, 1), tensor("m", model.Mean, 0.5)})
	if err != nil {
		t.Fatal(err)
	}
	a := newAverage(0.9, warmup, w, nil)
	want := 1.0
	for step := 1; step <= 200; step++ {
		x := math.Sin(float64(step))
		w.Get("a").Data[0] = float32(x)
		w.Get("g").Data[1] = float32(math.Pow(0.5, float64(step)))
		a.add(w, step)
		d := 0.9
		if warmup {
			d = min(d, float64(step)/float64(step+9))
		}
		want = d*want + (1-d)*x
	}
	if got := a.params.Get("a").Data; math.Abs(float64(got[0])-want) > 1e-6 || got[1] != -2 || got[2] != 3 {
		t.Errorf("average is %v, want %v, -2, 3", got, want)
	}
	if g := a.params.Get("g").Data; g[0] != 1 || math.Abs(float64(g[1])) > 1e-20 {
		t.Errorf("gammas are %v, want 1 and a dead one", g)
	}
	if w.Get("a").Data[0] != float32(math.Sin(200)) {
		t.Error("the weights changed")
	}
}

// With train.ema the saved and validated model is the average; the weights stand
// beside it, and are those of a run without it.
func TestRunWithAverage(t *testing.T) {
	pairs := drawn(t, pictures)
	plain := options(t, pairs, t.TempDir())
	whole(t, plain)
	o := options(t, pairs, t.TempDir())
	o.EMA = 0.8
	validate, validated := o.Validate, (*model.Params)(nil)
	o.Validate = func(ctx context.Context, p *model.Params, size int) (Score, error) {
		validated = p.Clone()
		return validate(ctx, p, size)
	}
	res := whole(t, o)
	was, err := checkpoint.Load(plain.Dir + "/checkpoints/last.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	got, err := checkpoint.Load(res.LastPath)
	if err != nil {
		t.Fatal(err)
	}
	if got.Raw == nil {
		t.Fatal("the weights that learn are not in the checkpoint")
	}
	differ := 0
	for _, w := range was.Params.All() {
		if !slices.Equal(got.Raw.Get(w.Path).Data, w.Data) {
			t.Errorf("%s: learned otherwise than without the average", w.Path)
		}
		if !slices.Equal(got.Params.Get(w.Path).Data, validated.Get(w.Path).Data) {
			t.Errorf("%s: saved is not what was validated", w.Path)
		}
		if !slices.Equal(got.Params.Get(w.Path).Data, w.Data) {
			differ++
		}
	}
	if differ < len(was.Params.All())/2 {
		t.Errorf("only %d of %d tensors differ from the weights", differ, len(was.Params.All()))
	}
}
