package report

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// written writes r to a new file and returns the page.
func written(t *testing.T, r Report) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a", "b", "report.html")
	if err := Write(path, r); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list, _ := os.ReadDir(filepath.Dir(path))
	if len(list) != 1 {
		t.Errorf("%d files in the folder, want the report alone", len(list))
	}
	return string(data)
}

// wellFormed fails unless every tag of the page is closed, in order.
func wellFormed(t *testing.T, html string) (tags map[string]int) {
	t.Helper()
	tags = map[string]int{}
	d := xml.NewDecoder(strings.NewReader(html))
	for {
		tok, err := d.Token()
		if tok == nil && err != nil {
			if err.Error() != "EOF" {
				t.Fatalf("the page is not well-formed: %v", err)
			}
			return tags
		}
		if e, ok := tok.(xml.StartElement); ok {
			tags[e.Name.Local]++
		}
	}
}

func picture(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.Set(i%w, i/w, color.NRGBA{uint8(i), uint8(i / w * 3), 200, 255})
	}
	return img
}

func full() Report {
	mask := image.NewGray(image.Rect(0, 0, 30, 20))
	mask.SetGray(7, 5, color.Gray{255})
	x := []float64{0, 1, 2, 3, 4, 5}
	return Report{
		Title:   "A run & <its> \"name\"",
		Intro:   "Intro <script>alert(1)</script>",
		Verdict: Verdict{Pass: true, Text: "It did.", Checks: []Check{{true, "first"}, {false, "second <b>"}}},
		Facts:   [][2]string{{"Net", "tiny </dd>"}},
		Charts: []Chart{
			{Title: "Loss </svg>", XLabel: "step", YLabel: "loss", Series: []Series{{Name: "train <&>", X: x, Y: []float64{1, .5, math.NaN(), .25, .2, math.Inf(1)}}}},
		},
		Scores: Table{
			Header: []string{"Map", "maxF", "MAE", "note"}, Better: []Direction{Higher, Lower},
			Rows: []ScoreRow{{"a", []string{"0.5", "0.1", "9"}}, {"b <i>", []string{"0.7", "0.2", "8"}}, {"c", []string{"n/a", "0.1"}}},
		},
		Channels: []ChannelRow{{"stage1.0 <x>", []int{10, 10}, []int{4, 0}}, {"stage2.1", []int{20}, []int{5}}},
		Samples: []Sample{
			{Name: "one", Photo: picture(900, 600), Truth: mask, Maps: []NamedMap{{"trained", mask}, {"pruned", mask}}},
			{Name: "two\" onerror=\"x", Photo: picture(30, 20), Maps: []NamedMap{{"pruned", mask}}},
		},
		Notes: []string{"A note with <angle> & ampersand"},
	}
}

func TestPageIsWellFormedAndEscaped(t *testing.T) {
	html := written(t, full())
	tags := wellFormed(t, html)
	for tag, want := range map[string]int{"h1": 1, "script": 0, "b": 1, "i": 0, "x": 0, "img": 6, "figure": 1, "link": 0, "iframe": 0, "main": 1} {
		if tags[tag] != want {
			t.Errorf("%d <%s> in the page, want %d", tags[tag], tag, want)
		}
	}
	for _, want := range []string{
		"<title>A run &amp; &lt;its&gt; &#34;name&#34;</title>", "Intro &lt;script&gt;", "second &lt;b&gt;", "tiny &lt;/dd&gt;",
		"train &lt;&amp;&gt;", "Loss &lt;/svg&gt;", "stage1.0 &lt;x&gt;", "b &lt;i&gt;", "A note with &lt;angle&gt; &amp; ampersand", "PASSED",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(html, `" onerror="`) || strings.Contains(html, "ZgotmplZ") {
		t.Error("a value escaped from its attribute, or a safe one was refused")
	}
}

func TestPageNeedsNothingElse(t *testing.T) {
	html := regexp.MustCompile(`base64,[^"]+`).ReplaceAllString(written(t, full()), "")
	if m := regexp.MustCompile(`(?i)https?:|//[a-z]|@import|url\(|<link|<script`).FindString(html); m != "" {
		t.Errorf("the page refers to something outside: %q", m)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]{0,40})`).FindAllStringSubmatch(html, -1) {
		if !strings.HasPrefix(m[1], "data:image/") {
			t.Errorf("the page loads %q", m[1])
		}
	}
}

func TestPicturesDecode(t *testing.T) {
	html := written(t, full())
	found := regexp.MustCompile(`<img src="data:image/(png|jpeg);base64,([^"]+)" width="(\d+)" height="(\d+)"`).FindAllStringSubmatch(html, -1)
	var got []string
	for _, m := range found {
		data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(m[2], "&#43;", "+"))
		if err != nil {
			t.Fatal(err)
		}
		img, kind, err := image.Decode(bytes.NewReader(data))
		if err != nil || kind != m[1] {
			t.Fatalf("picture says %s, is %s (%v)", m[1], kind, err)
		}
		size := img.Bounds().Size()
		if m[3] != fmt.Sprint(size.X) || m[4] != fmt.Sprint(size.Y) {
			t.Errorf("picture is %v, the page says %s x %s", size, m[3], m[4])
		}
		if kind == "png" && color.GrayModel.Convert(img.At(7, 5)) != (color.Gray{255}) {
			t.Error("the mask's one white pixel is gone")
		}
		got = append(got, fmt.Sprintf("%s %dx%d", kind, size.X, size.Y))
	}
	want := "[jpeg 320x213 png 30x20 png 30x20 png 30x20 jpeg 30x20 png 30x20]"
	if fmt.Sprint(got) != want {
		t.Errorf("pictures %v, want %s", got, want)
	}
	if n := strings.Count(html, `<span class="none">none</span>`); n != 2 {
		t.Errorf("%d empty places, want 2 (no truth, no map by \"trained\")", n)
	}
}

func TestEmptyReport(t *testing.T) {
	html := written(t, Report{Title: "nothing"})
	tags := wellFormed(t, html)
	for _, tag := range []string{"section", "table", "svg", "h2", "img"} {
		if tags[tag] != 0 {
			t.Errorf("an empty report has a <%s>", tag)
		}
	}
}

func TestFailingVerdict(t *testing.T) {
	html := written(t, Report{Verdict: Verdict{Text: "It did not."}})
	if !strings.Contains(html, "FAILED") || strings.Contains(html, "PASSED") {
		t.Error("the page does not say that the run failed")
	}
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "report.html")
	if err := os.MkdirAll(filepath.Join(old, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(old, full()); err == nil {
		t.Error("a folder in the file's place: no error")
	}
	if err := Write(filepath.Join(dir, "report.html", "x", "\x00"), full()); err == nil {
		t.Error("an impossible name: no error")
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(file, "report.html"), full()); err == nil {
		t.Error("a file in the folder's place: no error")
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".tmp") {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWriteReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	for _, title := range []string{"the old one", "the new one"} {
		if err := Write(path, Report{Title: title}); err != nil {
			t.Fatal(err)
		}
	}
	data, _ := os.ReadFile(path)
	if !bytes.Contains(data, []byte("the new one")) || bytes.Contains(data, []byte("the old one")) {
		t.Error("the second report did not replace the first")
	}
}
