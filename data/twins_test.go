package data

import (
	"context"
	"testing"
)

// Copies of a photo, saved anew or not, go to one side of a split and are counted
// across two sets.
func TestCopies(t *testing.T) {
	dir := t.TempDir()
	var stems []string
	for k := range 30 {
		stem := string(rune('a'+k%26)) + string(rune('a'+k/26))
		for i, copy := range []string{stem, stem + "_copy", "z_" + stem} {
			content := pngBytes(t, drawPhoto(40, 30, k))
			if i == 1 {
				content = append(content, "some bytes behind the picture"...)
			}
			write(t, dir+"/images/"+copy+".png", content)
			write(t, dir+"/masks/"+copy+".png", pngBytes(t, drawMask(40, 30, k)))
			stems = append(stems, copy)
		}
	}
	s, err := Find(dir)
	if err != nil || len(s.Pairs) != len(stems) {
		t.Fatal(err)
	}
	in, err := Inspect(context.Background(), s.Pairs, InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if train, val := SplitValidation(s.Pairs, 0.3); mustCopies(train, val) != 0 {
		t.Error("unknown photos count as equal")
	}
	train, val := SplitValidation(in.Pairs, 0.3)
	if n := mustCopies(train, val); n != 0 || len(val) < 9 || len(val)%3 != 0 || len(train)+len(val) != len(stems) {
		t.Errorf("%d copies on the other side, %d and %d pairs", n, len(train), len(val))
	}
	if n, example := Copies(in.Pairs[:1], in.Pairs); n != 3 || example[0] != in.Pairs[0] {
		t.Errorf("%d copies, %v", n, example)
	}
}

func mustCopies(a, b []Pair) int { n, _ := Copies(a, b); return n }
