package predict

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/webp"

	"csnet/data"
	"csnet/internal/imagefile"
	"csnet/internal/saliency"
)

// brightNet takes what is bright for salient.
type brightNet struct{ out []float32 }

func (n *brightNet) Logits(x []float32, h, w int) ([]float32, error) {
	n.out = make([]float32, h*w)
	for i := range n.out {
		n.out[i] = 6 * x[i]
	}
	return n.out, nil
}

func (n *brightNet) Close() error { return nil }

func newBright() (saliency.Net, error) { return &brightNet{}, nil }

// disc is a photo of a bright disc.
func disc(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(20 + (x*7+y*13)%30)
			if math.Hypot(float64(x)-0.4*float64(w), float64(y)-0.5*float64(h)) < 0.3*float64(min(w, h)) {
				v += 180
			}
			m.SetNRGBA(x, y, color.NRGBA{v, v / 2, 100, 255})
		}
	}
	return m
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func save(t testing.TB, path string, content []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func style(forms ...Form) Style {
	return Style{Forms: forms, Format: PNG, Bits: 8, Threshold: 127, Margin: 0.05}
}

func make1(t testing.TB, s Style, content []byte) Product {
	t.Helper()
	p, err := NewMaker(&brightNet{}, 32, s).Make(content)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func decoded(t testing.TB, content []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestProtocol: up to 400 pixels a map is the protocol's to the bit; larger ones
// are that of the photo reduced by area.
func TestProtocol(t *testing.T) {
	p := saliency.Predictor{Net: &brightNet{}, Size: 32}
	for _, size := range [][2]int{{400, 300}, {1, 1}, {3, 399}, {900, 600}} {
		img := disc(size[0], size[1])
		seen := &data.Photo{W: size[0], H: size[1], Pix: make([]uint8, 3*size[0]*size[1])}
		imagefile.RGB(seen.Pix, img)
		if size[0] > saliency.Side {
			seen = saliency.SeeImage(img)
		}
		prob, err := p.Prob(seen)
		if err != nil {
			t.Fatal(err)
		}
		want := data.Restore(nil, size[0], size[1], prob, 32)
		got := decoded(t, make1(t, style(Map), pngOf(t, img)).Files[0]).(*image.Gray)
		if got.Rect.Dx() != size[0] || size[0] <= saliency.Side && !bytes.Equal(got.Pix, want) {
			t.Errorf("%v: another map", size)
		}
		for i, v := range want {
			if d := int(got.Pix[i]) - int(v); d < -1 || d > 1 {
				t.Fatalf("%v at %d: %d for %d", size, i, got.Pix[i], v)
			}
		}
	}
}

// TestEveryForm makes all forms of a turned photo with a profile, in all formats.
func TestEveryForm(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, disc(120, 80), &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	profile := make([]byte, 70000)
	binary.BigEndian.PutUint32(profile, 70000)
	copy(profile[16:], "RGB ")
	copy(profile[36:], "acsp")
	exif := "\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	photo := slices.Concat(b.Bytes()[:2], []byte(exif), extendJPEG(b.Bytes(), Crop, profile)[2:])
	for _, format := range []Format{PNG, WebP, JPEG} {
		s := style(Map, Mask, CutOut, Overlay, Crop)
		s.Format, s.Facts = format, true
		if format == JPEG {
			s.OnColour = &color.NRGBA{255, 255, 255, 255}
		}
		p := make1(t, s, photo)
		if p.W != 80 || p.H != 120 {
			t.Fatalf("%dx%d, want it turned to 80x120", p.W, p.H)
		}
		for i, f := range s.Forms {
			file, err := imagefile.Open(p.Files[i])
			if err != nil {
				t.Fatal(f, format, err)
			}
			img, err := file.Decode()
			if err != nil {
				t.Fatal(f, format, err)
			}
			if f.picture() != (len(file.Profile()) == 70000) {
				t.Errorf("%s as %s: a profile of %d bytes", f, format, len(file.Profile()))
			}
			size := img.Bounds().Size()
			if whole := size == (image.Point{X: 80, Y: 120}); whole == (f == Crop) {
				t.Errorf("%s as %s: %v", f, format, size)
			}
			path := save(t, filepath.Join(t.TempDir(), "x."+string(format)), p.Files[i])
			if f.picture() && (!f.Kind(path).Is(path) || !Ours(path)) {
				t.Errorf("%s as %s does not know itself", f, format)
			}
		}
		// The disc's middle, turned clockwise: inside; a corner: outside.
		if cut, err := webp.Decode(bytes.NewReader(p.Files[2])); format == WebP {
			if err != nil {
				t.Fatal(err)
			}
			in, out := color.NRGBAModel.Convert(cut.At(40, 48)).(color.NRGBA), color.NRGBAModel.Convert(cut.At(2, 2)).(color.NRGBA)
			if in.A < 250 || out.A > 5 || in.R < 180 {
				t.Errorf("cut-out: %v inside, %v outside", in, out)
			}
		}
		if c := p.Facts; c.Box.Empty() || math.Abs(c.CentreX-40) > 3 || math.Abs(c.CentreY-48) > 3 || math.Abs(c.Area-math.Pi*24*24/(120*80)) > 0.03 {
			t.Errorf("%+v", c)
		}
	}
}

// TestStyles: 16 bits, a smaller size, backgrounds, thresholds.
func TestStyles(t *testing.T) {
	photo := pngOf(t, disc(200, 100))
	s := style(Map)
	s.Bits = 16
	if m, ok := decoded(t, make1(t, s, photo).Files[0]).(*image.Gray16); !ok || m.Gray16At(80, 50).Y < 65000 {
		t.Error("16 bits")
	}
	s = style(Map, CutOut)
	s.SaveSize = 50
	for i, f := range make1(t, s, photo).Files {
		if b := decoded(t, f).Bounds(); b != image.Rect(0, 0, 50, 25) {
			t.Errorf("form %d: %v", i, b)
		}
	}
	s = style(CutOut)
	s.OnImage = disc(40, 40)
	if img := decoded(t, make1(t, s, photo).Files[0]); color.NRGBAModel.Convert(img.At(0, 0)).(color.NRGBA).A != 255 {
		t.Error("a cut-out on a picture is transparent")
	}
	s = style(Mask)
	s.Threshold = Otsu
	if m := decoded(t, make1(t, s, photo).Files[0]).(*image.Gray); m.GrayAt(80, 50).Y != 255 || m.GrayAt(1, 1).Y != 0 {
		t.Error("Otsu")
	}
}

func TestPlan(t *testing.T) {
	dir := t.TempDir()
	at := func(p string) string { return filepath.Join(dir, filepath.FromSlash(p)) }
	photo := pngOf(t, disc(9, 7))
	for _, f := range []string{"a.png", "sub/b.PNG", "sub/.hidden.png", "__MACOSX/c.png", "out/old.png", "notes.txt", "raw.cr2", "two/a.jpg"} {
		save(t, at(f), photo)
	}
	save(t, at("a_saliency.png"), make1(t, style(Map), photo).Files[0])
	n := Names{Out: at("out"), Forms: []Form{Map}, Format: PNG}
	if err := os.Symlink(at("sub"), at("linked")); err == nil {
		p, err := MakePlan([]string{at("linked")}, n)
		if err != nil || len(p.Jobs) != 1 || p.Jobs[0].Photo != at("linked/b.PNG") || p.Jobs[0].Targets[0] != at("out/b.png") {
			t.Errorf("a root that is a link: %+v, %v", p, err)
		}
	}
	p, err := MakePlan([]string{dir}, n)
	if err != nil || len(p.Jobs) != 3 || p.Jobs[1].Targets[0] != at("out/sub/b.png") {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := p.Skipped.String(); !strings.Contains(got, "2 files of other kinds skipped (1 .cr2, 1 .txt)") || !strings.Contains(got, "1 result of csnet's own") {
		t.Error(got)
	}
	save(t, p.Jobs[0].Targets[0], photo)
	p.SkipDone()
	if len(p.Jobs) != 2 || p.Skipped.Done != 1 {
		t.Errorf("%+v", p)
	}
	if p, err := MakePlan([]string{at("s*/*.PNG")}, n); err != nil || len(p.Jobs) != 1 {
		t.Errorf("a pattern: %+v, %v", p, err)
	}
	for name, c := range map[string]struct {
		inputs []string
		want   string
	}{
		"nothing":    {nil, "no photo"},
		"not there":  {[]string{at("none.png")}, "none.png"},
		"no match":   {[]string{at("*.nothing")}, "no file"},
		"no photos":  {[]string{t.TempDir()}, "no picture"},
		"one target": {[]string{at("a.png"), at("two/a.jpg")}, "both go to"},
	} {
		if _, err := MakePlan(c.inputs, n); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	n.Whole = true
	if p, err := MakePlan([]string{at("a.png"), at("two/a.jpg")}, n); err != nil || p.Jobs[1].Targets[0] != at("out/a.jpg.png") {
		t.Errorf("whole names: %+v, %v", p, err)
	}
}

// TestWayOut: of two photos with one target the flags named are those that part them.
func TestWayOut(t *testing.T) {
	in, out := Names{Forms: []Form{Map}, Format: PNG}, Names{Forms: []Form{Map}, Format: PNG, Out: "o"}
	for _, c := range []struct {
		n        Names
		a, b     string
		want, no string
	}{
		{out, "x.jpg", "x.png", "--whole-names keeps", "--out"},
		{in, "x.jpg", "x.png", "--whole-names keeps", "--out"},
		{in, "a/1.jpg", "b/1.jpg", "--out DIR keeps", "--whole-names"},
		{in, "a/1.jpg", "a/1.png", "--whole-names keeps", "--out"},
	} {
		err := c.n.checkTargets([]Job{c.n.job(c.a, c.a), c.n.job(c.b, c.b)})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), c.no) {
			t.Errorf("%s and %s: %v, want %q without %q", c.a, c.b, err, c.want, c.no)
		}
	}
	same := out.checkTargets([]Job{out.job("p/1.jpg", "1.jpg"), out.job("q/1.jpg", "1.jpg")})
	if same == nil || !strings.Contains(same.Error(), "each with its own --out") {
		t.Errorf("two files of one name from two folders: %v", same)
	}
}

func TestTargets(t *testing.T) {
	both := []Form{Map, CutOut}
	for _, c := range []struct {
		n    Names
		want string
	}{
		{Names{Forms: []Form{Map}, Format: PNG}, "x_saliency.png"},
		{Names{Forms: []Form{CutOut}, Format: WebP}, "x_cutout.webp"},
		{Names{Forms: []Form{CutOut}, Format: WebP, Out: "o"}, "o/s/x.webp"},
		{Names{Forms: both, Format: PNG, Out: "o"}, "o/s/x_map.png o/s/x_cutout.png"},
		{Names{Forms: both, Format: PNG}, "x_saliency.png x_cutout.png"},
		{Names{Forms: []Form{Map}, Format: PNG, Out: "y.png"}, "y.png"},
		{Names{Forms: []Form{Map}, Format: PNG, Beside: true}, "d/s/x_saliency.png"},
	} {
		if got := filepath.ToSlash(strings.Join(c.n.job("d/s/x.jpg", "s/x.jpg").Targets, " ")); got != c.want {
			t.Errorf("%+v: %s, want %s", c.n, got, c.want)
		}
	}
}

// TestRun: broken photos and unwritable places are reported, the rest is done.
func TestRun(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	for _, f := range []string{"a", "b", "c"} {
		save(t, filepath.Join(dir, f+".png"), pngOf(t, disc(30, 20)))
	}
	save(t, filepath.Join(dir, "bad.png"), []byte("\x89PNG\r\n\x1a\nbroken"))
	save(t, filepath.Join(dir, "empty.jpg"), nil)
	p, err := MakePlan([]string{dir}, Names{Out: out, Forms: []Form{Map, CutOut}, Format: PNG})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(out, "c_map.png"), 0o755); err != nil {
		t.Fatal(err)
	}
	last, told := 0, 0
	bad, err := Run(t.Context(), p.Jobs, Options{NewNet: newBright, Size: 32, Threads: 2, Style: style(Map, CutOut),
		Progress: func(done, _ int) { last = done }, Done: func(Job, Product, error) { told++ }})
	if err != nil || len(bad) != 3 || last != 5 || told != 5 {
		t.Fatalf("%v, %v, %d, %d", bad, err, last, told)
	}
	for i, want := range []string{"bad.png", "c.png", "empty.jpg"} {
		if !strings.Contains(bad[i].Error(), want) {
			t.Errorf("%v, want %s", bad[i], want)
		}
	}
	left, err := os.ReadDir(out)
	if err != nil || len(left) != 5 {
		t.Errorf("%v, %v", left, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, p.Jobs, Options{NewNet: newBright, Size: 32, Threads: 1, Style: style(Map)}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// In a room that is too small for two, photos are done one after the other; one that
// needs more than may ever be taken is bad, and the others are done.
func TestRoom(t *testing.T) {
	dir := t.TempDir()
	var jobs []Job
	for i, w := range []int{60, 61, 62, 2000} {
		path := save(t, filepath.Join(dir, string(rune('a'+i))+".png"), pngOf(t, disc(w, w)))
		jobs = append(jobs, Job{Photo: path, Targets: []string{path + ".map"}})
	}
	style := Style{Forms: []Form{Map}, Bits: 8}
	for limit, want := range map[int64]int{0: 0, 1 << 20: 1} {
		bad, err := Run(context.Background(), jobs, Options{NewNet: newBright, Size: 16, Threads: 3, Style: style, Room: imagefile.NewRoom(1, limit)})
		if err != nil || len(bad) != want {
			t.Errorf("limit %d: %v %v", limit, bad, err)
		}
		for _, b := range bad {
			if !strings.Contains(b.Error(), "d.png: needs about") {
				t.Errorf("got %v", b)
			}
		}
	}
}
