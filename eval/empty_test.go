package eval

import (
	"fmt"
	"image"
	"path/filepath"
	"strings"
	"testing"

	"csnet/data"
	"csnet/metrics"
)

// halfEmpty draws a set in which every other mask is empty.
func halfEmpty(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	drawSet(t, dir, n)
	for i := 0; i < n; i += 2 {
		savePNG(t, filepath.Join(dir, "GT", stem(i)+".png"), image.NewGray(image.Rect(0, 0, 40+i%3, 30+i%4)))
	}
	return dir
}

// Black maps on a set half of whose masks are empty score as well as good ones; the
// report counts the empty masks and gives the scores over the others, which are
// those of the set without the empty ones.
func TestEmptyMasks(t *testing.T) {
	set, black := halfEmpty(t, 8), t.TempDir()
	for i := range 8 {
		savePNG(t, filepath.Join(black, stem(i)+".png"), image.NewGray(image.Rect(0, 0, 40+i%3, 30+i%4)))
	}
	r := run(t, Options{Methods: []Method{bright("net"), {Name: "black", Maps: black}}, Sets: []Set{{"S", set}}, Protocol: metrics.SalMetric})
	s := r.Methods[1].Sets[0]
	if s.Objects == nil || s.Objects.Images != 4 || !(s.Objects.SalMetric.MaxF < 1e-4) || !(s.Result.SalMetric.MaxF > 0.49) {
		t.Fatalf("%+v", s)
	}
	text := r.Table(0) + strings.Join(r.Notes(), "\n") + r.Markdown() + jsonOf(t, r)
	for _, want := range []string{"4 of 8 masks are empty", "black on S, over the 4 masks with an object: salmetric maxF 0.0000", `"empty_masks": 4`, `"with_objects"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said in %s", want, text)
		}
	}
}

// A set whose masks are all empty is refused; with the coding stated it is scored,
// and the table says that the scores say nothing.
func TestAllEmpty(t *testing.T) {
	set := t.TempDir()
	drawSet(t, set, 3)
	for i := range 3 {
		savePNG(t, filepath.Join(set, "GT", stem(i)+".png"), image.NewGray(image.Rect(0, 0, 40+i%3, 30+i%4)))
	}
	o := Options{Methods: []Method{bright("net")}, Sets: []Set{{"S", set}}, Protocol: metrics.SalMetric, Threads: 1}
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "all 3 masks are empty") {
		t.Errorf("%v", err)
	}
	o.Mask = data.Coding{Kind: data.MaskLuma}
	r, err := Run(t.Context(), o)
	if err != nil || !strings.Contains(r.Table(0), "every mask is empty: these scores say nothing") {
		t.Errorf("%v", err)
	}
}

// Masks that are foreground all over are counted, for nearly any map scores well on
// them; a few among others are not worth a word.
func TestFullMasks(t *testing.T) {
	for full, said := range map[int]bool{4: true, 3: true, 2: false, 0: false} {
		set := t.TempDir()
		drawSet(t, set, 4)
		for i := range full {
			m := image.NewGray(image.Rect(0, 0, 40+i%3, 30+i%4))
			for p := range m.Pix {
				m.Pix[p] = 255
			}
			savePNG(t, filepath.Join(set, "GT", stem(i)+".png"), m)
		}
		r := run(t, Options{Methods: []Method{bright("net")}, Sets: []Set{{"S", set}}, Protocol: metrics.SalMetric, Threads: 1})
		want := fmt.Sprintf("S: %d of 4 masks are full", full)
		if got := strings.Contains(strings.Join(r.Notes(), "\n"), want); got != said {
			t.Errorf("%d of 4 masks full: said %v, must be %v: %s", full, got, said, r.Notes())
		}
	}
}

// A centred Gaussian stands beside every evaluation, with the scores it has as a
// method, and what is no better is told so.
func TestGaussianBeside(t *testing.T) {
	set := t.TempDir()
	drawSet(t, set, 5)
	for _, p := range []metrics.Protocol{metrics.SalMetric, metrics.PySOD, metrics.Both} {
		r := run(t, Options{Methods: []Method{{Name: "white", Draw: AllForeground}}, Sets: []Set{{"S", set}}, Protocol: p})
		if r.Methods[0].Sets[0].Gaussian != nil {
			t.Error("a baseline is compared with another")
		}
		alone := run(t, Options{Methods: []Method{{Name: "g", Draw: CentredGaussian}}, Sets: []Set{{"S", set}}, Protocol: p})
		beside := run(t, Options{Methods: []Method{{Name: "white", Maps: whiteMaps(t, 5)}, bright("net")}, Sets: []Set{{"S", set}}, Protocol: p, Threads: 2})
		for _, one := range p.Each() {
			for _, measure := range []string{"maxF", "MAE"} {
				want, _ := alone.Methods[0].Sets[0].Result.Value(one, measure)
				if got, _ := beside.Methods[0].Sets[0].Gaussian.Value(one, measure); got != want {
					t.Errorf("%s %s: %v, as a method %v", one, measure, got, want)
				}
			}
		}
		if beside.Methods[1].Sets[0].Gaussian != nil {
			t.Error("scored twice")
		}
		notes := strings.Join(beside.Notes(), "\n")
		if !strings.Contains(notes, "a centred Gaussian on S:") || !strings.Contains(notes, "white on S: no better than a centred Gaussian") ||
			strings.Contains(notes, "net on S: no better") {
			t.Errorf("%s: %s", p, notes)
		}
	}
}

func whiteMaps(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		m := image.NewGray(image.Rect(0, 0, 40+i%3, 30+i%4))
		for k := range m.Pix {
			m.Pix[k] = 255
		}
		savePNG(t, filepath.Join(dir, stem(i)+".png"), m)
	}
	return dir
}
