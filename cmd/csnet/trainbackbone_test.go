package main

import (
	"path/filepath"
	"strings"
	"testing"

	"csnet/internal/config"
	"csnet/train"
)

// The recipe freezes the norms of a backbone that starts from a file or a trained net. One
// that starts from random weights has no statistics: its norms learn, the run's config says
// so, and its person is told, with what to do where they see one picture at a time.
func TestBackboneWithoutFile(t *testing.T) {
	if testing.Short() {
		t.Skip("draws nets of 36 million parameters")
	}
	set := []string{"net.extractor_only=true"}
	for _, c := range []struct {
		set   []string
		wants []string
	}{
		{set, []string{"the backbone starts from random weights, and its norms, which have no statistics to keep, learn as batch norms (train.norm: batch in place of frozen)", "train.batch=10 --set train.accumulate=1"}},
		{append(set, "train.norm=batch", "data.own_size=false", "train.batch=10"), []string{"the backbone starts from random weights"}},
	} {
		j, err := newTrainJob(trainOptions{Config: "csf-resnet50", Set: c.set, Data: []string{t.TempDir()}, Out: filepath.Join(t.TempDir(), "run")})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(j.notes, "\n")
		for _, want := range c.wants {
			if !strings.Contains(notes, want) {
				t.Errorf("%v: told %q, must say %q", c.set, notes, want)
			}
		}
		if len(c.wants) == 1 && !strings.HasSuffix(notes, c.wants[0]) {
			t.Errorf("%v: told %q", c.set, notes)
		}
		if j.conf.Train.Norm != train.NormBatch || !strings.Contains(string(j.conf.YAML()), "norm: batch") {
			t.Errorf("%v: train.norm is %s", c.set, j.conf.Train.Norm)
		}
	}
	for _, set := range [][]string{nil, {"net.norm=batch", "net.groups=0"}} {
		c, err := config.Load("csf-resnet50", set)
		if err != nil {
			t.Fatal(err)
		}
		j := trainJob{conf: c}
		if j.spec, err = c.Spec(); err != nil {
			t.Fatal(err)
		}
		err = j.startNorms("resnet50.pth")
		if refused := err != nil && strings.Contains(err.Error(), "the head's norms"); refused != (set != nil) || len(j.notes) > 0 || c.Train.Norm != train.NormFrozen {
			t.Errorf("with a file, %v: %v, told %q, train.norm is %s", set, err, j.notes, c.Train.Norm)
		}
	}
}
