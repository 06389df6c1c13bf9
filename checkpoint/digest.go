package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"

	"csnet/checkpoint/internal/safetensors"
)

// The digest stands in __metadata__ and covers all that csnet reads of a file:
// its own metadata, and every tensor with name, shape and values. It finds damage,
// not malice: whoever can change a file can write a digest that fits.
const (
	digestKey    = "digest"
	digestPrefix = "sha256:"
)

// digested are the keys of __metadata__ that the digest covers, in its order.
// Others, which other programs may add, change nothing.
func digested() []string {
	return []string{"format", "spec", "config", "step", "manifest", runKey}
}

// seal adds the digest to the metadata of a file that is to be written.
func seal(meta map[string]string, ts []safetensors.Tensor) map[string]string {
	h := newDigest(meta)
	scratch := make([]byte, safetensors.Scratch)
	for _, t := range ts {
		describe(h, t.Name, t.Shape)
		t.WriteValues(h, scratch)
	}
	meta[digestKey] = digestPrefix + hex.EncodeToString(h.Sum(nil))
	return meta
}

// verify compares a file with its digest. A file without one, of an older csnet,
// cannot be verified and is no error.
func verify(f *safetensors.File) error {
	want, ok := f.Meta[digestKey]
	if !ok {
		return nil
	}
	h := newDigest(f.Meta)
	for _, e := range f.Entries {
		describe(h, e.Name, e.Shape)
		_, _ = h.Write(e.Raw())
	}
	if got := digestPrefix + hex.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("is damaged, or was changed by another program: its content has the digest %.19s, the one stored in it is %.19s", got, want)
	}
	return nil
}

func newDigest(meta map[string]string) hash.Hash {
	h := sha256.New()
	for _, k := range digested() {
		if v, ok := meta[k]; ok {
			fmt.Fprintf(h, "%s %d\n%s\n", k, len(v), v)
		}
	}
	return h
}

// describe adds "<length of name> <name> [<sides>]\n".
func describe(h hash.Hash, name string, shape []int) {
	var room [256]byte
	b := strconv.AppendInt(room[:0], int64(len(name)), 10)
	b = append(append(b, ' '), name...)
	b = append(b, ' ', '[')
	for i, d := range shape {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(d), 10)
	}
	_, _ = h.Write(append(b, ']', '\n'))
}
