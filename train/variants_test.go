package train

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"csnet/data"
	"csnet/model"
	"csnet/optim"
)

// variants are runs with what a config can switch on, by name.
func variants(t *testing.T, pairs []data.Pair) map[string]func(o *Options) {
	return map[string]func(o *Options){
		"plain": func(*Options) {},
		"ema": func(o *Options) {
			o.EMA = 0.9
			o.Loss = Loss{BCE: 1, IoU: 1, Edge: 5, SSIM: 0.5}
		},
		"sizes": func(o *Options) {
			o.Sizes = data.SizePlan{Sizes: data.Sizes{16, side, 48}, Milestones: []int{1, 2}}
			o.EMA = 0.5
		},
		"taught": func(o *Options) {
			o.Distill, o.Teacher = 0.5, drawnTeacher(t)
		},
		"octave": func(o *Options) {
			another(t, o, pairs, func(a *model.Arch) { a.Dialect = model.Octave })
		},
		"resize, group norm, balance, odd size": func(o *Options) {
			another(t, o, pairs, func(a *model.Arch) {
				a.Dialect, a.Balance, a.Norm, a.Groups, a.Head = model.Resize, true, model.GroupNorm, 2, []int{4, 4}
			})
			o.DWD.Mode = "none"
			o.Sizes = data.SizePlan{Sizes: data.Sizes{side - 3}}
		},
		"decay later, clipped": func(o *Options) {
			o.DWD.Schedule = optim.Ramp{Begin: 1, Full: 2}
			o.Optim.Clip = 0.05
		},
	}
}

// another makes o a run of another net.
func another(t *testing.T, o *Options, pairs []data.Pair, change func(*model.Arch)) {
	t.Helper()
	a := smallArch()
	change(&a)
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	if o.Params, err = s.NewParams(1); err != nil {
		t.Fatal(err)
	}
	o.Spec = s
	o.Validate = validation(s, pairs)
	o.PrunedCost = func(*model.Params) (Left, error) { return Left{Params: s.ParamCount(), Channels: []int{1}}, nil }
}

// Every variant has the same bytes with any number of threads, stopped after any
// step and resumed, and other bytes than the plain run.
func TestVariantsResumed(t *testing.T) {
	pairs := drawn(t, pictures)
	plain := options(t, pairs, t.TempDir())
	whole(t, plain)
	for name, change := range variants(t, pairs) {
		ref := options(t, pairs, t.TempDir())
		change(&ref)
		whole(t, ref)
		want := files(t, ref.Dir)
		if name != "plain" && want == files(t, plain.Dir) {
			t.Errorf("%s: changes nothing", name)
		}
		for _, k := range []int{1, perEpoch - 1, perEpoch, perEpoch + 1, 2 * perEpoch, steps - 1} {
			o := options(t, pairs, t.TempDir())
			change(&o)
			_, err := Run(stoppedAfter(&o, k), o)
			if err == nil {
				t.Fatalf("%s: was not stopped", name)
			}
			o = resumed(t, o)
			o.Progress, o.Threads = nil, 1
			whole(t, o)
			sameFiles(t, fmt.Sprint(name, ", step ", k), files(t, o.Dir), want)
			sane(t, o.Dir, ref.Dir)
			nothingHalf(t, o.Dir)
		}
		for k := 1; k <= epochs; k++ {
			o := options(t, pairs, t.TempDir())
			change(&o)
			stopInValidation(t, o, k)
			whole(t, resumed(t, o))
			sameFiles(t, fmt.Sprint(name, ", validation ", k), files(t, o.Dir), want)
			sane(t, o.Dir, ref.Dir)
		}
	}
}

// stopInValidation runs o until its k-th validation and stops it there.
func stopInValidation(t *testing.T, o Options, k int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	calls, inner := 0, o.Validate
	o.Validate = func(ctx context.Context, p *model.Params, size int) (Score, error) {
		if calls++; calls == k {
			cancel()
			return Score{}, ctx.Err()
		}
		return inner(ctx, p, size)
	}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("validation %d: stopped run returned %v", k, err)
	}
}
