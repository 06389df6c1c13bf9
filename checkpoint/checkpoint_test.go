package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csnet/checkpoint/internal/safetensors"
	"csnet/checkpoint/internal/torchtest"
	"csnet/model"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sameTensors names the first tensor that differs, in a bit, between a and b.
func sameTensors(a, b *model.Params) string {
	if len(a.All()) != len(b.All()) {
		return fmt.Sprintf("%d and %d tensors", len(a.All()), len(b.All()))
	}
	for i, x := range a.All() {
		y := b.All()[i]
		if x.Path != y.Path || x.Role != y.Role || !slices.Equal(x.Shape, y.Shape) || !bytes.Equal(torchtest.Raw(x.Data), torchtest.Raw(y.Data)) {
			return fmt.Sprintf("%s %v became %s %v, of other bytes perhaps", x.Path, x.Shape, y.Path, y.Shape)
		}
	}
	return ""
}

func TestSaveLoad(t *testing.T) {
	dir := t.TempDir()
	p1, p2 := filepath.Join(dir, "one.safetensors"), filepath.Join(dir, "two.safetensors")
	c := tiny(t)
	for _, p := range []string{p1, p2, p1} { // the last one over an older file
		if err := Save(p, c); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Load(p1)
	if err != nil {
		t.Fatal(err)
	}
	if d := sameTensors(c.Params, got.Params); d != "" {
		t.Error(d)
	}
	if len(got.Digest) != len("sha256:")+64 {
		t.Errorf("digest is %q", got.Digest)
	}
	got.Params, got.Digest = c.Params, ""
	if d := cmp.Diff(c, got, cmp.AllowUnexported(model.Params{})); d != "" {
		t.Error(d)
	}
	raw1, _ := os.ReadFile(p1)
	raw2, _ := os.ReadFile(p2)
	if !bytes.Equal(raw1, raw2) {
		t.Error("equal checkpoints give different files")
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 2 {
		t.Errorf("folder holds %v, want the two files alone", left)
	}
}

func TestSaveLoadDrawn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpec(t)
		c := &Checkpoint{Spec: s, Params: drawnParams(t, s, rapid.Uint64().Draw(t, "seed"))}
		if err := Save(path, c); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(s, got.Spec); d != "" {
			t.Error(d)
		}
		if d := sameTensors(c.Params, got.Params); d != "" {
			t.Error(d)
		}
		if n := tensorCount(s); n != len(s.Tensors()) {
			t.Errorf("tensorCount is %d, the spec has %d", n, len(s.Tensors()))
		}
	})
}

func TestFlush(t *testing.T) {
	c := tiny(t)
	c.Optim = nil
	w := c.Params.Get("stage0.0.mix.w00").Data
	copy(w, []float32{math.Float32frombits(1), -0x1p-127, 0x1p-126, float32(math.Copysign(0, -1))})
	mean := c.Params.Get("stage0.0.mix.norm0.mean").Data
	mean[0] = 0x1p-130
	path := filepath.Join(t.TempDir(), "x")
	if err := Save(path, c); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	g := got.Params.Get("stage0.0.mix.w00").Data
	if g[0] != 0 || g[1] != 0 || g[2] != 0x1p-126 || math.Float32bits(g[3]) != 1<<31 {
		t.Errorf("got %v", g[:4])
	}
	if m := got.Params.Get("stage0.0.mix.norm0.mean").Data[0]; m != 0x1p-130 {
		t.Errorf("running mean became %v", m)
	}
}

func TestSaveRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for name, c := range map[string]struct {
		want   string
		change func(*Checkpoint)
	}{
		"nan":      {"tensor cls.w: value 1 is NaN", func(c *Checkpoint) { c.Params.Get("cls.w").Data[1] = float32(math.NaN()) }},
		"variance": {"variance 0 is -1", func(c *Checkpoint) { c.Params.Get("stage0.0.mix.norm0.var").Data[0] = -1 }},
		"moment":   {"optim.m.cls.w: value 0 is +Inf", func(c *Checkpoint) { c.Optim.M["cls.w"][0] = float32(math.Inf(1)) }},
		"moments":  {"optimizer state of cls.w", func(c *Checkpoint) { delete(c.Optim.M, "cls.w") }},
		"surplus":  {"optimizer state holds", func(c *Checkpoint) { c.Optim.V["x"] = nil }},
		"spec":     {"no stages", func(c *Checkpoint) { c.Spec.Stages = nil }},
		"shape":    {"has shape", func(c *Checkpoint) { c.Spec.Stages[0].Blocks[0].Out[0]++ }},
		"params":   {"has no tensors", func(c *Checkpoint) { c.Params = nil }},
		"step":     {"step is -1", func(c *Checkpoint) { c.Step = -1 }},
		"config":   {"not UTF-8", func(c *Checkpoint) { c.Config = "\xff" }},
	} {
		x := tiny(t)
		c.change(x)
		if err := Save(path, x); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: a file was written", name)
		}
	}
}

// rewrite stores a checkpoint after a change to its metadata and tensors.
func rewrite(t testing.TB, change func(meta map[string]string, ts []safetensors.Tensor) []safetensors.Tensor) []byte {
	meta, ts, err := encode(tiny(t))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := safetensors.Write(&b, meta, change(meta, ts)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLoadRefuses(t *testing.T) {
	type tensors = []safetensors.Tensor
	meta := func(key, val string) func(map[string]string, tensors) tensors {
		return func(m map[string]string, ts tensors) tensors { m[key] = val; return ts }
	}
	spec := func(change func(*model.Spec)) func(map[string]string, tensors) tensors {
		return func(m map[string]string, ts tensors) tensors {
			var s model.Spec
			if err := json.Unmarshal([]byte(m["spec"]), &s); err != nil {
				t.Fatal(err)
			}
			change(&s)
			raw, _ := json.Marshal(s)
			m["spec"] = string(raw)
			return ts
		}
	}
	value := func(i int, v float32) func(map[string]string, tensors) tensors {
		return func(_ map[string]string, ts tensors) tensors {
			ts[i].F32 = append([]float32{v}, ts[i].F32[1:]...)
			return ts
		}
	}
	for name, c := range map[string]struct {
		want   string
		change func(map[string]string, tensors) tensors
	}{
		"version":      {`format is "csnet/2", this version reads "csnet/1"`, meta("format", "csnet/2")},
		"no format":    {`must be "csnet/1"`, func(m map[string]string, ts tensors) tensors { delete(m, "format"); return ts }},
		"exported":     {"csnet import", meta("format", "pt")},
		"no spec":      {"has no spec", func(m map[string]string, ts tensors) tensors { delete(m, "spec"); return ts }},
		"no manifest":  {"has no manifest", func(m map[string]string, ts tensors) tensors { delete(m, "manifest"); return ts }},
		"step":         {`step is "-3"`, meta("step", "-3")},
		"step text":    {`step is "1e3"`, meta("step", "1e3")},
		"spec text":    {"spec: unexpected", meta("spec", `{"dialect":`)},
		"spec rest":    {"spec: more text", func(m map[string]string, ts tensors) tensors { m["spec"] += "{}"; return ts }},
		"spec key":     {`unknown field "x"`, meta("spec", `{"x": 1}`)},
		"spec long":    {"at most 1048576", meta("spec", strings.Repeat(" ", maxSpec+1))},
		"dialect":      {`dialect is "max"`, spec(func(s *model.Spec) { s.Dialect = "max" })},
		"no stages":    {"no stages", spec(func(s *model.Spec) { s.Stages = nil })},
		"absurd MS":    {"head MSBlock 0 has", spec(func(s *model.Spec) { s.Head.MS[0][1] = 1 << 60 })},
		"absurd out":   {"head out has", spec(func(s *model.Spec) { s.Head.Out = 1 << 60 })},
		"absurd input": {"input has", spec(func(s *model.Spec) { s.Input = 1 << 60 })},
		"absurd block": {"must be 0 to 65536", spec(func(s *model.Spec) { s.Stages[1].Blocks[0].Out[1] = 1 << 40 })},
		"many blocks": {"the file holds", spec(func(s *model.Spec) {
			for range 8000 {
				s.Stages[1].Blocks = append(s.Stages[1].Blocks, s.Stages[1].Blocks[0])
			}
		})},
		"shape":   {"tensor stage0.0.mix.w00 has shape [3 3 3 3], the net that spec describes needs [4 3 3 3]", spec(func(s *model.Spec) { s.Stages[0].Blocks[0].Out[0]++ })},
		"missing": {"tensor stage0.0.mix.w00 [3 3 3 3] is missing", func(_ map[string]string, ts tensors) tensors { return ts[1:] }},
		"surplus": {"tensor x [1] is not part", func(_ map[string]string, ts tensors) tensors {
			return append(ts, safetensors.Tensor{Name: "x", Shape: []int{1}, F32: []float32{1}})
		}},
		"no moment": {"tensor optim.v.cls.bias [1] is missing", func(_ map[string]string, ts tensors) tensors { return ts[:len(ts)-1] }},
		"nan":       {"tensor stage0.0.mix.w00: value 0 is NaN", value(0, float32(math.NaN()))},
		"inf":       {"tensor stage0.0.mix.w00: value 0 is -Inf", value(0, float32(math.Inf(-1)))},
		"wrong dtype": {"tensor stage0.0.mix.w00 has dtype I64, must be F32", func(_ map[string]string, ts tensors) tensors {
			ts[0].F32, ts[0].I64 = nil, make([]int64, 81)
			return ts
		}},
		"bad variance": {"must be 0 or more", func(_ map[string]string, ts tensors) tensors {
			for i := range ts {
				if strings.HasSuffix(ts[i].Name, ".var") {
					return value(i, -2)(nil, ts)
				}
			}
			return ts
		}},
	} {
		_, err := decode(rewrite(t, c.change))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestLoadCut(t *testing.T) {
	raw := rewrite(t, func(_ map[string]string, ts []safetensors.Tensor) []safetensors.Tensor { return ts })
	path := filepath.Join(t.TempDir(), "cut")
	for n := 0; n < len(raw); n += 1 + len(raw)/97 {
		if err := os.WriteFile(path, raw[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("cut at %d of %d: got %v", n, len(raw), err)
		}
	}
	for _, p := range []string{t.TempDir(), "/nonexistent/x"} {
		if _, err := Load(p); err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("%s: got %v", p, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	a := model.DefaultArch()
	a.Width, a.Blocks, a.Multipliers, a.ExtractorOnly = 0.1, []int{1}, []float64{1, 1}, true
	s, err := a.Spec()
	if err != nil {
		f.Fatal(err)
	}
	c := &Checkpoint{Spec: s, Params: drawnParams(f, s, 1)}
	for _, enc := range []func(*Checkpoint) (map[string]string, []safetensors.Tensor, error){encode, encodeRelease} {
		meta, ts, err := enc(c)
		if err != nil {
			f.Fatal(err)
		}
		var b bytes.Buffer
		if err := safetensors.Write(&b, meta, ts); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add(torchtest.Stream(torchTensors(released(c.Spec, c.Params), "module.")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, read := range []func([]byte) (*Checkpoint, error){decode, importRaw} {
			c, err := read(raw)
			if err != nil {
				continue
			}
			if _, _, err := encode(c); err != nil {
				t.Errorf("was read, cannot be saved: %v", err)
			}
		}
	})
}

// The weights that learn come back beside their average, all of them or none.
func TestSaveLoadRaw(t *testing.T) {
	c := tiny(t)
	c.Raw = drawnParams(t, c.Spec, 99)
	path := filepath.Join(t.TempDir(), "a.safetensors")
	if err := Save(path, c); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Raw == nil || sameTensors(got.Params, c.Params)+sameTensors(got.Raw, c.Raw) != "" {
		t.Fatalf("params: %s; raw: %s", sameTensors(got.Params, c.Params), sameTensors(got.Raw, c.Raw))
	}
	name := learning + c.Spec.Tensors()[3].Path
	raw := rewrite(t, func(_ map[string]string, ts []safetensors.Tensor) []safetensors.Tensor {
		return append(ts, safetensors.Tensor{Name: name, Shape: c.Params.Get(c.Spec.Tensors()[3].Path).Shape, F32: c.Params.Get(c.Spec.Tensors()[3].Path).Data})
	})
	if _, err := decode(raw); err == nil || !strings.Contains(err.Error(), "tensor "+learning+c.Spec.Tensors()[0].Path) {
		t.Errorf("one of the weights that learn alone: %v", err)
	}
	c.Raw.All()[0].Data[0] = float32(math.NaN())
	if err := Save(path, c); err == nil || !strings.Contains(err.Error(), learning) {
		t.Errorf("NaN among the weights that learn: %v", err)
	}
}
