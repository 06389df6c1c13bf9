package config

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"csnet/data"
)

// fill draws a value for every key below struct v, whatever its meaning.
func fill(t *rapid.T, v reflect.Value, key string) {
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range fields(v.Type()) {
			fill(t, v.Field(f.index), key+"."+f.name)
		}
	case reflect.Slice:
		n := rapid.IntRange(0, 4).Draw(t, key+" length")
		if n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range n {
			fill(t, v.Index(i), key)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), key)
		}
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "no", "~", "1e5", "0x1", " a", "a ", "a: b", "#", "- x", "./a/b", "..", ".5", "null", "\t", "\r\n", "'", `\`, "é😀\u2028\u0085\ufeff"})).Draw(t, key))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, key))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, key))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, key))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, key))
	default:
		t.Fatalf("%s: a field of type %s, which the package does not read", key, v.Type())
	}
}

// What is written is read back, for any value of any key.
func TestWriteReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Config
		fill(t, reflect.ValueOf(&c).Elem(), "")
		text := c.YAML()
		root, err := parse("a.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		d := newDecoder()
		d.document("a.yaml", root)
		if len(d.problems) > 0 {
			t.Fatalf("%v\n%s", d.problems, text)
		}
		if diff := cmp.Diff(c, d.cfg); diff != "" {
			t.Fatalf("%s\n%s", diff, text)
		}
		if again := d.cfg.YAML(); !bytes.Equal(again, text) {
			t.Fatalf("not the same bytes twice:\n%s\n%s", text, again)
		}
	})
}

// A whole run of Load on what Load gave changes nothing, and the library's own
// reader sees the same keys.
func TestResolvedReloads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir := rapid.String().Draw(t, "dir")
		c, err := LoadBytes("a", nil, []string{
			fmt.Sprintf("net.width=%g", rapid.Float64Range(0.1, 9).Draw(t, "width")),
			fmt.Sprintf("optim.lr=%g", rapid.Float64Range(1e-30, 1e30).Draw(t, "lr")),
			fmt.Sprintf("data.size=%d", 16*rapid.IntRange(1, 60).Draw(t, "size")),
			"data.dir=" + quote(dir),
			fmt.Sprintf("dwd.norms=%s", rapid.SampledFrom([]string{"[]", "[dw2, mix]", "['dw1']"}).Draw(t, "norms")),
		})
		if err != nil {
			t.Fatal(err)
		}
		c.NetGiven = true
		again, err := LoadBytes("b", c.YAML(), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, c.YAML())
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatal(diff)
		}
		if again.Eval.Size != again.Data.Size[0] || again.Data.Dir != dir {
			t.Fatalf("eval.size is %d, data.size %v, data.dir %q of %q", again.Eval.Size, again.Data.Size, again.Data.Dir, dir)
		}
		var other Config
		if err := yaml.UnmarshalWithOptions(c.YAML(), &other, yaml.Strict()); err != nil {
			t.Fatalf("%v\n%s", err, c.YAML())
		}
		if other.Optim.Betas != c.Optim.Betas || other.Data.Dir != c.Data.Dir || other.Optim.LR != c.Optim.LR || other.Prune.Threshold != c.Prune.Threshold {
			t.Fatalf("another reader: %+v\n%s", other, c.YAML())
		}
	})
}

// Every leaf is of a type that can be read and written.
func TestEveryKeyIsWritten(t *testing.T) {
	c := Default()
	text := string(c.YAML())
	for _, l := range leaves(reflect.ValueOf(c), "") {
		last := l.key[strings.LastIndexByte(l.key, '.')+1:]
		if !strings.Contains(text, " "+last+": ") && !strings.Contains(text, "\n"+last+": ") {
			t.Errorf("%s is missing in\n%s", l.key, text)
		}
	}
}

// Runs that differ only in folders and threads give the same checkpoint text,
// and nothing else is left out.
func TestForCheckpoint(t *testing.T) {
	a, b := Default(), Default()
	b.Data.Dir, b.Data.Workers, b.Out, b.Threads = "/elsewhere/DUTS", 7, "/tmp/run", 3
	if !bytes.Equal(a.ForCheckpoint(), b.ForCheckpoint()) {
		t.Errorf("differ:\n%s\n%s", a.ForCheckpoint(), b.ForCheckpoint())
	}
	b.Data.Size = data.Sizes{64}
	if bytes.Equal(a.ForCheckpoint(), b.ForCheckpoint()) {
		t.Error("data.size is missing")
	}
	got, err := LoadBytes("checkpoint", b.ForCheckpoint(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := b
	want.Data.Dir, want.Data.Workers, want.Out, want.Threads = "", 0, "", 0
	want.NetGiven, want.Eval.Size = true, 64
	if d := cmp.Diff(want, *got); d != "" {
		t.Error(d)
	}
	for _, l := range leaves(reflect.ValueOf(a), "") {
		last := l.key[strings.LastIndexByte(l.key, '.')+1:]
		place := strings.Contains(" dir more val images masks out path file folder threads workers host ", " "+last+" ")
		if place != local(l.key) {
			t.Errorf("%s: left out of checkpoints: %v, its name says %v", l.key, local(l.key), place)
		}
	}
}

// Types no section has today.
func TestOtherTypes(t *testing.T) {
	var s struct {
		Every time.Duration `yaml:"every"`
		Small int8
		F32   float32 `yaml:"f32,omitempty"`
		Skip  int     `yaml:"-"`
	}
	v := reflect.ValueOf(&s).Elem()
	root, err := parse("a", []byte("every: 1m30s\nsmall: -128\nf32: 0.1\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kv := range pairs(root) {
		fv, ok := lookup(v, keyText(kv))
		if wrong := scalar(kv.Value, fv); !ok || wrong != "" {
			t.Errorf("%s: %s", keyText(kv), wrong)
		}
	}
	if got, want := section(v, "", "", local), "every: 1m30s\nsmall: -128\nf32: 0.1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
