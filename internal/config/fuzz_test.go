package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// No text and no setting makes Load panic; an error names its place; what is
// accepted is written and read back as it was.
func FuzzLoad(f *testing.F) {
	shipped, _ := filepath.Glob("../../configs/*.yaml")
	for _, p := range shipped {
		text, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "net.width=2")
	}
	for _, s := range []string{
		"", "a", "[", "{", "- - -", "net: &a [*a, *a]", "net: {<<: *x}", "net: !!map {}", "? ? ?", "net:\n\t- 1", "%YAML 9", "---\n...\n---",
		"net: |\n x\nout: >-\n y\n", "net: {width: 1e9999}", "net: {split: [1, [2, [3]]]}", "\xef\xbb\xbf\r\n\r", "'", "\"\\u", "\"\\xZZ\"", "net: {blocks: [1000, 1000], multipliers: [1, 65536, 1]}",
		"net: \"\\", "- ", ": ", "a: 'b", "{a", "[a: b]", "a:\n  - b\n c: d", "*", "&", "!", "|", ">", "@", "`", "<<", "net: {? a}",
		strings.Repeat("net: {", 40), strings.Repeat("a:\n ", 300), strings.Repeat("'\n", 300),
	} {
		f.Add([]byte(s), s)
		f.Add([]byte("net:\n  "+s), "net.split="+s)
		f.Add([]byte("out: "+s), "out="+s)
	}
	f.Fuzz(func(t *testing.T, text []byte, set string) {
		for _, sets := range [][]string{nil, {set}} {
			c, err := LoadBytes("a.yaml", text, sets)
			var e *Error
			if err != nil {
				if !errors.As(err, &e) || len(e.Problems) == 0 || !strings.HasPrefix(err.Error(), "a.yaml") && !strings.HasPrefix(err.Error(), "--set ") {
					t.Fatalf("%q: %v", text, err)
				}
				continue
			}
			want := *c
			want.Data.Dir, want.Out = strings.ToValidUTF8(c.Data.Dir, "\uFFFD"), strings.ToValidUTF8(c.Out, "\uFFFD")
			want.NetGiven = true
			again, err := LoadBytes("a.yaml", c.YAML(), nil)
			if err != nil || !reflect.DeepEqual(&want, again) {
				t.Fatalf("%q: %v\n%+v\n%+v", text, err, want, again)
			}
		}
	})
}
