package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"csnet/checkpoint"
	"csnet/internal/kernel"
	"csnet/model"
)

// scores makes validations return these values of MAE, one after another.
func scores(o *Options, maes ...float64) {
	calls := 0
	o.Validate = func(context.Context, *model.Params, int) (Score, error) {
		calls++
		return Score{MAE: maes[calls-1], MaxF: 0.1}, nil
	}
}

// The best so far is in the checkpoint: whatever happens to the log, a resumed run
// never replaces best by a worse net.
func TestBestSurvivesTheLog(t *testing.T) {
	pairs := drawn(t, pictures)
	for name, harm := range map[string]func(path string, raw []byte) error{
		"deleted": func(path string, _ []byte) error { return os.Remove(path) },
		"emptied": func(path string, _ []byte) error { return os.WriteFile(path, nil, 0o644) },
		"cut":     func(path string, raw []byte) error { return os.WriteFile(path, raw[:len(raw)/3], 0o644) },
		"half a validation": func(path string, raw []byte) error {
			return os.WriteFile(path, append(raw, `{"step":3,"val_mae":0.01}`+"\n"...), 0o644)
		},
	} {
		o := options(t, pairs, t.TempDir())
		scores(&o, 0.3)
		if _, err := Run(stoppedAfter(&o, perEpoch+1), o); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		good := files(t, o.Dir)[1]
		log := filepath.Join(o.Dir, "metrics.jsonl")
		raw, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if err := harm(log, raw); err != nil {
			t.Fatal(err)
		}
		o = resumed(t, o)
		if b := o.Resume.Run.Best; b == nil || b.MAE != 0.3 || b.Step != perEpoch {
			t.Fatalf("%s: the checkpoint holds the best %+v", name, b)
		}
		scores(&o, 0.4, 0.4)
		o.Progress = nil
		if res := whole(t, o); res.Best.MAE != 0.3 || files(t, o.Dir)[1] != good {
			t.Errorf("%s: best was replaced by a worse one: %+v", name, res.Best)
		}
	}
}

// A checkpoint says what made it.
func TestStateIsStored(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	o.Build = "1.2.3"
	o.Pictures = checkpoint.Pictures{Pairs: 14, Digest: "abc"}
	whole(t, o)
	s := resumed(t, o).Resume.Run
	if s == nil || s.Build != "1.2.3" || s.Train != o.Pictures || s.Validation != nil || s.CPU != kernel.Current().String() || s.Ended != steps || s.Size != side || s.LossSteps != 0 {
		t.Errorf("stored %+v", s)
	}
	if got := levels("avx2", "avx512") + " " + levels("avx2+avx512", "avx2") + " " + levels("", "plain"); got != "avx2+avx512 avx2+avx512 plain" {
		t.Errorf("levels: %s", got)
	}
}

// A net that has diverged replaces neither last nor best, and the run says so
// instead of "done": weights or statistics that are useless, a loss out of all
// bounds, predictions that a validation finds not finite.
func TestDiverged(t *testing.T) {
	pairs := drawn(t, pictures)
	huge := func(role model.Role) func(*Options) {
		return func(o *Options) {
			for _, p := range o.Params.All() {
				if p.Role == role {
					for i := range p.Data {
						p.Data[i] = math.MaxFloat32
					}
				}
			}
		}
	}
	for name, c := range map[string]struct {
		harm func(*Options)
		want string
	}{
		"statistics": {huge(model.Mean), "not finite"},
		"nan":        {func(o *Options) { o.Params.Get("csf.out.norm0.mean").Data[0] = float32(math.NaN()) }, "csf.out.norm0.mean holds NaN"},
		"validation": {func(*Options) {}, "predictions are not finite"},
	} {
		for _, first := range []bool{true, false} { // whether nothing was saved before
			o := options(t, pairs, t.TempDir())
			at, before := perEpoch, [2]string{}
			if !first {
				at = 2 * perEpoch
			}
			inner, harmed := o.Validate, false
			o.Validate = func(ctx context.Context, p *model.Params, size int) (Score, error) {
				if harmed && name == "validation" {
					return Score{}, ErrNotFinite
				}
				return inner(ctx, p, size)
			}
			o.Progress = func(p Progress) {
				if p.Step == at && p.Score == nil {
					if !first {
						before = files(t, o.Dir)
					}
					c.harm(&o)
					harmed = true
				}
			}
			_, err := Run(context.Background(), o)
			var d *Diverged
			if !errors.As(err, &d) || d.Step != at {
				t.Fatalf("%s: got %v", name, err)
			}
			wants(t, name, err, c.want, "diverged", "optim.lr", "--from")
			if first {
				wants(t, name, err, "nothing was saved")
				if _, err := os.Stat(filepath.Join(o.Dir, "checkpoints", "last.safetensors")); err == nil {
					t.Errorf("%s: last was saved", name)
				}
				nothingHalf(t, o.Dir)
			} else if wants(t, name, err, "last: step 3"); files(t, o.Dir) != before {
				t.Errorf("%s: a checkpoint was replaced", name)
			}
		}
	}
}

// A loss out of all bounds is no "done", although all values are finite.
func TestGiantLoss(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	o.Validate = nil
	o.Params.Get("cls.bias").Data[0] = -1e6
	_, err := Run(context.Background(), o)
	wants(t, "giant loss", err, "the loss is", "above 100", "diverged", "nothing was saved")
}

// last is saved every so often, as time goes by outside; the bits stay the same.
func TestSaveInterval(t *testing.T) {
	pairs := drawn(t, pictures)
	ref := options(t, pairs, t.TempDir())
	whole(t, ref)
	o := options(t, pairs, t.TempDir())
	now := 0.0
	o.Seconds = func() float64 { return now }
	o.SaveInterval = time.Minute
	var saved []int
	o.Progress = func(p Progress) {
		if p.Score == nil {
			now += 31
			if c, err := checkpoint.Load(filepath.Join(o.Dir, "checkpoints", "last.safetensors")); err == nil {
				saved = append(saved, c.Step)
			}
		}
	}
	whole(t, o)
	if want := []int{2, 3, 3, 5, 6, 6, 8}; len(saved) != len(want) || saved[0] != 2 || saved[3] != 5 || saved[6] != 8 {
		t.Errorf("last was of steps %v, want %v", saved, want)
	}
	sameFiles(t, "saved in between", files(t, o.Dir), files(t, ref.Dir))
}

// A checkpoint from beyond the run's end is of another run.
func TestStepBeyondTheRun(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	whole(t, o)
	o = resumed(t, o)
	o.Resume.Step = 1e9
	_, err := Run(context.Background(), o)
	wants(t, "beyond", err, "step 1000000000", "9 steps", "another run")
}

// A log that cannot be one is refused by name, a long line is read, and one that
// goes away while the run writes it ends the run.
func TestOddLogs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	_, err := ReadMetrics(filepath.Dir(path))
	wants(t, "folder", err, "not a regular file")
	long := `{"step":1,"note":"` + strings.Repeat("x", 1<<17) + "\"}\n"
	if err := os.WriteFile(path, append([]byte(long), `{"step":2}`+"\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if ls, err := ReadMetrics(path); err != nil || len(ls) != 2 {
		t.Errorf("%d lines, %v", len(ls), err)
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte{0}, 200), 0o644); err != nil {
		t.Fatal(err)
	}
	if ls, err := ReadMetrics(path); err != nil || len(ls) != 0 {
		t.Errorf("zeros: %d lines, %v", len(ls), err) // a last line that did not reach the disk
	}

	o := options(t, drawn(t, pictures), t.TempDir())
	o.Progress = func(p Progress) {
		if p.Step == 2 {
			if err := os.Remove(filepath.Join(o.Dir, "metrics.jsonl")); err != nil {
				t.Skip(err)
			}
		}
	}
	_, err = Run(context.Background(), o)
	wants(t, "removed log", err, "metrics.jsonl", "removed")
}
