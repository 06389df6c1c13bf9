package data

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func files(stems ...string) []File {
	out := make([]File, len(stems))
	for i, s := range stems {
		out[i] = File{Stem: s, Path: s + ".png"}
	}
	return out
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		masks, maps      string
		want             string // mask=map, space separated
		missing, surplus string
	}{
		{"a b c", "a b c", "a=a b=b c=c", "", ""},
		{"1 2 12", "1 2 12", "1=1 2=2 12=12", "", ""},
		{"1 2 12", "s1 s2 s12", "1=s1 2=s2 12=s12", "", ""},
		{"0001 0002", "0001_sal 0002_sal", "0001=0001_sal 0002=0002_sal", "", ""},
		{"0001 0002", "csnet_0001 csnet_0002", "0001=csnet_0001 0002=csnet_0002", "", ""},
		{"0001 0002", "m_0001_x m_0002_x m_0003_x", "0001=m_0001_x 0002=m_0002_x", "", "m_0003_x"},
		{"0001_gt 0002_gt", "0001 0002", "0001_gt=0001 0002_gt=0002", "", ""},
		{"a b c", "a b x_c", "a=a b=b", "c", "x_c"},
		// Equal names win although more files have an affix: one missing map must not
		// change which maps are scored.
		{"1 2 3 4 5", "1 2 4 5 1_edge 2_edge 3_edge 4_edge 5_edge", "1=1 2=2 4=4 5=5", "3", "1_edge 2_edge 3_edge 4_edge 5_edge"},
		{"IMG_1 IMG_2", "img_1 img_2", "IMG_1=img_1 IMG_2=img_2", "", ""},
		{"IMG_1 IMG_2", "img_1_Mask img_2_Mask", "IMG_1=img_1_Mask IMG_2=img_2_Mask", "", ""},
		{"0001 0002", "0001.jpg 0002.jpg", "0001=0001.jpg 0002=0002.jpg", "", ""},
	} {
		m, err := Match("D", "mask", "map", files(strings.Fields(c.masks)...), files(strings.Fields(c.maps)...), nil)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		var got []string
		for _, s := range strings.Fields(c.masks) {
			if f, ok := m.Of[s+".png"]; ok {
				got = append(got, s+"="+strings.TrimSuffix(f, ".png"))
			}
		}
		if strings.Join(got, " ") != c.want || stemList(m.Missing) != c.missing || stemList(m.Surplus) != c.surplus {
			t.Errorf("%+v: got %v, missing %v, surplus %v", c, got, m.Missing, m.Surplus)
		}
	}
}

func stemList(files []File) string {
	var out []string
	for _, f := range files {
		out = append(out, f.Stem)
	}
	return strings.Join(out, " ")
}

// TestMatchGiven takes the affix that was given, whatever others fit.
func TestMatchGiven(t *testing.T) {
	a, err := ParseAffix("*_b")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Match("D", "mask", "map", files("1", "2"), files("1", "2", "1_a", "2_a", "1_b", "2_b"), &a)
	if err != nil || m.Of["1.png"] != "1_b.png" || m.Of["2.png"] != "2_b.png" {
		t.Errorf("%v, %v", m.Of, err)
	}
	if _, err := Match("D", "mask", "map", files("1", "2"), files("1", "2"), &a); err == nil || !strings.Contains(err.Error(), "MASK_b") {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "x", "a*b*c"} {
		if _, err := ParseAffix(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestMatchAmbiguous(t *testing.T) {
	// Some are equal, more have an affix: neither is taken without being asked for.
	_, err := Match("D", "mask", "map", files("a", "b", "c", "d"), files("x_a", "x_b", "x_c", "d"), nil)
	if err == nil || !strings.Contains(err.Error(), "x_MASK") || !strings.Contains(err.Error(), "--map-names '*'") {
		t.Errorf("%v", err)
	}
	// Numbers within numbers are other numbers.
	if m, err := Match("D", "photo", "mask", files("1", "2", "3"), files("11", "12", "13"), nil); err == nil {
		t.Errorf("unlike numbers were paired: %v", m.Of)
	}
	_, err = Match("D", "mask", "map", files("0001", "0002"), files("0001_a", "0002_a", "0001_b", "0002_b"), nil)
	if err == nil || !strings.Contains(err.Error(), "MASK_a") || !strings.Contains(err.Error(), "MASK_b") {
		t.Errorf("%v", err)
	}
	if _, err := Match("D", "mask", "map", files("0001"), files("zzz"), nil); err == nil {
		t.Error("names that do not fit were taken")
	}
}

// TestMatchFindsAnyAffix: whatever the names, one affix around all of them is
// found, or plain names where there is none.
func TestMatchFindsAnyAffix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 30).Draw(t, "n")
		prefix := rapid.StringMatching(`[a-z0-9_]{0,4}`).Draw(t, "prefix")
		suffix := rapid.StringMatching(`[a-z0-9_]{0,4}`).Draw(t, "suffix")
		if strings.Trim(prefix+suffix, "0123456789") == "" {
			prefix, suffix = "", "" // a number before a number makes another number
		}
		var masks, maps []File
		for i := range n {
			s := fmt.Sprintf("%04d", 7*i+1)
			masks = append(masks, files(s)...)
			maps = append(maps, files(prefix+s+suffix)...)
		}
		m, err := Match("D", "mask", "map", masks, maps, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range masks {
			if m.Of[k.Path] != prefix+k.Stem+suffix+".png" {
				t.Fatalf("mask %s got map %q of %q MASK %q", k.Stem, m.Of[k.Path], prefix, suffix)
			}
		}
	})
}
