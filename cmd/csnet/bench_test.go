package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/graph"
	"csnet/internal/bench"
	"csnet/internal/kernel"
)

// benchConfig writes a config of a small net and returns its path.
func benchConfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "small.yaml")
	text := "net: {width: 0.2, blocks: [1, 1, 2, 2], multipliers: [1, 1, 1, 1, 1]}\ndata: {size: 48}\ntrain: {batch: 2}\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// benchRun runs csnet bench and returns its exit code, stdout and stderr.
func benchRun(args ...string) (int, string, string) {
	var out, errs bytes.Buffer
	code := run(context.Background(), append([]string{"bench"}, args...), streams{&out, &errs})
	return code, out.String(), errs.String()
}

// benchJSON runs csnet bench --json and returns the object.
func benchJSON(t *testing.T, args ...string) map[string]any {
	t.Helper()
	code, out, errs := benchRun(append(args, "--json")...)
	if code != 0 {
		t.Fatalf("%v: exit %d: %s", args, code, errs)
	}
	var o map[string]any
	d := json.NewDecoder(strings.NewReader(out))
	if err := d.Decode(&o); err != nil || d.More() {
		t.Fatalf("%v: no single object (%v): %s", args, err, out)
	}
	return o
}

// Both modes print the keys of the contract with values that agree with each
// other, one row per op and pass under a name of its own.
func TestBenchJSON(t *testing.T) {
	conf := benchConfig(t)
	for mode, wantBatch := range map[string]float64{"infer": 1, "train": 2} {
		o := benchJSON(t, "--config", conf, "--mode", mode, "--runs", "3", "--threads", "2", "--layers")
		num := func(k string) float64 {
			v, ok := o[k].(float64)
			if !ok || v < 0 || math.IsInf(v, 0) {
				t.Errorf("%s: %s is %v", mode, k, o[k])
			}
			return v
		}
		for _, k := range []string{"ms_per_image", "gmacs_per_second", "peak_gflops", "bandwidth_gbs"} {
			if num(k) <= 0 {
				t.Errorf("%s: %s is %v", mode, k, o[k])
			}
		}
		num("peak_rss_mb")
		num("vm_overhead_ms")
		if o["mode"] != mode || num("batch") != wantBatch || num("size") != 48 || num("threads") != 2 || num("runs") != 3 {
			t.Errorf("%s: %v", mode, o)
		}
		if got := num("images_per_second") * num("ms_per_image"); math.Abs(got-1e3) > 1e-6 {
			t.Errorf("%s: images/s times ms is %v", mode, got)
		}
		seen, with := map[string]bool{}, []string(nil)
		for _, v := range o["layers"].([]any) {
			l := v.(map[string]any)
			name := l["name"].(string)
			if seen[name] {
				t.Errorf("%s: two rows %s", mode, name)
			}
			seen[name] = true
			for _, k := range []string{"ms", "gmacs_per_second", "gb_per_second", "share", "floor_ms"} {
				if v, ok := l[k].(float64); !ok || v < 0 {
					t.Errorf("%s: %s: %s is %v", mode, name, k, l[k])
				}
			}
			if in, ok := l["with"].(string); ok {
				with = append(with, in)
			}
		}
		for _, in := range with {
			if !seen[in] {
				t.Errorf("%s: ops are with %s, which has no row", mode, in)
			}
		}
		if len(with) == 0 {
			t.Errorf("%s: all ops run alone", mode)
		}
		want := []string{"stage0.0.mix.0", "stage1.0.dw2.1", "csf.ms1.1", "csf.out.0", "cls", "logits"}
		if mode == "train" {
			want = append(want, "loss", "stage0.0.mix.0 backward", "cls backward", "finite", "adam")
		}
		for _, name := range want {
			if !seen[name] {
				t.Errorf("%s: no row %s", mode, name)
			}
		}
	}
}

// Without --layers there are no rows; --set, --size and --batch act.
func TestBenchFlags(t *testing.T) {
	conf := benchConfig(t)
	o := benchJSON(t, "--config", conf, "--mode", "infer", "--runs", "2", "--size", "32", "--batch", "3", "--threads", "1")
	if o["layers"] != nil || o["batch"] != 3.0 || o["size"] != 32.0 {
		t.Errorf("%v", o)
	}
	o = benchJSON(t, "--config", conf, "--set", "train.batch=3", "--set", "data.size=64", "--mode", "train", "--runs", "2")
	if o["batch"] != 3.0 || o["size"] != 64.0 {
		t.Errorf("--set: %v", o)
	}
	if code, out, errs := benchRun("--config", conf, "--mode", "infer", "--runs", "2", "--layers"); code != 0 || !strings.Contains(out, "logits") || !strings.Contains(out, "all ops") || !strings.Contains(out, "ms per image") {
		t.Errorf("table: exit %d: %s%s", code, out, errs)
	}
	was := kernel.Current()
	if o := benchJSON(t, "--config", conf, "--mode", "infer", "--runs", "2", "--cpu", "plain"); o["cpu"] != "plain" {
		t.Errorf("--cpu plain: %v", o["cpu"])
	}
	if kernel.Current() != was {
		t.Errorf("level is %v after --cpu plain, was %v", kernel.Current(), was)
	}
}

// --runs not given: at least 20.
func TestBenchRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("3 s")
	}
	o := benchJSON(t, "--config", benchConfig(t), "--mode", "infer")
	if n := o["runs"].(float64); n < bench.LeastRuns || len(o["times_ms"].([]any)) != int(n) {
		t.Errorf("%v runs, %d times", n, len(o["times_ms"].([]any)))
	}
}

// --input and --logits: the net's values on those of the file.
func TestBenchInput(t *testing.T) {
	conf, dir := benchConfig(t), t.TempDir()
	in, out := filepath.Join(dir, "x.f32"), filepath.Join(dir, "y.f32")
	x := make([]float32, 3*32*32)
	for i := range x {
		x[i] = float32(math.Sin(float64(i)))
	}
	if err := writeFloats(in, x); err != nil {
		t.Fatal(err)
	}
	o := benchOptions{Config: conf, Mode: "infer", Batch: 1, Size: 32, Threads: 1}
	b, err := o.subject()
	if err != nil {
		t.Fatal(err)
	}
	p := graph.NewPredictor(b.Spec, b.Params, 1)
	defer func() { _ = p.Close() }()
	want, err := p.Logits(x, 32, 32)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "want.f32")
	if err := writeFloats(file, want); err != nil {
		t.Fatal(err)
	}
	benchJSON(t, "--config", conf, "--mode", "infer", "--runs", "1", "--size", "32", "--threads", "2", "--input", in, "--logits", out)
	got, err1 := os.ReadFile(out)
	ref, err2 := os.ReadFile(file)
	if err1 != nil || err2 != nil || !bytes.Equal(got, ref) || len(ref) != 4*32*32 {
		t.Errorf("%v, %v: %d bytes, want %d, equal %v", err1, err2, len(got), len(ref), bytes.Equal(got, ref))
	}
	for _, v := range want {
		if v-v != 0 || v > 1e4 || v < -1e4 {
			t.Fatalf("logit %g of drawn weights", v)
		}
	}
	if code, _, errs := benchRun("--config", conf, "--mode", "infer", "--size", "48", "--input", in); code != 1 || !strings.Contains(errs, "12288 bytes, must be float32 (1, 3, 48, 48) = 27648") {
		t.Errorf("short input: exit %d: %s", code, errs)
	}
}

func TestBenchUsage(t *testing.T) {
	conf := benchConfig(t)
	for _, c := range []struct {
		args string
		want string
	}{
		{"--config C --checkpoint F --mode infer", "give one of"},
		{"--config C", "--mode is missing: infer or train"},
		{"--config C --mode fast", `--mode is "fast"`},
		{"--config C --mode infer --batch -1", "--batch is -1"},
		{"--config C --mode infer --size -8", "--size is -8"},
		{"--config C --mode infer --runs -1", "--runs is -1"},
		{"--config C --mode infer --size 50", "--size: model: input height is 50, must be a multiple of 16, the nearest are 48 and 64"},
		{"--config C --mode train --size 16 --batch 1", "batch 1 at 16x16"},
		{"--config C --mode infer --threads -2", "--threads is -2"},
		{"--config C --mode infer --cpu sse", `--cpu is "sse"`},
		{"--config C --mode infer --set net.widht=2", "widht"},
		{"--config C --mode train --input x", "--input and --logits go with --mode infer"},
		{"--checkpoint F --mode infer --set net.width=2", "--set net.width=2 changes a config"},
		{"--config C --mode infer extra", "extra"},
		{"--config missing.yaml --mode infer", "missing.yaml"},
	} {
		code, out, errs := benchRun(strings.Fields(strings.Replace(c.args, "--config C", "--config "+conf, 1))...)
		if code != exitUsage || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d, want %d: %s%s, must hold %q", c.args, code, exitUsage, out, errs, c.want)
		}
	}
	if code, _, errs := benchRun("--checkpoint", filepath.Join(t.TempDir(), "none"), "--mode", "infer"); code != exitFailed || !strings.Contains(errs, "none") {
		t.Errorf("missing checkpoint: exit %d: %s", code, errs)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"bench", "--config", conf, "--mode", "infer"}, streams{&out, &errs}); code != exitInterrupted || out.Len() > 0 {
		t.Errorf("interrupted: exit %d: %s", code, out.String())
	}
}
