package train

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"csnet/checkpoint"
	"csnet/model"
)

// The first last is written while the net is validated, and put in its place only when that
// is done; a run that is interrupted in it leaves last, of the last step, and nothing else.
func TestFirstLast(t *testing.T) {
	pairs := drawn(t, pictures)
	for _, interrupted := range []bool{false, true} {
		o := options(t, pairs, t.TempDir())
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		last := filepath.Join(o.Dir, "checkpoints", "last.safetensors")
		inner, calls := o.Validate, 0
		o.Validate = func(ctx context.Context, p *model.Params, size int) (Score, error) {
			s, err := inner(ctx, p, size)
			if calls++; calls == 1 {
				if _, err := os.Stat(last); err == nil {
					t.Error("last is there before the net was validated")
				}
				if interrupted {
					cancel()
					err = context.Canceled
				}
			}
			return s, err
		}
		res, err := Run(ctx, o)
		if interrupted != (err != nil) {
			t.Fatalf("interrupted %v: %v", interrupted, err)
		}
		nothingHalf(t, o.Dir)
		c, err := checkpoint.Load(last)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]int{false: res.Step, true: perEpoch}[interrupted]; c.Step != want {
			t.Errorf("interrupted %v: last is of step %d, want %d", interrupted, c.Step, want)
		}
		if _, err := os.Stat(filepath.Join(o.Dir, "checkpoints", "best.safetensors")); (err == nil) == interrupted {
			t.Errorf("interrupted %v: best: %v", interrupted, err)
		}
	}
}
