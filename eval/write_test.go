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
	"strings"
	"testing"

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

func TestWriteReport(t *testing.T) {
	r, out := reportOf(t), t.TempDir()
	if err := r.WriteReport(out); err != nil {
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
	if err := r.WriteReport(again); err != nil {
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
	html, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	page := string(html)
	for _, bad := range []string{"src=\"http", "href=", "@import", "ZgotmplZ", "<maps>", "<script>\xff"} {
		if strings.Contains(page, bad) {
			t.Errorf("page holds %q", bad)
		}
	}
	for _, want := range []string{
		"&lt;maps&gt; on A&amp;B", `data-name="0003"`, "0003.png", `id="find"`, "data:image/jpeg;base64,", "data:image/svg",
		">best<", ">median<", ">worst<", r.Methods[0].Checkpoint, r.Methods[0].Sets[0].Data, "salmetric", "pysod",
	} {
		if want == "" || !strings.Contains(page, want) {
			t.Errorf("page lacks %q", want)
		}
	}
	if len(r.Methods[0].Checkpoint) != 64 || len(r.Methods[0].Sets[1].Data) != 64 {
		t.Error("digests are not SHA-256")
	}
}

func TestPickSamples(t *testing.T) {
	for n := 1; n < 40; n++ {
		scores := make([]ImageScore, n)
		for i := range scores {
			scores[i].Scores.SalMetric = &metrics.SalMetricScores{MaxF: float64((i * 7) % n)}
		}
		seen := make(map[int]bool)
		last := float64(n)
		for _, p := range pickSamples(metrics.SalMetric, scores) {
			v := scores[p.index].Scores.SalMetric.MaxF
			if seen[p.index] || v > last {
				t.Fatalf("%d images: %s %d twice or out of order", n, p.group, p.index)
			}
			seen[p.index], last = true, v
		}
		if want := min(n, 3*samplesPerGroup); len(seen) < min(want, n-n%3) {
			t.Errorf("%d images: only %d shown", n, len(seen))
		}
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
	if !strings.Contains(tex, `x\_1`) || !strings.Contains(tex, `\textbf{`+v+`}`) || !strings.Contains(md, "**"+v+"**") || !strings.Contains(md, `x\_1`) {
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
