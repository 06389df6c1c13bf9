package data

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestParseSource(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("odd:0.5", 0o777); err != nil {
		t.Fatal(err)
	}
	for arg, want := range map[string]Source{
		"set": {Dir: "set"}, "set:0.3": {"set", 0.3}, "a/b:2": {"a/b", 2}, "odd:0.5": {Dir: "odd:0.5"}, "odd:0.5:0.7": {"odd:0.5", 0.7},
		`C:\sets\x`: {Dir: `C:\sets\x`}, `C:\x:0.5`: {`C:\x`, 0.5}, filepath.Join("a", "b"): {Dir: filepath.Join("a", "b")},
	} {
		if got, err := ParseSource(arg); err != nil || got != want {
			t.Errorf("%s: %+v, %v", arg, got, err)
		}
	}
	for _, arg := range []string{"a:0", "a:-1", "a:Inf", "a:NaN"} {
		if got, err := ParseSource(arg); err == nil {
			t.Errorf("%s: %+v", arg, got)
		}
	}
	if _, err := Mix([]Source{{"a", 1}, {"b", 0}}, []int{1, 1}); err == nil {
		t.Error("a share for one of two sets was taken")
	}
	if parts, err := Mix([]Source{{"a", 0}, {"b", 0}}, []int{1, 1}); err != nil || parts != nil {
		t.Errorf("%v, %v", parts, err)
	}
}

// An epoch of mixed sets has each set's share; over the epochs every pair of a set
// comes as often as its others, but for one; and an epoch does not depend on those
// before it.
func TestMixedOrder(t *testing.T) {
	parts := []Part{{5, 0.5}, {40, 0.3}, {11, 0.2}}
	n, epochs := 56, 30
	counts := make([]int, n)
	var order []int
	for e := range epochs {
		order = mixedOrder(order, parts, n, 7, e)
		var of [3]int
		for _, i := range order {
			counts[i]++
			switch {
			case i < 5:
				of[0]++
			case i < 45:
				of[1]++
			default:
				of[2]++
			}
		}
		if of != [3]int{28, 17, 11} {
			t.Fatalf("epoch %d: %v of each", e, of)
		}
		if fresh := mixedOrder(nil, parts, n, 7, e); !slices.Equal(fresh, order) {
			t.Fatalf("epoch %d depends on what was before", e)
		}
	}
	for _, p := range [][]int{counts[:5], counts[5:45], counts[45:]} {
		if slices.Max(p)-slices.Min(p) > 1 {
			t.Errorf("pairs of one set come %d to %d times", slices.Min(p), slices.Max(p))
		}
	}
	if a, b := mixedOrder(nil, parts, n, 7, 1), mixedOrder(nil, parts, n, 8, 1); slices.Equal(a, b) {
		t.Error("the seed does not matter")
	}
}
