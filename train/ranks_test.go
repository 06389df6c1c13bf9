package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"csnet/data"
	"csnet/internal/dist"
)

// The runs of these tests: batches of 12, 2 an epoch.
const (
	sharedBatch    = 12
	sharedPictures = 26
	sharedSteps    = 6
)

// sharedOptions is a run's options on one of p ranks.
func sharedOptions(t *testing.T, pairs []data.Pair, dir string, rank, p, threads int) Options {
	t.Helper()
	o := options(t, pairs, dir)
	o.Batch, o.Steps, o.Threads, o.SaveEvery = sharedBatch, sharedSteps, threads, 1
	share := sharedBatch / p
	var err error
	o.Loader, err = data.NewLoader(data.LoaderOptions{Pairs: pairs, Size: side, Batch: sharedBatch, Seed: 3, Workers: 2, From: rank * share, To: (rank + 1) * share,
		Augment: data.Augment{Crop: 3, Flip: 0.5, Vertical: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// onRanks runs f as p ranks and returns their errors. A rank that ends with an error
// breaks the group, as the end of its process would.
func onRanks(p int, f func(g *dist.Group) error) []error {
	errs := make([]error, p)
	var wg sync.WaitGroup
	for i, c := range dist.NewLocal(p) {
		wg.Go(func() {
			g := dist.NewGroup(c, dist.Options{Host: fmt.Sprintf("host%d", i)})
			errs[i] = f(g)
			_ = g.Close(errs[i])
		})
	}
	wg.Wait()
	return errs
}

// trainOn trains on p ranks into dir. change may change a rank's options and context.
func trainOn(t *testing.T, pairs []data.Pair, dir string, p, threads int, change func(rank int, o *Options) context.Context) []error {
	t.Helper()
	all := make([]Options, p)
	ctxs := make([]context.Context, p)
	for i := range all {
		all[i], ctxs[i] = sharedOptions(t, pairs, dir, i, p, threads), context.Background()
		if change != nil {
			if ctx := change(i, &all[i]); ctx != nil {
				ctxs[i] = ctx
			}
		}
	}
	return onRanks(p, func(g *dist.Group) error {
		o := all[g.Rank()]
		o.Group = g
		_, err := Run(ctxs[g.Rank()], o)
		return err
	})
}

func allFine(t *testing.T, what string, errs []error) {
	t.Helper()
	for i, err := range errs {
		if err != nil {
			t.Errorf("%s: rank %d: %v", what, i, err)
		}
	}
}

// TestRanksSameBits: any number of ranks, of any number of threads, writes the bytes
// of one process, with an average of the weights, all terms of the loss and DWD, and in mixed
// precision.
func TestRanksSameBits(t *testing.T) {
	pairs := drawn(t, sharedPictures)
	terms := func(_ int, o *Options) context.Context {
		o.Config.Loss, o.EMA = Loss{BCE: 1, IoU: 0.5, Edge: 2, SSIM: 0.3}, 0.9
		return nil
	}
	mixed := func(_ int, o *Options) context.Context {
		o.Precision = PrecisionMixed
		return nil
	}
	for name, change := range map[string]func(int, *Options) context.Context{"plain": nil, "terms": terms, "mixed": mixed} {
		o := sharedOptions(t, pairs, t.TempDir(), 0, 1, 2)
		if change != nil {
			change(0, &o)
		}
		whole(t, o)
		want := files(t, o.Dir)
		for _, c := range []struct{ p, threads int }{{1, 1}, {2, 1}, {3, 2}, {4, 1}, {6, 2}} {
			if change != nil && c.p > 3 {
				continue
			}
			dir := t.TempDir()
			what := fmt.Sprintf("%s, %d ranks", name, c.p)
			allFine(t, what, trainOn(t, pairs, dir, c.p, c.threads, change))
			sameFiles(t, what, files(t, dir), want)
			x, _ := os.ReadFile(filepath.Join(o.Dir, "metrics.jsonl"))
			y, _ := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
			if string(x) != string(y) {
				t.Errorf("%s: another log", what)
			}
		}
	}
}

// TestRanksResume: interrupted on one rank of two, resumed on three, interrupted
// there, resumed alone: the bytes of a run never stopped.
func TestRanksResume(t *testing.T) {
	pairs := drawn(t, sharedPictures)
	o := sharedOptions(t, pairs, t.TempDir(), 0, 1, 2)
	whole(t, o)
	want := files(t, o.Dir)
	dir := t.TempDir()
	stop := func(on, after int, goOn bool) func(int, *Options) context.Context {
		return func(rank int, o *Options) context.Context {
			if goOn {
				*o = resumed(t, *o)
			}
			if rank != on {
				return nil
			}
			return stoppedAfter(o, after)
		}
	}
	for i, errs := range [][]error{trainOn(t, pairs, dir, 2, 1, stop(1, 1, false)), trainOn(t, pairs, dir, 3, 1, stop(0, 3, true))} {
		for rank, err := range errs {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("run %d, rank %d: %v", i, rank, err)
			}
		}
	}
	if s := resumed(t, o).Resume.Step; s != sharedSteps {
		t.Fatalf("step %d", s)
	}
	last := sharedOptions(t, pairs, dir, 0, 1, 2)
	last = resumed(t, last)
	if last.Resume.Step != 3 {
		t.Errorf("stopped after step %d, want 3", last.Resume.Step)
	}
	whole(t, last)
	sameFiles(t, "stopped twice", files(t, dir), want)
}

// TestRanksInTrouble: what goes wrong on one rank ends all of them, by name, with the
// state saved.
func TestRanksInTrouble(t *testing.T) {
	pairs := drawn(t, sharedPictures)
	dir := t.TempDir()
	copies := filepath.Join(t.TempDir(), "copies")
	if err := os.CopyFS(copies, os.DirFS(filepath.Dir(filepath.Dir(pairs[0].Image)))); err != nil {
		t.Fatal(err)
	}
	set, err := data.Find(copies)
	if err != nil {
		t.Fatal(err)
	}
	errs := trainOn(t, pairs, dir, 2, 1, func(rank int, o *Options) context.Context {
		if rank == 1 { // has copies of the photos, which vanish
			*o = sharedOptions(t, set.Pairs, dir, rank, 2, 1)
			o.Progress = func(p Progress) {
				if p.Step == 2 {
					os.RemoveAll(copies)
				}
			}
		}
		o.Validate = nil
		return nil
	})
	for rank, err := range errs {
		wants(t, fmt.Sprint("a bad photo, rank ", rank), err, "rank 1 (host1)", "saved: mend it and resume")
	}
	o := sharedOptions(t, pairs, t.TempDir(), 0, 1, 2)
	o.Validate = nil
	whole(t, o)
	last := resumed(t, sharedOptions(t, pairs, dir, 0, 1, 2))
	last.Validate = nil
	whole(t, last)
	sameFiles(t, "resumed after a bad photo", files(t, dir), files(t, o.Dir))

	errs = trainOn(t, pairs, t.TempDir(), 3, 1, func(rank int, o *Options) context.Context {
		o.Progress = func(p Progress) {
			if rank == 2 && p.Step == 3 {
				o.Params.Get("cls.bias").Data[0] += 1e-6
			}
		}
		return nil
	})
	for rank, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "drifted apart") && !strings.Contains(err.Error(), "rank ") {
			t.Errorf("drift: rank %d: %v", rank, err)
		}
	}
	wants(t, "drift", errs[0], "step 3", "rank 2", "drifted apart")

	errs = trainOn(t, pairs, t.TempDir(), 2, 1, func(rank int, o *Options) context.Context {
		if rank == 0 {
			o.Config.Best = "luck"
		}
		return nil
	})
	wants(t, "one rank does not begin", errs[1], "rank 0", "luck")
	for rank, err := range trainOn(t, pairs, t.TempDir(), 2, 1, func(_ int, o *Options) context.Context { o.Batch = 3; return nil }) {
		wants(t, fmt.Sprint("batch, rank ", rank), err, "3 pictures", "2 ranks")
	}
}
