package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"csnet/internal/config"
	"csnet/internal/synth"
	"csnet/train"
)

// trainedRun runs a short training on drawn pictures into a new folder, which it returns.
func trainedRun(t *testing.T) (out string) {
	t.Helper()
	dir := t.TempDir()
	set := filepath.Join(dir, "set")
	if err := synth.Write(t.Context(), set, 1, 24, 32, nil); err != nil {
		t.Fatal(err)
	}
	out = filepath.Join(dir, "a run")
	var stdout, stderr bytes.Buffer
	args := []string{"train", "--config", "csnet-tiny", "--data", set, "--out", out, "--threads", "2",
		"--set", "data.size=32", "--set", "eval.size=32", "--set", "train.batch=4", "--set", "train.epochs=2", "--set", "data.val_share=0.3", "--set", "train.log_every=1"}
	if code := run(t.Context(), args, streams{out: &stdout, err: &stderr}); code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	return out
}

func pageOf(t *testing.T, out string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(out, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	keptWords := regexp.MustCompile(`<span class="w">([^<]*)</span>`)
	return keptWords.ReplaceAllString(string(raw), "$1")
}

// TestTrainLeavesAPage: a finished run's page has curves, pictures, the config and
// what to do next, and is not read again by itself.
func TestTrainLeavesAPage(t *testing.T) {
	out := trainedRun(t)
	html := pageOf(t, out)
	for _, want := range []string{
		"<title>csnet train: a run", ">DONE<", "Validation: maxF", "Validation: MAE", "Learning rate", "Channels alive", "centred Gaussian",
		">Worst<", ">Best<", "What the net is given", "alt=\"The first pictures of the first epoch", "train.seed", "csnet predict --checkpoint", "--format onnx", "csnet train --config csnet-tiny",
	} {
		if !strings.Contains(strings.ReplaceAll(html, "seed:", "train.seed"), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(html, `http-equiv="refresh"`) || strings.Contains(html, "--resume") {
		t.Error("the page of a finished run says that it goes on")
	}
	lines, err := train.ReadMetrics(filepath.Join(out, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if n := len(l.ChannelsLeft); n < 2 || l.ChannelsLeft[0] < 1 {
			t.Errorf("step %d: channels left %v", l.Step, l.ChannelsLeft)
		}
	}
}

// TestPageFollowsTheRun: the page is written at the first step and after every
// validation, says that it is read again, and ends with why the run did.
func TestPageFollowsTheRun(t *testing.T) {
	out := trainedRun(t)
	j := &trainJob{out: out}
	var err error
	if j.conf, err = config.Load(filepath.Join(out, "config.yaml"), nil); err != nil {
		t.Fatal(err)
	}
	if j.spec, err = j.conf.Spec(); err != nil {
		t.Fatal(err)
	}
	p := &trainPage{job: j, epoch: -1, validates: true}
	told := 0
	watch := p.watch(func(train.Progress) { told++ })
	for i, c := range []struct {
		at      train.Progress
		written bool
	}{
		{train.Progress{Step: 1, Steps: 9, Epochs: 3}, true},
		{train.Progress{Step: 2, Steps: 9, Epochs: 3}, false},
		{train.Progress{Step: 3, Steps: 9, Epochs: 3, Score: &train.Score{}}, true},
		{train.Progress{Step: 4, Steps: 9, Epoch: 1, Epochs: 3}, false},
	} {
		_ = os.Remove(filepath.Join(out, "report.html"))
		watch(c.at)
		p.wait()
		_, err := os.Stat(filepath.Join(out, "report.html"))
		if (err == nil) != c.written || told != i+1 {
			t.Errorf("step %d: written %t, want %t", c.at.Step, err == nil, c.written)
		}
		if c.written {
			if html := pageOf(t, out); !strings.Contains(html, `http-equiv="refresh"`) || !strings.Contains(html, "RUNNING") || !strings.Contains(html, "--resume") {
				t.Errorf("step %d: the page does not say that the run goes on", c.at.Step)
			}
		}
	}
	// The page names the net that the run keeps, be its error the lowest or not.
	watch(train.Progress{Step: 0, Steps: 9, Epochs: 3, Score: &train.Score{MAE: .1, MaxF: .5, ObjMaxF: .5}})
	watch(train.Progress{Step: 5, Steps: 9, Epoch: 1, Epochs: 3, Score: &train.Score{MAE: .2, MaxF: .7, ObjMaxF: .7}, Best: true})
	watch(train.Progress{Step: 7, Steps: 9, Epoch: 2, Epochs: 3, Score: &train.Score{MAE: .05, MaxF: .6, ObjMaxF: .6}})
	p.wait()
	if html := pageOf(t, out); !strings.Contains(html, "step 5: maxF 0.7000, MAE 0.2000") {
		t.Error("the page does not name the net that best.safetensors holds")
	}
	p.end(train.Result{}, context.Canceled, nil)
	if html := pageOf(t, out); !strings.Contains(html, "STOPPED") || !strings.Contains(html, "csnet train --resume --out") || strings.Contains(html, `http-equiv="refresh"`) {
		t.Error("the page of a stopped run does not say how to go on")
	}
	p.end(train.Result{}, errors.New("train: step 4: loss <NaN>"), nil)
	if html := pageOf(t, out); !strings.Contains(html, "FAILED") || !strings.Contains(html, "loss &lt;NaN&gt;") {
		t.Error("the page of a failed run does not say why")
	}
	p.end(train.Result{Step: 9}, nil, []string{"verdict: no better than a centred Gaussian"})
	if html := pageOf(t, out); !strings.Contains(html, `aria-label="not met"`) {
		t.Error("bad news is not marked")
	}
}
