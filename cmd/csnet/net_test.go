package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"csnet/data"
	"csnet/internal/config"
)

// photoFile writes a photo of a bright square on dark ground and returns its path.
func photoFile(t *testing.T) string {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 * 48 {
		x, y := i%64, i/64
		im.Set(x, y, color.RGBA{20, 40, uint8(60 + x/4), 255})
		if x > 20 && x < 44 && y > 12 && y < 36 {
			im.Set(x, y, color.RGBA{230, 200, 40, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "photo.png")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Without --checkpoint the commands that only read a net take the embedded model
// and say so once; train and prune never do.
func TestEmbeddedIsTheDefault(t *testing.T) {
	photo, out := photoFile(t), t.TempDir()
	const said = "using the embedded model"
	for _, c := range []struct {
		args []string
		code int
		said bool
	}{
		{[]string{"predict", "--out", out, photo}, exitDone, true},
		{[]string{"predict", "--checkpoint", "embedded", "--out", filepath.Join(out, "b"), photo}, exitDone, false},
		{[]string{"summary", "--json"}, exitDone, true},
		{[]string{"summary", "--config", benchConfig(t)}, exitDone, false},
		{[]string{"bench", "--mode", "infer", "--runs", "1", "--size", "32", "--threads", "1"}, exitDone, true},
		{[]string{"export", "--out", filepath.Join(out, "x.safetensors")}, exitDone, true},
		{[]string{"prune", "--out", filepath.Join(out, "p.safetensors")}, exitUsage, false},
		{[]string{"train", "--config", benchConfig(t), "--from", "", "--out", out}, exitUsage, false},
		{[]string{"summary", "--checkpoint", "missing.safetensors"}, exitFailed, false},
	} {
		var o, e bytes.Buffer
		code := run(context.Background(), c.args, streams{&o, &e})
		n := strings.Count(e.String(), said)
		if code != c.code || (n == 1) != c.said || n > 1 {
			t.Errorf("csnet %s: exit %d, want %d; says %d times which model it uses: %s", strings.Join(c.args, " "), code, c.code, n, e.String())
		}
		if strings.Contains(o.String(), said) {
			t.Errorf("csnet %s: stdout holds the note", strings.Join(c.args, " "))
		}
	}
	if _, err := os.Stat(filepath.Join(out, "photo.png")); err != nil {
		t.Error(err)
	}
}

// A config that says nothing of the net, or only inherited it, fine-tunes any net;
// one with a net of its own must agree.
func TestFromWithShippedConfigs(t *testing.T) {
	for name, want := range map[string]string{
		"finetune": "", "own-photos": "", "csnet-tiny-finetune": "", "embedded-finetune": "", "embedded-longer": "",
		"csnet-x1":   "", // the model was pruned from it
		"csnet-tiny": "its net section has", "csnet-x2": "differs from the net of --from",
	} {
		_, err := newTrainJob(trainOptions{Config: filepath.Join("../../configs", name+".yaml"), From: "embedded", Data: []string{t.TempDir()}, Out: filepath.Join(t.TempDir(), "run")})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// A resumed run may be lengthened, and ended at another time; nothing else of it
// changes.
func TestOnlyLonger(t *testing.T) {
	was := config.Default()
	for name, c := range map[string]struct {
		change func(c *config.Config)
		ok     bool
	}{
		"same":          {func(*config.Config) {}, true},
		"more epochs":   {func(c *config.Config) { c.Train.Epochs++ }, true},
		"fewer epochs":  {func(c *config.Config) { c.Train.Epochs-- }, false},
		"patience":      {func(c *config.Config) { c.Train.Patience = 3 }, true},
		"time":          {func(c *config.Config) { c.Train.MaxTime = time.Hour }, true},
		"average":       {func(c *config.Config) { c.Train.EMA = 0.9 }, false},
		"another size":  {func(c *config.Config) { c.Data.Size = data.Sizes{96} }, false},
		"another decay": {func(c *config.Config) { c.DWD.Schedule.Full = 3 }, false},
	} {
		is := was
		c.change(&is)
		if err := sameConfig("a", was, "b", is); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
