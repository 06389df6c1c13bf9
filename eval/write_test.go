package eval

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"csnet/internal/table"
	"csnet/metrics"
)

// reportOf scores a net, maps with a corrupt one, and a baseline on two sets.
func reportOf(t *testing.T) *Report {
	t.Helper()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	drawSet(t, a, 20)
	drawSet(t, b, 4)
	maps, check := filepath.Join(dir, "maps"), filepath.Join(dir, "net.safetensors")
	drawMaps(t, filepath.Join(maps, "A&B"), 20, same)
	drawMaps(t, filepath.Join(maps, "Second_set"), 4, same)
	save(t, filepath.Join(maps, "A&B", "0003.png"), []byte("<script>"))
	save(t, check, []byte("weights"))
	net := bright("net_1")
	net.Checkpoint = check
	return run(t, Options{Methods: []Method{net, {Name: "<maps>", Maps: maps}, Baselines()[0]},
		Sets: []Set{{"A&B", a}, {"Second_set", b}}, Report: true})
}

// made is what the tests say of the making of their reports.
var made = Made{Date: "1 May 2026", Command: "csnet eval --data <x>", Version: "1.2", Machine: "a box"}

func TestWriteReport(t *testing.T) {
	r, out := reportOf(t), t.TempDir()
	if err := r.WriteReport(out, made); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := filepath.WalkDir(out, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(out, p)
			got = append(got, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 7+2*2*5 {
		t.Errorf("%d files: %q", len(got), got)
	}
	for _, name := range got {
		raw, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		checkFile(t, name, raw)
	}
	again := t.TempDir()
	if err := r.WriteReport(again, made); err != nil {
		t.Fatal(err)
	}
	for _, name := range got {
		x, _ := os.ReadFile(filepath.Join(out, name))
		y, _ := os.ReadFile(filepath.Join(again, name))
		if !bytes.Equal(x, y) {
			t.Errorf("%s: written twice, two contents", name)
		}
	}
}

// checkFile parses what can be parsed and asks that the protocol is named.
func checkFile(t *testing.T, name string, raw []byte) {
	t.Helper()
	switch filepath.Ext(name) {
	case ".png":
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil || img.Bounds().Dx() < 800 {
			t.Errorf("%s: %v", name, err)
		}
		raw = []byte(name)
	case ".svg":
		for d := xml.NewDecoder(bytes.NewReader(raw)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
	case ".csv":
		rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Errorf("%s: %v, %d rows", name, err, len(rows))
		}
	}
	for _, p := range []string{"salmetric", "pysod"} {
		if !strings.Contains(name+string(raw), p) && !strings.HasPrefix(name, "curves/") {
			t.Errorf("%s does not name protocol %s", name, p)
		}
	}
}

func TestHTMLIsSelfContained(t *testing.T) {
	r := reportOf(t)
	html, err := r.HTML(made)
	if err != nil {
		t.Fatal(err)
	}
	page := regexp.MustCompile(`<span class="w">([^<]*)</span>`).ReplaceAllString(string(html), "$1") // words kept whole
	for _, bad := range []string{"src=\"http", "href=\"http", "@import", "ZgotmplZ", "<maps>", "<script>\xff"} {
		if strings.Contains(page, bad) {
			t.Errorf("page holds %q", bad)
		}
	}
	for _, want := range []string{
		"&lt;maps&gt;", "A&amp;B: photos", "Second_set: every image", `data-name="0003"`, "0003.png", `id="find"`, "data:image/jpeg;base64,", `<svg class="chart"`,
		">Best<", ">Median<", ">Worst<", ">Where the methods differ<", "csnet eval --data &lt;x&gt;", "1 May 2026", "32x32", r.Methods[0].Checkpoint, r.Methods[0].Sets[0].Data, "salmetric", "pysod",
	} {
		if want == "" || !strings.Contains(page, want) {
			t.Errorf("page lacks %q", want)
		}
	}
	if len(r.Methods[0].Checkpoint) != 64 || len(r.Methods[0].Sets[1].Data) != 64 {
		t.Error("digests are not SHA-256")
	}
}

// setOf is a report of methods on one set, with the given maxF of each image.
func setOf(values ...[]float64) *Report {
	r := &Report{Protocol: metrics.SalMetric}
	for i, vs := range values {
		s := SetReport{Name: "S"}
		for k, v := range vs {
			im := ImageScore{Stem: stem(k)}
			im.Scores.SalMetric = &metrics.SalMetricScores{MaxF: v}
			s.PerImage = append(s.PerImage, im)
		}
		r.Methods = append(r.Methods, MethodReport{Name: string(rune('a' + i)), Kind: "maps", Sets: []SetReport{s}})
	}
	return r
}

func TestPickSamples(t *testing.T) {
	for n := 1; n < 40; n++ {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64((i * 7) % n)
		}
		r := setOf(values)
		seen := make(map[string]bool)
		last := float64(n)
		for _, s := range r.pickSamples(0) {
			v := r.Methods[0].Sets[0].score(s.Stem).Scores.SalMetric.MaxF
			if seen[s.Stem] || v > last {
				t.Fatalf("%d images: %s %s twice or out of order", n, s.Group, s.Stem)
			}
			seen[s.Stem], last = true, v
		}
		if want := min(n, 3*samplesOfOne); len(seen) < min(want, n-n%3) {
			t.Errorf("%d images: only %d shown", n, len(seen))
		}
	}
}

// TestSamplesOfSeveral: the mean ranks, and those come last where the methods are
// furthest apart.
func TestSamplesOfSeveral(t *testing.T) {
	a, b := make([]float64, 40), make([]float64, 40)
	for i := range a {
		a[i], b[i] = .5+float64(i)/100, .5+float64(i)/100
	}
	a[12], b[12] = .2, 1 // mean .6, no extreme, but apart
	r := setOf(a, b)
	groups := map[string][]string{}
	for _, s := range r.pickSamples(0) {
		groups[s.Group] = append(groups[s.Group], s.Stem)
	}
	if got := groups["best"]; len(got) != samplesPerGroup || got[0] != stem(39) {
		t.Errorf("best %v", got)
	}
	if got := groups["worst"]; len(got) != samplesPerGroup || got[len(got)-1] != stem(0) {
		t.Errorf("worst %v", got)
	}
	if got := groups["differ"]; len(got) != 1 || got[0] != stem(12) {
		t.Errorf("furthest apart %v, want %s alone", got, stem(12))
	}
}

// TestSideBySide: each photo stands once, with every method's map but the baselines'
// beside it, and the better one marked.
func TestSideBySide(t *testing.T) {
	r := reportOf(t)
	if len(r.Samples) != 2 || len(r.Samples[0]) == 0 {
		t.Fatalf("samples of %d sets", len(r.Samples))
	}
	for _, s := range r.Samples[0] {
		if len(s.Maps) != 2 || len(s.Photo.Data) == 0 || len(s.Truth.Data) == 0 || len(s.Maps[0].Data) == 0 {
			t.Errorf("%s: %d maps", s.Stem, len(s.Maps))
		}
		best := 0
		for _, p := range r.captioned(0, s) {
			if p.Best {
				best++
			}
		}
		if best != 1 {
			t.Errorf("%s: %d best maps", s.Stem, best)
		}
	}
	if g := r.gallery(0, "best"); len(g.Columns) != 4 || g.Columns[0] != "photo" || g.Columns[2] != "net_1" {
		t.Errorf("columns %q", g.Columns)
	}
}

// TestClock: with a clock the report tells the time of the nets alone.
func TestClock(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 5)
	now := 0.0
	clock := func() float64 { now += .5; return now }
	r := run(t, Options{Methods: []Method{bright("n"), Baselines()[0]}, Sets: []Set{{"S", dir}}, Seconds: clock})
	if m := r.Methods[0]; m.Timed != 5 || m.Seconds != 2.5 {
		t.Errorf("%d maps in %g seconds, want 5 in 2.5", m.Timed, m.Seconds)
	}
	if m := r.Methods[1]; m.Timed != 0 {
		t.Errorf("a baseline was timed: %d", m.Timed)
	}
	html, err := r.HTML(Made{})
	if err != nil || !strings.Contains(string(html), "<td>500.0</td>") {
		t.Errorf("the page does not say 500 ms (%v)", err)
	}
}

// TestHarmlessCSV: what a spreadsheet would compute is quoted, numbers are not, and
// a byte order mark stands where a name is not ASCII and only there.
func TestHarmlessCSV(t *testing.T) {
	for cell, want := range map[string]string{"=1+1": "'=1+1", "+x": "'+x", "-x": "'-x", "@a": "'@a", "\tx": "'\tx", "-5": "-5", "+0.5": "+0.5", "-1e-05": "-1e-05", "a=b": "a=b", "": ""} {
		if got := table.Harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
	r := setOf([]float64{.5})
	r.Methods[0].Sets[0].PerImage[0].Stem = "=cmd|x"
	raw := r.PerImageCSV()
	if !bytes.Contains(raw, []byte("'=cmd|x")) || bytes.HasPrefix(raw, []byte("\ufeff")) {
		t.Errorf("%q", raw)
	}
	r.Methods[0].Sets[0].PerImage[0].Stem = "Käse"
	if raw := r.PerImageCSV(); !bytes.HasPrefix(raw, []byte("\ufeffmethod,")) || !bytes.Contains(raw, []byte("Käse")) {
		t.Errorf("%q", raw)
	}
}

func TestTables(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 3)
	r := run(t, Options{Methods: []Method{bright("x_1"), Baselines()[0]}, Sets: []Set{{"S_1", dir}}})
	text, md, tex := r.Table(0), r.Markdown(), r.LaTeX()
	v := digits(r.Methods[0].Sets[0].Result.SalMetric.MAE)
	for name, s := range map[string]string{"text": text, "markdown": md, "latex": tex} {
		if !strings.Contains(s, v) || !strings.Contains(s, "Protocol: salmetric") || !strings.Contains(s, "Protocol: pysod") {
			t.Errorf("%s lacks %s or a protocol:\n%s", name, v, s)
		}
	}
	if !strings.Contains(tex, `x\_1`) || !strings.Contains(tex, `\textbf{`+v+`}`) || !strings.Contains(md, "**"+v+"**") || !strings.Contains(md, `x\_1`) ||
		!strings.Contains(tex, `maxF $\uparrow$`) || !strings.Contains(tex, `MAE $\downarrow$`) || strings.Contains(tex, `images $`) || !strings.Contains(tex, "Best in bold") {
		t.Errorf("markup:\n%s\n%s", md, tex)
	}
	t.Logf("\n%s", text)
}

// TestWriteFileLeavesNothing: a file that cannot be renamed into place leaves
// no temporary behind.
func TestWriteFileLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "x", "y"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(filepath.Join(dir, "x"), []byte("1")); err == nil {
		t.Error("a folder was overwritten")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
}
