package eval

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"csnet/data"
)

func named(stems ...string) []data.File {
	out := make([]data.File, len(stems))
	for i, s := range stems {
		out[i] = data.File{Stem: s, Path: s + ".png"}
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
		{"a b c d", "x_a x_b d", "a=x_a b=x_b", "c d", "d"},
	} {
		m, err := match("D", named(strings.Fields(c.masks)...), named(strings.Fields(c.maps)...))
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		var got []string
		for _, s := range strings.Fields(c.masks) {
			if f, ok := m.maps[s]; ok {
				got = append(got, s+"="+strings.TrimSuffix(f, ".png"))
			}
		}
		surplus := strings.ReplaceAll(strings.Join(m.surplus, " "), ".png", "")
		if strings.Join(got, " ") != c.want || strings.Join(m.missing, " ") != c.missing || surplus != c.surplus {
			t.Errorf("%+v: got %v, missing %v, surplus %v", c, got, m.missing, m.surplus)
		}
	}
}

func TestMatchAmbiguous(t *testing.T) {
	_, err := match("D", named("0001", "0002"), named("0001_a", "0002_a", "0001_b", "0002_b"))
	if err == nil || !strings.Contains(err.Error(), "MASK_a") || !strings.Contains(err.Error(), "MASK_b") {
		t.Errorf("%v", err)
	}
	if _, err := match("D", named("0001"), named("zzz")); err == nil {
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
		var masks, maps []data.File
		for i := range n {
			s := fmt.Sprintf("%04d", 7*i+1)
			masks = append(masks, named(s)...)
			maps = append(maps, named(prefix+s+suffix)...)
		}
		m, err := match("D", masks, maps)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range masks {
			if m.maps[k.Stem] != prefix+k.Stem+suffix+".png" {
				t.Fatalf("mask %s got map %q of %q MASK %q", k.Stem, m.maps[k.Stem], prefix, suffix)
			}
		}
	})
}
