package train

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"

	"csnet/model"
)

func TestTidyPercent(t *testing.T) {
	for _, c := range []struct {
		inUse uint64
		want  int
	}{{0, 100}, {1 << 20, 100}, {32 << 20, 100}, {64 << 20, 50}, {1 << 30, 3}, {1 << 40, 1}} {
		if got := garbagePercent(c.inUse); got != c.want {
			t.Errorf("%d bytes in use: %d, want %d", c.inUse, got, c.want)
		}
	}
}

// A run lowers the collector's target and puts it back; the user's stands.
func TestCollectorsTarget(t *testing.T) {
	before := debug.SetGCPercent(usualPercent)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	during := func(was int) (during int) {
		debug.SetGCPercent(was)
		o := options(t, drawn(t, pictures), t.TempDir())
		inUse := make([]byte, 8*garbageLimit)
		validate := o.Validate
		o.Validate = func(ctx context.Context, p *model.Params, size int) (Score, error) {
			during = debug.SetGCPercent(was)
			debug.SetGCPercent(during)
			return validate(ctx, p, size)
		}
		if _, err := Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		runtime.KeepAlive(inUse)
		if after := debug.SetGCPercent(was); after != was {
			t.Errorf("%d after the run, was %d", after, was)
		}
		return during
	}
	if got := during(usualPercent); got > 13 {
		t.Errorf("%d while the run was on, want at most 13", got)
	}
	if got := during(77); got != 77 {
		t.Errorf("%d while the run was on, want the user's 77", got)
	}
}
