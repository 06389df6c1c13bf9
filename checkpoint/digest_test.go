package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/checkpoint/internal/safetensors"
)

// Every flipped bit and every zeroed block of a checkpoint or an export is found:
// in the tensors by the digest, in the header by it or by what was read there.
func TestDamageIsFound(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		save func(string, *Checkpoint) error
		load func(string) (*Checkpoint, error)
	}{{"checkpoint", Save, Load}, {"export", Export, Import}} {
		path := filepath.Join(dir, c.name)
		if err := c.save(path, tiny(t)); err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		begin := 8 + int(binary.LittleEndian.Uint64(whole)) // of the tensors
		damaged := func(what string, at int, change func([]byte)) {
			raw := bytes.Clone(whole)
			change(raw[at:])
			if bytes.Equal(raw, whole) {
				return
			}
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := c.load(path)
			if err == nil || at >= begin && !strings.Contains(err.Error(), "is damaged") {
				t.Errorf("%s: %s at %d of %d (tensors from %d): got %v", c.name, what, at, len(whole), begin, err)
			}
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			damaged("bit", begin+rng.IntN(len(whole)-begin), func(b []byte) { b[0] ^= 1 << rng.IntN(8) })
			damaged("block", begin+rng.IntN(len(whole)-begin), func(b []byte) { clear(b[:min(512, len(b))]) })
		}
		for at := 8; at < begin; at += 1 + begin/300 {
			for _, bit := range []byte{1, 32} { // another letter or digit; another case
				if raw := whole[at] ^ bit; raw == ' ' || whole[at] == ' ' {
					continue // between the values of the header
				}
				damaged("header bit", at, func(b []byte) { b[0] ^= bit })
			}
		}
	}
}

// A file of an older csnet, without a digest, loads; a key that another program
// added to the metadata is no damage, a step that it changed is.
func TestDigestCovers(t *testing.T) {
	meta, ts, err := encode(tiny(t))
	if err != nil {
		t.Fatal(err)
	}
	write := func(change func()) error {
		change()
		var b bytes.Buffer
		if err := safetensors.Write(&b, meta, ts); err != nil {
			t.Fatal(err)
		}
		c, err := decode(b.Bytes())
		if err == nil && (c.Digest != "") != (meta[digestKey] != "") {
			t.Errorf("digest read is %q, the file's %q", c.Digest, meta[digestKey])
		}
		return err
	}
	if err := write(func() {}); err != nil {
		t.Errorf("without a digest: %v", err)
	}
	if err := write(func() { meta = seal(meta, ts); meta["author"] = "x" }); err != nil {
		t.Errorf("with another key: %v", err)
	}
	if err := write(func() { meta["step"] = "42" }); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("another step: %v", err)
	}
	delete(meta, digestKey)
	for _, text := range []string{`{`, `{"builds":1}`, `{"stale":-1}`, `{"loss_sum":"x"}`} {
		if err := write(func() { meta[runKey] = text }); err == nil || !strings.Contains(err.Error(), "run") {
			t.Errorf("run %s: %v", text, err)
		}
	}
}

// Names and shapes go into the digest as fmt writes them.
func TestDescribe(t *testing.T) {
	for _, name := range []string{"", "a b", "stage0.0.dw1.norm1.gamma", strings.Repeat("ä", 200)} {
		for _, shape := range [][]int{nil, {}, {0}, {3, 1, 3, 3}, {-1, 1 << 40}} {
			got, want := sha256.New(), sha256.New()
			describe(got, name, shape)
			fmt.Fprintf(want, "%d %s %v\n", len(name), name, shape)
			if !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
				t.Errorf("%.20q %v is described otherwise", name, shape)
			}
		}
	}
}
