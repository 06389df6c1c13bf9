//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// conf is a hostile config.
func conf(a *arena, i int) (trial, error) {
	text := a.hostileYAML()
	t := trial{args: []string{"summary", "--config", "bad.yaml"}, place: "bad.yaml"}
	if i%4 == 0 { // a config with keys that only data or memory can refuse
		_ = os.RemoveAll(a.path("new"))
		t.args = []string{"train", "--config", "bad.yaml", "--data", a.set, "--out", "new", "--set", "train.steps=1", "--set", "train.max_time=5s"}
		t.place = ""
	}
	return t, a.write("bad.yaml", []byte(text))
}

// hostileYAML changes the run's config.
func (a *arena) hostileYAML() string {
	lines := strings.Split(strings.TrimRight(a.config, "\n"), "\n")
	at := a.rng.IntN(len(lines))
	key, _, _ := strings.Cut(lines[at], ":")
	values := []string{"0", "1", "2", "0.5", "true", "false", "auto", "[1, 1]", "-1", "0", "1", "2147483648", "9223372036854775807", "1e308", "-1e-320", ".nan", ".inf", "true", "null", "~", "[]", "{}", "[1, 2]", "{a: 1}",
		`"9"`, "''", "0x10", "1_000", "2001-01-01", "!!binary aGk=", "!!python/object:os.system x", "*x", "&x 1", "[[[[[[1]]]]]]", "'" + strings.Repeat("x", 1<<16) + "'"}
	switch a.rng.IntN(9) {
	case 0, 1, 2, 3:
		lines[at] = key + ": " + values[a.rng.IntN(len(values))]
	case 4: // twice
		lines = append(lines, lines[at])
	case 5:
		lines[at] = "\t" + lines[at]
	case 6:
		out, _ := mutate(a.rng, []byte(a.config))
		return string(out)
	case 7:
		return "a: &a [x]\n" + func() string {
			var b strings.Builder
			for k := range 40 {
				fmt.Fprintf(&b, "b%d: &b%d [*a, *a, *a, *a, *a, *a, *a, *a]\n", k, k)
			}
			return strings.ReplaceAll(b.String(), "*a", "*b0")
		}()
	case 8:
		return strings.Repeat("[", 1<<a.rng.IntN(18)) + a.config
	}
	return strings.Join(lines, "\n") + "\n"
}

// runFile is a run with a hostile log, config or manifest that goes on: where it
// does, the nets must be those of a run whose files are whole.
func runFile(a *arena, i int) (trial, error) {
	run, good := a.path("run"), a.path("good")
	more := []string{"--set", "train.steps=10"}
	if _, err := os.Stat(good); err != nil {
		if err := os.CopyFS(good, os.DirFS(a.run)); err != nil {
			return trial{}, err
		}
		if code, _, errs, _, _ := a.exec(append([]string{"train", "--resume", "--out", "good"}, more...)...); code != 0 {
			return trial{}, fmt.Errorf("a whole run does not go on: %s", errs)
		}
	}
	if err := os.RemoveAll(run); err != nil {
		return trial{}, err
	}
	if err := os.CopyFS(run, os.DirFS(a.run)); err != nil {
		return trial{}, err
	}
	names := []string{"metrics.jsonl", "metrics.jsonl", "config.yaml", "metrics.csv", "manifest.json", "checkpoints/best.safetensors"}
	name := names[i%len(names)]
	raw, err := os.ReadFile(filepath.Join(run, name))
	if err != nil && !os.IsNotExist(err) {
		return trial{}, err
	}
	if len(raw) == 0 {
		raw = []byte("{}\n")
	}
	out, _ := mutate(a.rng, raw)
	switch a.rng.IntN(6) {
	case 0:
		out = append(raw, `{"step":3,"val_mae":0.1}`+"\n"...)
	case 1:
		out = append(raw, bytes.Repeat([]byte("9"), 1<<17)...)
	}
	return trial{args: append([]string{"train", "--resume", "--out", "run"}, more...), check: func() error {
		for _, f := range []string{"last", "best"} {
			is, err := os.ReadFile(filepath.Join(run, "checkpoints", f+".safetensors"))
			if err != nil {
				return err
			}
			want, err := os.ReadFile(filepath.Join(good, "checkpoints", f+".safetensors"))
			if err != nil {
				return err
			}
			if !bytes.Equal(is, want) && !strings.HasPrefix(name, "checkpoints") {
				return fmt.Errorf("%s differs after %s was damaged", f, name)
			}
		}
		return nil
	}}, a.write("run/"+name, out)
}

// text is a hostile plan or list.
func text(a *arena, i int) (trial, error) {
	ckpt := filepath.Join(a.run, "checkpoints", "last.safetensors")
	if i%2 == 0 {
		list := []string{"\x00", strings.Repeat("x", 1<<16), "nowhere.jpg", "/dev/zero", "..", "\xff\xfe", "bad\npath"}
		return trial{args: []string{"predict", "--checkpoint", ckpt, "--out", "maps", "--list", "list.txt"}, must: true},
			a.write("list.txt", []byte(list[a.rng.IntN(len(list))]+"\n"))
	}
	if _, err := os.Stat(a.path("plan.json")); err != nil {
		if code, _, errs, _, _ := a.exec("prune", "--checkpoint", ckpt, "--ratio", "0.2", "--dry-run", "--plan", "plan.json"); code != 0 {
			return trial{}, fmt.Errorf("no plan: %s", errs)
		}
	}
	raw, err := os.ReadFile(a.path("plan.json"))
	if err != nil {
		return trial{}, err
	}
	out, cut := mutate(a.rng, raw)
	return trial{args: []string{"prune", "--checkpoint", ckpt, "--apply", "bad.json", "--overwrite", "--out", "p.safetensors"}, place: "bad.json", must: cut},
		a.write("bad.json", out)
}
