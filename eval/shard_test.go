package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/internal/shard"
	"csnet/metrics"
)

// shardOptions is a run with all that a report may hold: two sets, a net, stored maps
// of which one is missing, one is no picture and one is resized, a baseline.
func shardOptions(t *testing.T, dir string, p metrics.Protocol) Options {
	t.Helper()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	drawSet(t, a, 13)
	drawSet(t, b, 4)
	maps := filepath.Join(dir, "maps")
	drawMaps(t, filepath.Join(maps, "A"), 13, same)
	drawMaps(t, filepath.Join(maps, "B"), 3, same)
	save(t, filepath.Join(maps, "A", stem(5)+".png"), []byte("no picture"))
	_, square := disc(1, 16, 16)
	savePNG(t, filepath.Join(maps, "A", stem(7)+".png"), square)
	return Options{
		Methods: []Method{bright("net"), {Name: "maps", Maps: maps}, Baselines()[1]}, Sets: []Set{{"A", a}, {"B", b}},
		Protocol: p, Threads: 2, ResizeMaps: true, Report: true, Out: filepath.Join(dir, "out"),
	}
}

// writeShards scores and writes all parts but those left out.
func writeShards(t *testing.T, o Options, n int, build string, without ...int) {
	t.Helper()
	for i := range n {
		s, err := RunShard(t.Context(), o, Sharding{Part: shard.Part{Index: i, Count: n}, Build: build, Call: json.RawMessage(`{"x":1}`)})
		if err != nil {
			t.Fatal(err)
		}
		if len(without) > 0 && without[0] == i {
			continue
		}
		if _, err := s.Write(o.Out); err != nil {
			t.Fatal(err)
		}
	}
}

// filesBelow reads all files below dir, by name.
func filesBelow(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.HasPrefix(e.Name(), "shard-") {
			rel, _ := filepath.Rel(dir, p)
			out[rel], err = os.ReadFile(p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestMerge: the parts of a run, merged, give every byte of the report of the whole.
func TestMerge(t *testing.T) {
	dir := t.TempDir()
	o := shardOptions(t, dir, metrics.Both)
	whole := filepath.Join(dir, "whole")
	r := run(t, o)
	if err := r.WriteReport(whole, made); err != nil {
		t.Fatal(err)
	}
	want := filesBelow(t, whole)
	for _, n := range []int{1, 3, 7, 20} {
		o.Out = filepath.Join(dir, "out", string(rune('a'+n)))
		writeShards(t, o, n, "b")
		shards, err := ReadShards(o.Out)
		if err != nil {
			t.Fatal(err)
		}
		merged, err := Merge(t.Context(), o, shards, "b")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(merged.PerImageCSV(), r.PerImageCSV()) || !bytes.Equal(merged.CurvesCSV(), r.CurvesCSV()) || jsonOf(t, merged) != jsonOf(t, r) || merged.Table(0) != r.Table(0) || (merged.Err() == nil) != (r.Err() == nil) {
			t.Errorf("%d shards: other scores than the whole run's", n)
		}
		if n != 3 {
			continue // drawing the report's figures takes most of the time
		}
		if err := merged.WriteReport(o.Out, made); err != nil {
			t.Fatal(err)
		}
		got := filesBelow(t, o.Out)
		for name, x := range want {
			if !bytes.Equal(x, got[name]) {
				t.Errorf("%d shards: %s differs from the whole run's", n, name)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d shards: %d files, want %d", n, len(got), len(want))
		}
	}
}

// TestMergeRefuses: what does not belong together is refused, and named.
func TestMergeRefuses(t *testing.T) {
	dir := t.TempDir()
	o := shardOptions(t, dir, metrics.SalMetric)
	if err := os.CopyFS(filepath.Join(dir, "maps2"), os.DirFS(filepath.Join(dir, "maps"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "maps2", "B"), filepath.Join(dir, "maps2", "C")); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, want ...string) {
		t.Helper()
		_, err := ReadShards(o.Out)
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, must hold %q", what, err, w)
			}
		}
	}
	at := func(name string) string { return filepath.Join(o.Out, name) }
	refused("no folder", "no such file")
	writeShards(t, o, 3, "b", 1)
	refused("one missing", "1 of 3 shards are missing: 1 ", "--shard 1/3")
	writeShards(t, o, 3, "b")
	raw, _ := os.ReadFile(at("shard-1-of-3.json"))
	save(t, at("shard-1-of-3-copy.json"), raw)
	refused("one doubled", "shard-1-of-3.json", "shard-1-of-3-copy.json", "are both shard 1/3")
	os.Remove(at("shard-1-of-3-copy.json"))
	save(t, at("shard-1-of-3.json"), raw[:len(raw)/2])
	refused("one cut", "shard-1-of-3.json", "no shard of scores")
	save(t, at("shard-1-of-3.json"), []byte("{}\n"))
	refused("another file", "shard-1-of-3.json", "format")
	for _, c := range []struct {
		want   string
		change func(o *Options) string
	}{
		{"csnet is", func(*Options) string { return "another" }},
		{"--protocol is", func(o *Options) string { o.Protocol = metrics.PySOD; return "b" }},
		{"--resize-maps is", func(o *Options) string { o.ResizeMaps = false; return "b" }},
		{"method 1: net's input is", func(o *Options) string { o.Methods[0].Size = 64; return "b" }},
		{"set 2 is", func(o *Options) string { o.Sets[1].Name = "C"; o.Methods[1].Maps += "2"; return "b" }},
	} {
		other := o
		other.Methods, other.Sets = append([]Method(nil), o.Methods...), append([]Set(nil), o.Sets...)
		writeShards(t, o, 2, "b", 1)
		build := c.change(&other)
		s, err := RunShard(t.Context(), other, Sharding{Part: shard.Part{Index: 1, Count: 2}, Build: build})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			os.Remove(at("shard-" + string(rune('0'+i)) + "-of-3.json"))
		}
		if _, err := s.Write(o.Out); err != nil {
			t.Fatal(err)
		}
		refused(c.want, "shard-0-of-2.json", "shard-1-of-2.json", c.want)
	}
	writeShards(t, o, 2, "b")
	writeShards(t, o, 3, "b", 1)
	refused("two runs", "of 3", "of 2", "two runs")
}

// TestMergeOfOtherFiles: photos that have changed since are found out; so is another
// program; a part that ends early leaves no file.
func TestMergeOfOtherFiles(t *testing.T) {
	dir := t.TempDir()
	o := shardOptions(t, dir, metrics.SalMetric)
	writeShards(t, o, 2, "b")
	shards, err := ReadShards(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Merge(t.Context(), o, shards, "c"); err == nil || !strings.Contains(err.Error(), `csnet is "c", was "b"`) {
		t.Errorf("another build: %v", err)
	}
	shards[1].Methods[0].Sets[0].Images[2].Err = "gone" // a line that the sums do not know
	if _, err := Merge(t.Context(), o, shards, "b"); err == nil || !strings.Contains(err.Error(), "shard-1-of-2.json: is damaged") {
		t.Errorf("damaged: %v", err)
	}
	_, mask := disc(99, 40, 30)
	savePNG(t, filepath.Join(dir, "b", "GT", stem(0)+".png"), mask)
	if shards, err = ReadShards(o.Out); err != nil {
		t.Fatal(err)
	}
	if _, err := Merge(t.Context(), o, shards, "b"); err == nil || !strings.Contains(err.Error(), "set 2: SHA-256") {
		t.Errorf("other photos: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := RunShard(ctx, o, Sharding{Part: shard.Part{Count: 2}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
