package data

import "testing"

// A name in another letter case has its partner also where the other names are equal;
// where two names differ in case alone, nothing is guessed.
func TestMatchOneNameInOtherCase(t *testing.T) {
	files := func(stems ...string) []File {
		var out []File
		for _, s := range stems {
			out = append(out, File{s, "d/" + s})
		}
		return out
	}
	m, err := Match("d", "photo", "mask", files("0001", "0002", "IMG_1"), files("0001", "0002", "img_1"), nil)
	if err != nil || len(m.Of) != 3 || m.Of["d/IMG_1"] != "d/img_1" || len(m.Missing)+len(m.Surplus) != 0 {
		t.Errorf("%+v, %v", m, err)
	}
	m, err = Match("d", "photo", "mask", files("0001", "0002", "IMG_1", "Img_1"), files("0001", "0002", "img_1"), nil)
	if err != nil || len(m.Of) != 2 || len(m.Missing) != 2 || len(m.Surplus) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}
