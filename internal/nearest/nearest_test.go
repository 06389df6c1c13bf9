package nearest

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestOf(t *testing.T) {
	commands := []string{"train", "prune", "eval", "predict", "quickstart", "bench"}
	for s, want := range map[string]string{
		"trian": "train", "Train": "train", "prnue": "prune", "evla": "eval", "predit": "predict", "quikstart": "quickstart",
		"photo.jpg": "", "zzz": "", "": "", strings.Repeat("train", 20): "",
	} {
		if got := Of(s, commands); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	for _, c := range []struct{ a, b, near string }{
		{"widht", "width", "width"}, {"Width", "width", "width"}, {"batch_size", "batch", "batch"},
		{"epoch", "epochs", "epochs"}, {"q", "width", ""}, {"valshare", "val_share", "val_share"},
	} {
		if got := Of(c.a, []string{"zzzzzzzzzzzz", c.b}); got != c.near {
			t.Errorf("%q: %q, want %q", c.a, got, c.near)
		}
	}
	if Of("x", nil) != "" {
		t.Error("something is near to x among nothing")
	}
}

// slow is the distance by its definition: the cheapest of all first edits.
func slow(a, b string) int {
	switch {
	case a == "":
		return len(b)
	case b == "":
		return len(a)
	case a[0] == b[0]:
		return slow(a[1:], b[1:])
	}
	d := 1 + min(slow(a[1:], b), slow(a, b[1:]), slow(a[1:], b[1:]))
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		d = min(d, 1+slow(a[2:], b[2:]))
	}
	return d
}

func TestDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[abc]{0,6}`)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if got, want := Distance(a, b), slow(a, b); got != want {
			t.Fatalf("%q to %q: %d, want %d", a, b, got, want)
		}
		if Distance(a, b) != Distance(b, a) {
			t.Fatalf("%q to %q is not the way back", a, b)
		}
	})
}
