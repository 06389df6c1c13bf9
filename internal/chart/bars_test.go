package chart

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"strings"
	"testing"
)

// The figure has a bar for each part, faint ones behind, all numbers in words, and is
// well-formed in both prints.
func TestBars(t *testing.T) {
	b := Bars{Title: "channels", Part: "octave", Rows: []BarRow{
		{Name: "stage0.0", Before: []int{10, 10}, After: []int{3, 7}}, {Name: "<gone>", Before: []int{20, 0}, After: []int{0, 0}}, {Name: "csf.ms1", First: 1, Before: []int{65}, After: []int{60}},
	}}
	svg, err := b.SVG()
	if err != nil {
		t.Fatal(err)
	}
	// 2 + 2, 1 + 0, 1 + 1 and the legend's 2.
	if got := strings.Count(string(svg), `stroke-width="9"`); got != 9 {
		t.Errorf("%d bars", got)
	}
	for _, want := range []string{"10+10 → 3+7", "&lt;gone&gt;", "octave 1", "csf.ms1: 65 to 60."} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("no %q", want)
		}
	}
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	raw, err := b.PNG()
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(raw)); err != nil || img.Bounds().Dx() != 1320 {
		t.Errorf("%v", err)
	}
	if _, err := (Bars{}).SVG(); err != nil {
		t.Error(err)
	}
}
