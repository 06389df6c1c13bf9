package data

import (
	"bytes"
	"context"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// inspected inspects pairs with what is known of them.
func inspected(t *testing.T, pairs []Pair, k *Known) *Inspection {
	t.Helper()
	in, err := Inspect(context.Background(), pairs, InspectOptions{Known: k})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// kept is what is known after it was written and read again.
func kept(t *testing.T, k *Known) *Known {
	t.Helper()
	path := filepath.Join(t.TempDir(), "set.known")
	if err := k.Save(path, "a program"); err != nil {
		t.Fatal(err)
	}
	return LoadKnown(path, "a program")
}

// TestKnown: a set whose files are known is found to be what it is without one, of
// masks of every sort; the manifest needs no file again.
func TestKnown(t *testing.T) {
	p := func(draw func(i int) image.Image) func(int) []byte {
		return func(i int) []byte { return pngBytes(t, draw(i)) }
	}
	for name, draw := range map[string]func(int) []byte{
		"grey":     p(func(i int) image.Image { return greys(i, 255, 0) }),
		"classes":  p(func(i int) image.Image { return numbered(i, vocPalette(), uint8(i+1), 255) }),
		"cut-outs": p(func(i int) image.Image { return cutOut(i, true) }),
		"16 bits":  p(func(i int) image.Image { return greys16(i, 1023) }),
	} {
		t.Run(name, func(t *testing.T) {
			dir, pairs := maskSet(t, draw)
			want, err := Inspect(context.Background(), pairs, InspectOptions{})
			if err != nil {
				t.Fatal(err)
			}
			k := &Known{}
			first := inspected(t, pairs, k)
			if !k.Changed() {
				t.Error("a first look at files changes nothing")
			}
			k = kept(t, k)
			again := inspected(t, pairs, k)
			if k.Changed() && name != "16 bits" {
				t.Error("a second look at the same files changes what is known")
			}
			hashed, err := MakeManifest(context.Background(), dir, pairs, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range []*Inspection{first, again} {
				if m, err := MakeManifest(context.Background(), dir, in.Pairs, nil); err != nil || m.Digest != hashed.Digest {
					t.Errorf("manifest %v, want %v; %v", m.Digest, hashed.Digest, err)
				}
				for i := range in.Pairs {
					if in.Pairs[i].Files[0] == (Sum{}) || in.Pairs[i].Files[1] == (Sum{}) {
						t.Errorf("pair %d has no hashes", i)
					}
					in.Pairs[i].Files = [2]Sum{}
				}
				if !reflect.DeepEqual(in, want) {
					t.Errorf("got\n%+v, want\n%+v", in, want)
				}
			}
		})
	}
}

// TestKnownChanged: only files whose bytes are known are not decoded again. A file
// that was broken or changed since, or came anew, is found even where its size and
// time are what they were.
func TestKnownChanged(t *testing.T) {
	dir := t.TempDir()
	pairs := drawSet(t, dir, 6)
	var k Known
	inspected(t, pairs, &k)
	for sum, m := range k.Masks { // what is known is taken as it is
		m.W += 1000
		k.Masks[sum] = m
	}
	if in := inspected(t, pairs, kept(t, &k)); in.Bad != len(pairs) {
		t.Errorf("%d pairs have masks of another size, want %d: known masks were decoded", in.Bad, len(pairs))
	}

	k = Known{}
	inspected(t, pairs, &k)
	info, err := os.Stat(pairs[1].Image)
	if err != nil {
		t.Fatal(err)
	}
	photo, err := os.ReadFile(pairs[1].Image)
	if err != nil {
		t.Fatal(err)
	}
	clear(photo[len(photo)/2:]) // of the same size, and below of the same time
	write(t, pairs[1].Image, photo)
	if err := os.Chtimes(pairs[1].Image, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	write(t, pairs[2].Mask, pngBytes(t, image.NewGray(image.Rect(0, 0, 66, 76))))
	if err := os.Remove(pairs[3].Mask); err != nil {
		t.Fatal(err)
	}
	added := Pair{Stem: "new", Image: write(t, filepath.Join(dir, "images", "new.png"), []byte("\x89PNG\r\n\x1a\n")), Mask: pairs[4].Mask}
	in := inspected(t, append(pairs, added), kept(t, &k))
	var found []string
	for _, p := range in.Problems {
		if p.Severity == SeverityError {
			found = append(found, filepath.Base(p.File))
		}
	}
	if want := []string{"p101.jpg", "p103.png", "new.png"}; !reflect.DeepEqual(found, want) {
		t.Errorf("broken: %v, want %v (%+v)", found, want, in.Problems)
	}
	if in.Masks.Empty != 1 || in.Bad != 3 {
		t.Errorf("%d masks are empty, want 1; %d pairs are broken", in.Masks.Empty, in.Bad)
	}
}

// TestLoadKnown: of a file that is damaged, cut short, another program's or not
// there nothing is known.
func TestLoadKnown(t *testing.T) {
	var k Known
	inspected(t, drawSet(t, t.TempDir(), 3), &k)
	path := filepath.Join(t.TempDir(), "set.known")
	if err := k.Save(path, "a program"); err != nil {
		t.Fatal(err)
	}
	if got := LoadKnown(path, "a program"); !reflect.DeepEqual(got.Photos, k.Photos) || !reflect.DeepEqual(got.Masks, k.Masks) || len(got.Photos) != 3 {
		t.Error("what was written is not what is read")
	}
	for _, other := range []string{"", "another program", "a program\n"} {
		if got := LoadKnown(path, other); len(got.Photos)+len(got.Masks) > 0 {
			t.Errorf("%q reads what another program wrote", other)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := map[string][]byte{"empty": nil, "head": raw[:10], "cut short": raw[:len(raw)-1], "longer": append(bytes.Clone(raw), 0)}
	for _, at := range []int{0, len(knownHead) + 15, len(raw) / 2, len(raw) - 1} {
		b := bytes.Clone(raw)
		b[at] ^= 4
		damaged["bit "+strings.Repeat("+", at%7)] = b
	}
	for name, b := range damaged {
		if got := LoadKnown(write(t, path, b), "a program"); len(got.Photos)+len(got.Masks) > 0 {
			t.Errorf("%s: is believed", name)
		}
	}
	if got := LoadKnown(filepath.Join(t.TempDir(), "none"), "a program"); len(got.Photos) > 0 {
		t.Error("a file that is not there is believed")
	}
}
