package data

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// copyOf keeps what a batch held.
func copyOf(b *Batch) Batch {
	c := *b
	c.X, c.Y, c.Stems = slices.Clone(b.X), slices.Clone(b.Y), slices.Clone(b.Stems)
	return c
}

func same(a, b Batch) bool {
	bits := func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }
	return a.N == b.N && a.Size == b.Size && a.Epoch == b.Epoch && a.Index == b.Index &&
		slices.Equal(a.Stems, b.Stems) && slices.EqualFunc(a.X, b.X, bits) && slices.EqualFunc(a.Y, b.Y, bits)
}

func newLoader(t *testing.T, pairs []Pair, workers int, seed uint64) *Loader {
	t.Helper()
	l, err := NewLoader(LoaderOptions{Pairs: pairs, Size: 16, Batch: 3, Seed: seed, Workers: workers, Augment: DefaultConfig().Augment})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func epochOf(t *testing.T, l *Loader, epoch, from int) []Batch {
	t.Helper()
	var out []Batch
	for b, err := range l.Epoch(context.Background(), epoch, from) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, copyOf(b))
	}
	return out
}

// settled waits until no more goroutines run than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func TestLoaderSameForAnyWorkers(t *testing.T) {
	pairs := drawSet(t, t.TempDir(), 14)
	before := runtime.NumGoroutine()
	want := epochOf(t, newLoader(t, pairs, 1, 7), 2, 0)
	if len(want) != 4 {
		t.Fatalf("%d batches, want 4: the last, not full, is dropped", len(want))
	}
	for _, workers := range []int{0, 2, 7} {
		l := newLoader(t, pairs, workers, 7)
		epochOf(t, l, 0, 0) // buffers are used already
		got := epochOf(t, l, 2, 0)
		if !slices.EqualFunc(got, want, same) {
			t.Errorf("%d workers give other batches than 1", workers)
		}
		for from := range 5 {
			if got := epochOf(t, l, 2, from); !slices.EqualFunc(got, want[from:], same) {
				t.Errorf("%d workers, from batch %d: other batches", workers, from)
			}
		}
	}
	settled(t, before)
}

func TestLoaderVaries(t *testing.T) {
	pairs := drawSet(t, t.TempDir(), 12)
	l := newLoader(t, pairs, 2, 7)
	a, b, c := epochOf(t, l, 0, 0), epochOf(t, l, 1, 0), epochOf(t, newLoader(t, pairs, 2, 8), 0, 0)
	stems := func(bs []Batch) (out []string) {
		for _, b := range bs {
			out = append(out, b.Stems...)
		}
		return out
	}
	for _, other := range [][]Batch{b, c} {
		if slices.Equal(stems(a), stems(other)) {
			t.Errorf("the order %v stands twice", stems(a))
		}
	}
	for _, bs := range [][]Batch{a, b, c} {
		s := stems(bs)
		slices.Sort(s)
		if len(slices.Compact(s)) != 12 {
			t.Errorf("an epoch holds %v, want each stem once", s)
		}
	}
	// The caller's slice is not the loader's.
	pairs[0], pairs[1] = pairs[1], pairs[0]
	if !slices.EqualFunc(a, epochOf(t, l, 0, 0), same) {
		t.Error("the loader follows its caller's slice")
	}
}

// TestLoaderBatch compares an unaugmented batch with what Input and Target give.
func TestLoaderBatch(t *testing.T) {
	pairs := drawSet(t, t.TempDir(), 5)
	l, err := NewLoader(LoaderOptions{Pairs: pairs, Size: 16, Batch: 5, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	b := epochOf(t, l, 0, 0)[0]
	for i, stem := range b.Stems {
		p := pairs[slices.IndexFunc(pairs, func(p Pair) bool { return p.Stem == stem })]
		photo, mask, _, err := ReadPair(p)
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float32, 3*256), make([]float32, 256)
		Input(x, photo, 16)
		Target(y, mask, 16)
		if !slices.Equal(x, b.X[i*768:(i+1)*768]) || !slices.Equal(y, b.Y[i*256:(i+1)*256]) {
			t.Errorf("%s: the batch holds something else", stem)
		}
	}
}

func TestLoaderEndsEarly(t *testing.T) {
	pairs := drawSet(t, t.TempDir(), 14)
	before := runtime.NumGoroutine()
	l := newLoader(t, pairs, 3, 7)
	want := epochOf(t, l, 0, 0)
	for range l.Epoch(context.Background(), 0, 0) {
		break
	}
	settled(t, before)
	func() {
		defer func() { _ = recover() }()
		for range l.Epoch(context.Background(), 0, 1) {
			panic("in the loop")
		}
	}()
	settled(t, before)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last error
	n := 0
	for _, err := range l.Epoch(ctx, 0, 0) {
		n, last = n+1, err
		cancel()
	}
	if !errors.Is(last, context.Canceled) || n > 3 {
		t.Errorf("after cancelling: %d batches, error %v, want %v", n, last, context.Canceled)
	}
	settled(t, before)
	if !slices.EqualFunc(want, epochOf(t, l, 0, 0), same) {
		t.Error("broken-off epochs changed a later one")
	}
	for range l.Epoch(context.Background(), 0, 0) {
		for _, err := range l.Epoch(context.Background(), 0, 0) {
			if err == nil || !strings.Contains(err.Error(), "another epoch") {
				t.Errorf("an epoch in an epoch: error %v", err)
			}
		}
		break
	}
}

// TestLoaderBrokenFile meets a picture cut short in the middle of a set.
func TestLoaderBrokenFile(t *testing.T) {
	for _, k := range []int{6, 7} { // a PNG and a JPEG
		pairs := drawSet(t, t.TempDir(), 14)
		path := pairs[k].Image
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, content[:len(content)*2/3])
		for _, workers := range []int{1, 4} {
			l, err := NewLoader(LoaderOptions{Pairs: pairs, Size: 16, Batch: 2, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			var last error
			for _, err := range l.Epoch(context.Background(), 0, 0) {
				n, last = n+1, err
			}
			if last == nil || !strings.Contains(last.Error(), path) || !strings.Contains(last.Error(), "cut short") || strings.Count(last.Error(), "data: ") != 1 {
				t.Errorf("error %v, want one that names %s", last, path)
			}
			if want := slices.Index(l.order, k)/2 + 1; n != want {
				t.Errorf("%d workers: error at batch %d, want %d", workers, n, want)
			}
		}
	}
}

func TestLoaderOptions(t *testing.T) {
	pairs := []Pair{{Stem: "a", Image: "a.jpg", Mask: "a.png"}, {Stem: "b", Image: "b.jpg", Mask: "b.png"}}
	good := LoaderOptions{Pairs: pairs, Size: 16, Batch: 2}
	for want, change := range map[string]func(o *LoaderOptions){
		"size is 0":                        func(o *LoaderOptions) { o.Size = 0 },
		"batch is 0":                       func(o *LoaderOptions) { o.Batch = 0 },
		"workers is -1":                    func(o *LoaderOptions) { o.Workers = -1 },
		"2 pairs are fewer than one batch": func(o *LoaderOptions) { o.Batch = 3 },
		"crop is -1":                       func(o *LoaderOptions) { o.Augment.Crop = -1 },
		"flip is 1.5":                      func(o *LoaderOptions) { o.Augment.Flip = 1.5 },
		"vertical is NaN":                  func(o *LoaderOptions) { o.Augment.Vertical = math.NaN() },
	} {
		o := good
		change(&o)
		if _, err := NewLoader(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	l, err := NewLoader(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][2]int{{-1, 0}, {0, -1}, {0, 2}} {
		for _, err := range l.Epoch(context.Background(), bad[0], bad[1]) {
			if want := fmt.Sprintf("batch %d of epoch %d", bad[1], bad[0]); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		}
	}
}

// TestLoaderSteadyMemory checks that a warm loader takes memory for decoding only.
func TestLoaderSteadyMemory(t *testing.T) {
	pairs := drawSet(t, t.TempDir(), 8)
	l, err := NewLoader(LoaderOptions{Pairs: pairs, Size: 256, Batch: 4, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	epochOf := func() {
		for _, err := range l.Epoch(context.Background(), 0, 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	epochOf()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	epochOf()
	runtime.ReadMemStats(&after)
	if got, batch := after.TotalAlloc-before.TotalAlloc, uint64(4*4*4*256*256); got > batch/2 {
		t.Errorf("%d bytes taken by a warm epoch, a batch has %d", got, batch)
	}
}

// Batches that were begun ahead are those that Epoch gives without, however the epoch goes
// on; another epoch, another size or nobody's wish end it, and no goroutine is left.
func TestLoaderAhead(t *testing.T) {
	pairs := drawSet(t, t.TempDir(), 14)
	want := [][]Batch{epochOf(t, newLoader(t, pairs, 2, 7), 0, 0), epochOf(t, newLoader(t, pairs, 2, 7), 1, 0)}
	before := runtime.NumGoroutine()
	l := newLoader(t, pairs, 2, 7)
	for name, c := range map[string]struct {
		begin       func()
		epoch, from int
	}{
		"the same":      {func() { l.Ahead(0, 0) }, 0, 0},
		"from a batch":  {func() { l.Ahead(1, 2) }, 1, 2},
		"another epoch": {func() { l.Ahead(0, 0) }, 1, 0},
		"another batch": {func() { l.Ahead(1, 0) }, 1, 1},
		"twice":         {func() { l.Ahead(1, 0); l.Ahead(0, 0) }, 0, 0},
		"dropped":       {func() { l.Ahead(0, 0); l.DropAhead(); l.DropAhead() }, 0, 0},
		"no such batch": {func() { l.Ahead(0, 5); l.Ahead(-1, 0) }, 0, 0},
		"same size": {func() {
			l.Ahead(0, 0)
			if err := l.Resize(16); err != nil {
				t.Error(err)
			}
		}, 0, 0},
		"resized": {func() {
			for _, size := range []int{8, 16} {
				l.Ahead(0, 0)
				if err := l.Resize(size); err != nil {
					t.Error(err)
				}
			}
		}, 0, 0},
	} {
		c.begin()
		if got := epochOf(t, l, c.epoch, c.from); !slices.EqualFunc(got, want[c.epoch][c.from:], same) {
			t.Errorf("%s: other batches", name)
		}
		settled(t, before)
	}
	l.Ahead(0, 0)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	batches := 0
	for _, err := range l.Epoch(ctx, 0, 0) {
		if batches++; batches == 1 {
			cancel()
		} else if err == nil && batches == 4 || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("batch %d of an epoch that was cancelled: %v", batches, err)
		}
	}
	settled(t, before)
	l.Ahead(0, 0)
	for range l.Epoch(context.Background(), 0, 0) {
		l.Ahead(1, 0) // while an epoch runs
		break
	}
	settled(t, before)
	if got := epochOf(t, l, 0, 0); !slices.EqualFunc(got, want[0], same) {
		t.Error("other batches after an epoch that was broken off")
	}
}
