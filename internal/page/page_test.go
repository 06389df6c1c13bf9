package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html"
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

	"csnet/internal/chart"
)

// written writes p to a new file and returns the page.
func written(t *testing.T, p Page) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a", "b", "report.html")
	if err := Write(path, p); err != nil {
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

func photo(t *testing.T, w, h int) Picture {
	t.Helper()
	p, err := Photo(picture(w, h), 320)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func full(t *testing.T) Page {
	mask := image.NewGray(image.Rect(0, 0, 30, 20))
	mask.SetGray(7, 5, color.Gray{255})
	m, err := Map(mask, 320)
	if err != nil {
		t.Fatal(err)
	}
	scored := m
	scored.Note, scored.Best = "Sm <.9>", true
	x := []float64{0, 1, 2, 3, 4, 5}
	scores := Table{
		Caption: "Scores & <more>", Columns: []Column{{Name: "Map"}, {Name: "maxF", Better: Higher}, {Name: "MAE", Better: Lower}, {Name: "note", Text: true}},
		Rows: []Row{{Name: "a", Values: values("0.5", "0.1", "9")}, {Name: "b <i>", Values: values("0.7", "0.2", "8")}, {Name: "c", Values: values("n/a", "0.1")}},
	}
	scores.MarkBest()
	return Page{
		Title:   "A run & <its> \"name\"",
		Intro:   "Intro <script>alert(1)</script>",
		Verdict: Verdict{Pass: true, Text: "It did.", Checks: []Check{{true, "first"}, {false, "second <b>"}}},
		Facts:   Facts{{"Net", "tiny </dd>"}},
		Search:  "image by \"name\"",
		Sections: []Section{
			{Title: "Scores", Lead: "lead <u>", Parts: []Part{scores, Table{Tall: true, Caption: "every image", Columns: []Column{{Name: "image"}, {Name: "MAE"}},
				Rows: []Row{{Name: "0001\" x=\"", Values: values("0.5")}, {Name: "0002", Problem: "broken <file>"}}}}},
			{Title: "Curves", Parts: []Part{Charts{{Title: "Loss </svg>", XLabel: "step", YLabel: "loss", Series: []chart.Series{{Name: "train <&>", X: x, Y: []float64{1, .5, math.NaN(), .25, .2, math.Inf(1)}}}}, {Title: "Nothing"}}}},
			{Title: "Scores", Parts: []Part{Channels{{"stage1.0 <x>", []int{10, 10}, []int{4, 0}}, {"stage2.1", []int{20}, []int{5}}}}},
			{Title: "<>", Parts: []Part{Gallery{Columns: []string{"Photo", "Truth", "trained", "pruned"}, Rows: []GalleryRow{
				{Name: "one", Note: "noted", Pictures: []Picture{photo(t, 900, 600), m, scored, m}},
				{Name: "two\" onerror=\"x", Pictures: []Picture{photo(t, 30, 20), {}, {}, m}},
			}}}},
			{Title: "Notes", Parts: []Part{Notes{"A note with <angle> & ampersand"}, Text("text <p>"), Code{Title: "command", Text: "csnet eval <x>"}, Code{Title: "config", Text: "a: <b>", Folded: true}}},
		},
	}
}

func values(texts ...string) []Value {
	out := make([]Value, len(texts))
	for i, s := range texts {
		out[i].Text = s
	}
	return out
}

func TestPageIsWellFormedAndEscaped(t *testing.T) {
	html := written(t, full(t))
	tags := wellFormed(t, html)
	for tag, want := range map[string]int{"h1": 1, "script": 1, "b": 1, "i": 0, "x": 0, "u": 0, "img": 6, "link": 0, "iframe": 0, "main": 1, "nav": 1, "details": 1, "table": 3} {
		if tags[tag] != want {
			t.Errorf("%d <%s> in the page, want %d", tags[tag], tag, want)
		}
	}
	for _, want := range []string{
		"<title>A run &amp; &lt;its&gt; &#34;name&#34;</title>", "Intro &lt;script&gt;", "second &lt;b&gt;", "tiny &lt;/dd&gt;", "lead &lt;u&gt;",
		"train &lt;&amp;&gt;", "Loss &lt;/svg&gt;", "stage1.0 &lt;x&gt;", "b &lt;i&gt;", "A note with &lt;angle&gt; &amp; ampersand", "PASSED",
		"broken &lt;file&gt;", "Sm &lt;.9&gt;", "text &lt;p&gt;", "csnet eval &lt;x&gt;", "a: &lt;b&gt;",
		`href="#scores"`, `id="scores"`, `href="#scores-2"`, `id="scores-2"`, `id="section"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(html, `" onerror="`) || strings.Contains(html, `" x="`) || strings.Contains(html, "ZgotmplZ") {
		t.Error("a value escaped from its attribute, or a safe one was refused")
	}
}

func TestPageNeedsNothingElse(t *testing.T) {
	html := regexp.MustCompile(`base64,[^"]+`).ReplaceAllString(written(t, full(t)), "")
	if m := regexp.MustCompile(`(?i)https?:|"//[a-z]|@import|url\(|<link|<script [^>]`).FindString(html); m != "" {
		t.Errorf("the page refers to something outside: %q", m)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]{0,40})`).FindAllStringSubmatch(html, -1) {
		if !strings.HasPrefix(m[1], "data:image/") && !strings.HasPrefix(m[1], "#") {
			t.Errorf("the page loads %q", m[1])
		}
	}
}

// TestScriptIsTheOneAllowed: the content policy names the hash of exactly the text
// between the script's tags.
func TestScriptIsTheOneAllowed(t *testing.T) {
	html := written(t, full(t))
	_, rest, _ := strings.Cut(html, "<script>")
	text, _, _ := strings.Cut(rest, "</script>")
	sum := sha256.Sum256([]byte(text))
	if want := "script-src &#39;sha256-" + base64.StdEncoding.EncodeToString(sum[:]); len(text) < 500 ||
		!strings.Contains(strings.ReplaceAll(strings.ReplaceAll(html, "'", "&#39;"), "&#43;", "+"), want) {
		t.Errorf("the policy does not allow the script of %d characters", len(text))
	}
}

func TestPicturesDecode(t *testing.T) {
	html := written(t, full(t))
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
	html := written(t, Page{Title: "nothing"})
	tags := wellFormed(t, html)
	for _, tag := range []string{"section", "table", "svg", "h2", "img"} {
		if tags[tag] != 0 {
			t.Errorf("an empty report has a <%s>", tag)
		}
	}
}

func TestFailingVerdict(t *testing.T) {
	html := written(t, Page{Verdict: Verdict{Text: "It did not."}})
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
	if err := Write(old, full(t)); err == nil {
		t.Error("a folder in the file's place: no error")
	}
	if err := Write(filepath.Join(dir, "report.html", "x", "\x00"), full(t)); err == nil {
		t.Error("an impossible name: no error")
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(file, "report.html"), full(t)); err == nil {
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
		if err := Write(path, Page{Title: title}); err != nil {
			t.Fatal(err)
		}
	}
	data, _ := os.ReadFile(path)
	if !bytes.Contains(data, []byte("the new one")) || bytes.Contains(data, []byte("the old one")) {
		t.Error("the second report did not replace the first")
	}
}

func TestEqualPagesAreEqualBytes(t *testing.T) {
	a, err := full(t).HTML()
	b, err2 := full(t).HTML()
	if err != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Errorf("two contents (%v, %v)", err, err2)
	}
}

func TestRefresh(t *testing.T) {
	const tag = `http-equiv="refresh"`
	if html := written(t, Page{Title: "t", Refresh: 20}); !strings.Contains(html, tag+` content="20"`) {
		t.Error("a page that is to be read again does not say so")
	}
	if html := written(t, Page{Title: "t"}); strings.Contains(html, tag) {
		t.Error("a finished page is read again")
	}
}

func TestBestValuesAreMarked(t *testing.T) {
	table := full(t).Sections[0].Parts[0].(Table)
	got := ""
	for _, r := range table.Rows {
		for _, c := range r.Values {
			got += map[bool]string{true: "x", false: "."}[c.Best]
		}
		got += " "
	}
	if got != ".x. x.. .x " {
		t.Errorf("best cells %q, want the highest maxF and both lowest MAE", got)
	}
	one := Table{Columns: table.Columns, Rows: []Row{{Name: "a", Values: values("1", "2")}}}
	if one.MarkBest(); one.Rows[0].Values[0].Best {
		t.Error("the only row is called best")
	}
}

func TestChannelBars(t *testing.T) {
	v := newChannels([]ChannelRow{{"a", []int{10, 20}, []int{5, 0}}, {"b", []int{40}, nil}, {"c", nil, nil}, {"d", []int{3}, []int{-4}}})
	if v.Before != 73 || v.After != 5 || v.Kept != "7%" || len(v.Octaves) != 2 {
		t.Errorf("totals %d -> %d (%s), octaves %v", v.Before, v.After, v.Kept, v.Octaves)
	}
	bar := v.Rows[0].Bars[0]
	if bar.Before != 250 || bar.After != 125 || v.Rows[1].Bars[0].After != 0 || v.Rows[3].Bars[0].After != 0 {
		t.Errorf("bars %+v", v.Rows)
	}
	if v.Rows[0].Text != "10 + 20 → 5 + 0" || v.Rows[2].Text != "0 → 0" {
		t.Errorf("texts %q, %q", v.Rows[0].Text, v.Rows[2].Text)
	}
}

// Words are broken at spaces alone, and what is copied is what was given.
func TestWords(t *testing.T) {
	tags := regexp.MustCompile(`<[^>]*>`)
	for text, want := range map[string]string{
		"59 921 parameters":     "59 921 parameters",
		"csnet eval --data <d>": `csnet eval <span class="w">--data</span> &lt;d&gt;`,
		" a-b ":                 ` <span class="w">a-b</span> `,
		"a-<script>":            `<span class="w">a-&lt;script&gt;</span>`,
		"":                      "",
	} {
		got := string(words(text))
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
		if plain := html.UnescapeString(tags.ReplaceAllString(got, "")); plain != text {
			t.Errorf("%q is copied as %q", text, plain)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1\u2009000", 14112000: "14\u2009112\u2009000", -1234: "-1\u2009234"} {
		if got := Thousands(n); got != want {
			t.Errorf("%d is written %q", n, got)
		}
	}
}
