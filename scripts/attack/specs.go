//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// specs draws nets and takes each through all that csnet does with one.
func specs(o options) (wrong int, err error) {
	o.run = ""
	for _, p := range []*string{&o.csnet, &o.set} {
		if *p, err = filepath.Abs(*p); err != nil {
			return 0, err
		}
	}
	dir, err := filepath.Abs("nets")
	if err != nil {
		return 0, err
	}
	none := 0
	for i := range o.n {
		if err := os.RemoveAll(dir); err != nil {
			return 0, err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return 0, err
		}
		a := &arena{options: o, dir: dir}
		args := a.drawNet()
		err := a.live(args)
		if errors.Is(err, errNoNet) && none < o.n/2 { // such nets are not allowed; most must be
			none++
			continue
		}
		if err != nil {
			wrong++
			fmt.Fprintf(os.Stderr, "WRONG: net %d: %v: %s\n", i, err, strings.Join(args, " "))
		}
	}
	fmt.Fprintf(os.Stderr, "%d of %d drawn nets were refused\n", none, o.n)
	return wrong, nil
}

var errNoNet = errors.New("refused")

// drawNet is a net of 1 to 4 octaves, some of them without channels, as the values
// of train's --set.
func (a *arena) drawNet() []string {
	pick := func(s ...string) string { return s[a.rng.IntN(len(s))] }
	set := []string{
		"net.width=" + pick("0.05", "0.1", "0.2", "0.3", "0.45"),
		"net.split=" + pick("[1]", "[1, 1]", "[1, 0]", "[0, 1]", "[1, 1, 1]", "[1, 0, 1]", "[2, 1, 1, 1]", "[3, 1]"),
		"net.extractor_only=" + pick("false", "false", "true"),
		"data.size=" + pick("32", "64"),
		"train.batch=" + pick("2", "3", "5"),
		"optim.l2=" + pick("0", "1e-3"),
		"train.steps=3", "train.save_every=1", "train.log_every=1", "data.val_share=0.2", "optim.schedule.warmup_steps=0",
	}
	args := []string{"--config", "csnet-tiny", "--data", a.set}
	for _, s := range set {
		args = append(args, "--set", s)
	}
	return args
}

// live trains a net with two numbers of threads, prunes, exports, imports and
// scores it.
func (a *arena) live(net []string) error {
	must := func(args ...string) (string, error) {
		code, out, errs, kb, late := a.exec(args...)
		if code != 0 || late || kb > mostKB {
			return out, fmt.Errorf("%s: exit %d, late %v, %d MB: %s", args[0], code, late, kb>>10, errs[max(0, len(errs)-300):])
		}
		return out, nil
	}
	for _, r := range []string{"1", "3"} {
		if _, err := must(append([]string{"train", "--out", "r" + r, "--threads", r}, net...)...); err != nil {
			if r == "1" && strings.Contains(err.Error(), "exit 2") {
				return fmt.Errorf("%w: %w", errNoNet, err)
			}
			return err
		}
	}
	last, pruned := "r1/checkpoints/last.safetensors", "pruned.safetensors"
	x, err := os.ReadFile(a.path(last))
	if err != nil {
		return err
	}
	if y, err := os.ReadFile(a.path("r3/checkpoints/last.safetensors")); err != nil || !bytes.Equal(x, y) {
		return fmt.Errorf("3 threads give other weights: %w", err)
	}
	ratio := fmt.Sprintf("%.2f", 0.6*a.rng.Float64())
	for _, args := range [][]string{
		{"check", "r1"},
		{"prune", "--checkpoint", last, "--ratio", ratio, "--out", pruned},
		{"check", pruned},
		{"train", "--config", "finetune", "--from", pruned, "--data", a.set, "--out", "tuned", "--set", "train.steps=2", "--set", "train.batch=2", "--set", "train.norm=batch", "--set", "data.size=64", "--set", "data.val_share=0.2", "--set", "optim.schedule.warmup_steps=0"}, // after three steps the running statistics are none to freeze
		{"export", "--checkpoint", pruned, "--out", "released.safetensors"},
		{"export", "--checkpoint", pruned, "--format", "onnx", "--size", "64", "--out", "net.onnx"},
		{"import", "--from", "released.safetensors", "--like", pruned, "--out", "back.safetensors"},
	} {
		if _, err := must(args...); err != nil {
			return err
		}
	}
	var scores [2]string
	for i, c := range []string{pruned, "back.safetensors"} {
		out, err := must("eval", "--checkpoint", "net="+c, "--data", "set="+a.set, "--size", "64", "--json")
		if err != nil {
			return err
		}
		scores[i] = out
	}
	return sameScores(scores[0], scores[1])
}

// sameScores compares all numbers of two reports but times.
func sameScores(a, b string) error {
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		return err
	}
	return same("", x, y)
}

func same(at string, x, y any) error {
	switch v := x.(type) {
	case map[string]any:
		w, ok := y.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: other kinds", at)
		}
		for k := range v {
			if strings.Contains(k, "second") || strings.Contains(k, "ms") || k == "path" || k == "checkpoint" || k == "digest" {
				continue
			}
			if err := same(at+"."+k, v[k], w[k]); err != nil {
				return err
			}
		}
	case []any:
		w, ok := y.([]any)
		if !ok || len(v) != len(w) {
			return fmt.Errorf("%s: other lengths", at)
		}
		for i := range v {
			if err := same(fmt.Sprintf("%s[%d]", at, i), v[i], w[i]); err != nil {
				return err
			}
		}
	case float64:
		w, ok := y.(float64)
		if !ok || math.Abs(v-w) > 1e-9 {
			return fmt.Errorf("%s: %v and %v", at, x, y)
		}
	}
	return nil
}
