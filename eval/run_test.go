package eval

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	"csnet/metrics"
)

// TestThreads: the same bytes for any number of threads; every net is closed.
func TestThreads(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 13)
	var first string
	for _, threads := range []int{1, 2, 3, 16} {
		closed, made, last := 0, 0, 0
		m := Method{Name: "n", Size: 32, NewNet: func() (Net, error) { made++; return &brightNet{closed: &closed}, nil }}
		r := run(t, Options{Methods: []Method{m}, Sets: []Set{{"S", dir}}, Threads: threads, Progress: func(done, total int) {
			if done != last+1 || total != 13 {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			last = done
		}})
		got := jsonOf(t, r) + string(r.PerImageCSV()) + string(r.CurvesCSV())
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("%d threads: other digits", threads)
		}
		if last != 13 || made != min(threads, 13) || closed != made {
			t.Errorf("%d threads: progress %d, nets made %d, closed %d", threads, last, made, closed)
		}
	}
}

// TestSavedMapsScoreTheSame: what --save-maps writes, --maps reads, several
// sets and methods included.
func TestSavedMapsScoreTheSame(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	drawSet(t, a, 5)
	drawSet(t, b, 4)
	sets := []Set{{"A", a}, {"B", b}}
	out := filepath.Join(dir, "maps")
	net := run(t, Options{Methods: []Method{bright("net"), Baselines()[1]}, Sets: sets, SaveMaps: out})
	maps := run(t, Options{Methods: []Method{{Name: "net", Maps: filepath.Join(out, "net")},
		{Name: "centred-gaussian", Maps: filepath.Join(out, "centred-gaussian")}}, Sets: sets})
	if x, y := jsonOf(t, net), jsonOf(t, maps); x != y {
		t.Errorf("nets\n%s\nmaps\n%s", x, y)
	}
	one := filepath.Join(dir, "one")
	x := run(t, Options{Methods: []Method{bright("net")}, Sets: sets[:1], SaveMaps: one})
	y := run(t, Options{Methods: []Method{{Name: "net", Maps: one}}, Sets: sets[:1]})
	if jsonOf(t, x) != jsonOf(t, y) {
		t.Error("one method, one set: saved maps score otherwise")
	}
}

// TestJSONShape holds the contract's keys exactly.
func TestJSONShape(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 3)
	keys := func(m map[string]any) []string {
		var k []string
		for s := range m {
			k = append(k, s)
		}
		sort.Strings(k)
		return k
	}
	for _, c := range []struct {
		p    metrics.Protocol
		want []string
	}{
		{metrics.SalMetric, []string{"images", "salmetric"}}, {metrics.PySOD, []string{"images", "pysod"}},
		{metrics.Both, []string{"images", "pysod", "salmetric"}},
	} {
		r := run(t, Options{Methods: []Method{bright("n")}, Sets: []Set{{"S", dir}}, Protocol: c.p})
		var got map[string]map[string]map[string]any
		if err := json.Unmarshal([]byte(jsonOf(t, r)), &got); err != nil {
			t.Fatal(err)
		}
		s := got["sets"]["S"]
		if len(got) != 1 || !reflect.DeepEqual(keys(s), c.want) || s["images"] != 3.0 {
			t.Errorf("%s: %v", c.p, got)
		}
		for _, p := range c.p.Each() {
			want := append([]string{}, p.Measures()...)
			sort.Strings(want)
			if m := s[string(p)].(map[string]any); !reflect.DeepEqual(keys(m), want) {
				t.Errorf("%s: keys %v, want %v", p, keys(m), want)
			}
		}
	}
	r := run(t, Options{Methods: []Method{bright("x"), bright("y")}, Sets: []Set{{"S", dir}}})
	var two struct {
		Methods []struct {
			Name string
			Sets map[string]struct{ Images int }
		}
	}
	if err := json.Unmarshal([]byte(jsonOf(t, r)), &two); err != nil {
		t.Fatal(err)
	}
	if len(two.Methods) != 2 || two.Methods[1].Name != "y" || two.Methods[0].Sets["S"].Images != 3 {
		t.Errorf("two methods: %s", jsonOf(t, r))
	}
}

// TestOddSizes: a 1x1 and a 10000x3 photo are predicted and scored.
func TestOddSizes(t *testing.T) {
	dir := t.TempDir()
	for i, s := range [][2]int{{1, 1}, {10000, 3}, {3, 10000}} {
		photo, mask := disc(i, s[0], s[1])
		savePNG(t, filepath.Join(dir, "images", stem(i)+".png"), photo)
		savePNG(t, filepath.Join(dir, "GT", stem(i)+".png"), mask)
	}
	out := t.TempDir()
	r := run(t, Options{Methods: []Method{bright("n")}, Sets: []Set{{"S", dir}}, SaveMaps: out, Report: true})
	if err := r.Err(); err != nil || r.Methods[0].Sets[0].Result.Images != 3 {
		t.Fatal(err, r.Notes())
	}
	f, err := os.Open(filepath.Join(out, "0002.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if c, _, err := image.DecodeConfig(f); err != nil || c.Width != 10000 || c.Height != 3 {
		t.Errorf("map is %dx%d (%v)", c.Width, c.Height, err)
	}
}

func TestCancel(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 6)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Run(ctx, Options{Methods: []Method{bright("n")}, Sets: []Set{{"S", dir}}, Threads: 2, Protocol: metrics.Both,
		Progress: func(done, _ int) {
			if done == 2 {
				cancel()
			}
		}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want canceled", err)
	}
}

type badNet struct{ kind string }

func (n badNet) Close() error { return nil }

func (n badNet) Logits(_ []float32, h, w int) ([]float32, error) {
	switch n.kind {
	case "error":
		return nil, errors.New("broken kernel")
	case "short":
		return make([]float32, h*w-1), nil
	}
	out := make([]float32, h*w)
	out[3] = float32(nan())
	return out, nil
}

func nan() float64 { z := 0.0; return z / z }

// TestFailingNet: a net's own failure ends the run and names the photo.
func TestFailingNet(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 2)
	for kind, want := range map[string]string{"error": "broken kernel", "short": "255 logits", "nan": "NaN"} {
		m := Method{Name: "m", Size: 16, NewNet: func() (Net, error) { return badNet{kind}, nil }}
		_, err := Run(t.Context(), Options{Methods: []Method{m}, Sets: []Set{{"S", dir}}, Threads: 1, Protocol: metrics.SalMetric})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "0001.png") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestBaselinesOnECSSD holds the known figures of the fixed baselines.
func TestBaselinesOnECSSD(t *testing.T) {
	dir := sharedDir(t, "datasets", "ECSSD-200")
	r := run(t, Options{Methods: Baselines(), Sets: []Set{{"ECSSD-200", dir}}, Protocol: metrics.SalMetric, Threads: 2})
	for i, want := range []metrics.SalMetricScores{{MaxF: 0.297, MAE: 0.755}, {MaxF: 0.596, MAE: 0.233}} {
		got := r.Methods[i].Sets[0].Result
		if got.Images != 200 || digits3(got.SalMetric.MaxF) != digits3(want.MaxF) || digits3(got.SalMetric.MAE) != digits3(want.MAE) {
			t.Errorf("%s: %d images, %+v, want %+v", r.Methods[i].Name, got.Images, *got.SalMetric, want)
		}
	}
}

func digits3(v float64) int { return int(v*1000 + 0.5) }
