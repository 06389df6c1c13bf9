package jpeg

import (
	"bytes"
	"errors"
	"image/jpeg"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// agree fails where a file decodes at full size and image/jpeg gives other pixels.
func agree(t *testing.T, name string, file []byte) {
	t.Helper()
	for _, scale := range []int{2, 4, 8} {
		_, _ = Decode(file, scale)
	}
	got, err := Decode(file, 1)
	if err != nil {
		return
	}
	if want, err := jpeg.Decode(bytes.NewReader(file)); err == nil {
		if d := same(got, want); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// TestBrokenFiles: what is decoded of files with wrong bits is what image/jpeg
// makes of them.
func TestBrokenFiles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, file := range files(t) {
		if strings.Contains(name, "separate") { // image/jpeg miscounts their units
			continue
		}
		for range 100 {
			bad := bytes.Clone(file)
			for range 1 + r.IntN(3) {
				bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
			}
			agree(t, name, bad)
		}
	}
}

// TestCutAnywhere: a file that ends before its pixels do is an error at any scale;
// one without its end mark alone is not.
func TestCutAnywhere(t *testing.T) {
	for name, file := range files(t) {
		for n := 0; n < len(file)-4; n += 5 {
			for _, scale := range []int{1, 8} {
				if _, err := Decode(file[:n], scale); err == nil {
					t.Errorf("%s cut to %d of %d bytes at 1/%d was taken", name, n, len(file), scale)
				}
			}
		}
		if _, err := Decode(file[:len(file)-2], 1); err != nil {
			t.Errorf("%s without its end mark: %v", name, err)
		}
	}
}

// TestRefused: files that would be read as nonsense, or take hours.
func TestRefused(t *testing.T) {
	without := func(file []byte, marker byte) []byte {
		var out []byte
		for at := 2; ; {
			at2 := bytes.Index(file[at:], []byte{0xff, marker})
			if at2 < 0 {
				return append(append(out, file[:2]...), file[at:]...)
			}
			at += at2
			n := int(file[at+2])<<8 + int(file[at+3])
			file = append(bytes.Clone(file[:at]), file[at+2+n:]...)
			at = 2
		}
	}
	file := drawn(t, 32, 32, 90, false)
	scan := bytes.Index(file, []byte{0xff, markSOS})
	progressive := files(t)["progressive_grey.jpg"]
	first := bytes.Index(progressive, []byte{0xff, markSOS})
	second := first + 2 + bytes.Index(progressive[first+2:], []byte{0xff, markDHT})
	many := append(bytes.Clone(progressive[:first]), bytes.Repeat(progressive[first:second], 300)...)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"no quantisation table": {without(file, markDQT), "quantisation table"},
		"no Huffman table":      {without(file, markDHT), "Huffman table"},
		"many scans":            {many, "scans"},
		"a scan twice":          {append(bytes.Clone(file[:len(file)-2]), file[scan:]...), "twice"},
	} {
		var r Refused
		if _, err := Decode(c.file, 1); !errors.As(err, &r) || !strings.Contains(string(r), c.want) {
			t.Errorf("%s: %v, want a refusal with %q", name, err, c.want)
		}
	}
	for _, scale := range []int{-1, 0, 3, 16} {
		if _, err := Decode(file, scale); err == nil {
			t.Errorf("scale %d was taken", scale)
		}
	}
}

// TestMemory: at an eighth a file takes an eighth of the memory, and what a file
// claims is not allocated before there are data.
func TestMemory(t *testing.T) {
	file := drawn(t, 1600, 1200, 90, false)
	taken := func(scale int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Decode(file, scale); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if whole, eighth := taken(1), taken(8); eighth > whole/8+2*uint64(len(file)) {
		t.Errorf("%d bytes at full size, %d at an eighth, the file has %d", whole, eighth, len(file))
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range files(f) {
		f.Add(file)
	}
	f.Add(drawn(f, 17, 15, 90, false))
	f.Fuzz(func(t *testing.T, file []byte) {
		if c, err := jpeg.DecodeConfig(bytes.NewReader(file)); err != nil || c.Width*c.Height > 1<<16 {
			return
		}
		agree(t, "fuzz", file)
	})
}
