package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write puts files into a folder of their own and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEmptyIsDefault(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "net:\ndata:\n", "\xef\xbb\xbf", "{}", "net: {}\n"} {
		c, err := LoadBytes("a.yaml", []byte(text), nil)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		want := Default()
		want.Eval.Size = want.Data.Size[0]
		if d := cmp.Diff(want, *c); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}

func TestValues(t *testing.T) {
	const text = "\xef\xbb\xbfnet: {width: 1.5, split: [3, 1.0, 1e-1]}\r\ndata:\r\n  dir: 'a b: #c'\r\n  augment: {flip: .25}\r\n" +
		"optim:\n  betas:\n  - 0.5\n  - +9e-1\n  lr: 2e-3\ndwd: {norms: [dw2], compat_slip: true, mode: l1}\n" +
		"train: {seed: 18446744073709551615, steps: 7}\n"
	c, err := LoadBytes("a.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.NetGiven = true
	want.Net.Width, want.Net.Split = 1.5, []float64{3, 1, 0.1}
	want.Data.Dir, want.Data.Augment.Flip = "a b: #c", 0.25
	want.Optim.Betas, want.Optim.LR = [2]float64{0.5, 0.9}, 2e-3
	want.DWD.Norms, want.DWD.CompatSlip, want.DWD.Mode = []string{"dw2"}, true, "l1"
	want.Train.Seed, want.Train.Steps = 1<<64-1, 7
	want.Eval.Size = 224
	if d := cmp.Diff(want, *c); d != "" {
		t.Error(d)
	}
}

func TestExtendsAndSet(t *testing.T) {
	dir := write(t, map[string]string{
		"base/a.yaml": "net: {width: 2, split: [1, 1, 1, 1]}\ntrain: {batch: 3, epochs: 5}\ndata: {dir: base}\n",
		"b.yaml":      "extends: base/a.yaml\nnet: {split: [1, 3]}\ntrain: {epochs: 6}\n",
		"c.yaml":      "train: {epochs: 7}\nextends: ./b.yaml\n",
	})
	c, err := Load(filepath.Join(dir, "c.yaml"), []string{
		"optim.lr=1e-3", "net.split=[1,0]", "dwd.compat_slip=true", "data.dir=x: #y=z", "eval.protocol=both",
		"train.seed=1", "train.seed=9", "optim.betas=[0.5, .6]", "data.val_share=0", "dwd.mode=none", "net.head=[]",
		"net={blocks: [1, 2]}", "net.multipliers=[1,1,2]", "prune.threshold=1e-3", `out="a\tb"`,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.NetGiven = true
	want.Net.Width, want.Net.Split = 2, []float64{1, 0}
	want.Net.Blocks, want.Net.Multipliers = []int{1, 2}, []float64{1, 1, 2}
	want.Data.Dir, want.Data.ValShare = "x: #y=z", 0
	want.Train.Batch, want.Train.Epochs, want.Train.Seed = 3, 7, 9
	want.Optim.LR, want.Optim.Betas = 1e-3, [2]float64{0.5, 0.6}
	want.DWD.CompatSlip, want.DWD.Mode = true, "none"
	want.Eval.Protocol, want.Eval.Size = "both", 224
	want.Prune.Threshold, want.Out = 1e-3, "a\tb"
	if d := cmp.Diff(want, *c); d != "" {
		t.Error(d)
	}
}

func TestNetGiven(t *testing.T) {
	dir := write(t, map[string]string{
		"net.yaml": "net: {norm: batch}\n", "child.yaml": "extends: net.yaml\n", "none.yaml": "train: {batch: 2}\n",
	})
	for _, c := range []struct {
		file string
		sets []string
		want bool
	}{
		{"net.yaml", nil, true}, {"child.yaml", nil, false}, {"child.yaml", []string{"net.eps=1e-3"}, true}, {"none.yaml", nil, false},
		{"none.yaml", []string{"net.width=1"}, true}, {"none.yaml", []string{"train.batch=1"}, false},
	} {
		got, err := Load(filepath.Join(dir, c.file), c.sets)
		if err != nil {
			t.Fatal(err)
		}
		if got.NetGiven != c.want {
			t.Errorf("%s %v: NetGiven is %v, want %v", c.file, c.sets, got.NetGiven, c.want)
		}
	}
}

func TestExtendsErrors(t *testing.T) {
	files := map[string]string{
		"a.yaml": "extends: sub/b.yaml\n", "sub/b.yaml": "\nextends: ../a.yaml\n",
		"self.yaml": "extends: self.yaml\n", "gone.yaml": "train: {batch: 1}\nextends: nowhere.yaml\n",
		"list.yaml": "extends: [a.yaml]\n", "dir.yaml": "extends: sub\n", "empty.yaml": "extends:\n",
		"bad.yaml": "extends: typo.yaml\n", "typo.yaml": "net:\n  widht: 2\n",
		"dev.yaml": "extends: /dev/zero\n", name(0): "",
	}
	for i := 1; i <= maxChain; i++ {
		files[name(i)] = "extends: " + name(i-1) + "\n"
	}
	dir := write(t, files)
	for _, c := range []struct{ file, want string }{
		{"a.yaml", "sub/b.yaml:2:10: extends: the files extend one another in a circle: DIR/a.yaml -> DIR/sub/b.yaml -> DIR/a.yaml"},
		{"self.yaml", "self.yaml:1:10: extends: the files extend one another in a circle"},
		{"gone.yaml", "gone.yaml:2:10: extends: DIR/nowhere.yaml: no such file"},
		{"list.yaml", "list.yaml:1:10: extends: is a list of 1, must be the path of a file"},
		{"empty.yaml", "extends: is empty, must be the path of a file"},
		{"dir.yaml", "dir.yaml:1:10: extends: DIR/sub: is not a regular file"},
		{"dev.yaml", "extends: /dev/zero: is not a regular file"},
		{"bad.yaml", "typo.yaml:2:3: net.widht: unknown key; did you mean \"width\"?"},
		{name(maxChain), "more than 16 files extend one another"},
	} {
		_, err := Load(filepath.Join(dir, c.file), nil)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir, "DIR"), c.want) {
			t.Errorf("%s: got %v, want ...%s", c.file, err, c.want)
		}
	}
	if _, err := Load(filepath.Join(dir, name(maxChain-1)), nil); err != nil {
		t.Error(err)
	}
	if _, err := Load(filepath.Join(dir, "nothing.yaml"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func name(i int) string { return string(rune('0'+i/10)) + string(rune('0'+i%10)) + "chain.yaml" }
