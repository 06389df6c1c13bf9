package eval

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"testing"

	"csnet/data"
)

// The pictures that a validation shows are the best and the worst of the whole set,
// scored one by one, for any number of them and of threads; where the pixels were not
// kept they are the same.
func TestGallery(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 9)
	set, err := data.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := ValidateOptions{NewNet: newBright, Size: 32, Threads: 1}
	var order []Shown
	for _, p := range set.Pairs {
		v, err := Validate(t.Context(), []data.Pair{p}, o)
		if err != nil {
			t.Fatal(err)
		}
		if v.Empty == 0 {
			order = append(order, Shown{Stem: p.Stem, MaxF: v.MaxF, MAE: v.MAE})
		}
	}
	slices.SortStableFunc(order, func(a, b Shown) int { return cmp.Compare(b.MaxF, a.MaxF) })
	for n := 1; n <= 6; n++ {
		k := min(n, (len(order)+1)/2)
		var first []Shown
		for _, threads := range []int{1, 3, 20} {
			o.Show, o.Threads = n, threads
			v, err := Validate(t.Context(), set.Pairs, o)
			if err != nil || v.Gallery.Empty() {
				t.Fatal(n, err)
			}
			best, worst, err := v.Gallery.Draw(t.Context(), threads)
			if err != nil || len(best) != k || len(worst) != min(n, len(order)-k) {
				t.Fatalf("%d of %d, %d threads: %d and %d, %v", n, len(order), threads, len(best), len(worst), err)
			}
			for i, s := range append(slices.Clone(best), worst...) {
				want := order[i]
				if i >= k {
					want = order[len(order)-len(worst)+i-k]
				}
				if s.Stem != want.Stem || s.MaxF != want.MaxF || s.MAE != want.MAE || len(s.Photo.Data) == 0 || len(s.Truth.Data) == 0 || len(s.Map.Data) == 0 {
					t.Errorf("%d, %d threads: picture %d is %s with %v, want %s with %v", n, threads, i, s.Stem, s.MaxF, want.Stem, want.MaxF)
				}
			}
			if all := append(best, worst...); first == nil {
				first = all
			} else if !reflect.DeepEqual(all, first) {
				t.Errorf("%d, %d threads: other pictures than on one", n, threads)
			}
		}
		if again := drawnAgain(t, set.Pairs, o, n); !reflect.DeepEqual(again, first) {
			t.Errorf("%d: pictures whose pixels were not kept are others", n)
		}
	}
	if best, worst, err := (Gallery{}).Draw(t.Context(), 2); len(best)+len(worst) != 0 || err != nil || !(Gallery{}).Empty() {
		t.Error("an empty gallery shows something")
	}
}

// drawnAgain draws what is shown from maps that are made again.
func drawnAgain(t *testing.T, pairs []data.Pair, o ValidateOptions, n int) []Shown {
	t.Helper()
	workers := make([]validator, 2)
	o.Show = n
	if err := o.begin(workers); err != nil {
		t.Fatal(err)
	}
	for i, p := range pairs {
		if err := workers[i%2].score(i, p); err != nil {
			t.Fatal(err)
		}
	}
	for i := range workers {
		for _, list := range [][]scored{workers[i].finalists.best, workers[i].finalists.worst} {
			for k := range list {
				list[k].pictures = nil
			}
		}
	}
	g, err := pick(context.Background(), workers, pairs, n)
	if err != nil {
		t.Fatal(err)
	}
	best, worst, err := g.Draw(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return append(best, worst...)
}
