package data

import (
	"crypto/sha256"
	"errors"
	"os"
)

// recall tells what is known of the files of a pair, after it has hashed them.
func (c *inspector) recall(h *fileHash, p Pair, f *finding) (photo, mask bool) {
	k := c.o.Known
	if k == nil || len(k.Photos)+len(k.Masks) == 0 {
		return false, false
	}
	if sum, err := sumOf(h, p.Image); err == nil {
		var was knownPhoto
		if was, photo = k.Photos[sum]; photo {
			f.files[0], f.sum, f.wide = sum, was.Pixels, was.Wide
			f.s = stored{nil, was.W, was.H, was.Orientation, was.Kind}
		}
	}
	if sum, err := sumOf(h, p.Mask); err == nil {
		var was knownMask
		if was, mask = k.Masks[sum]; mask {
			f.files[1], f.look, f.was, f.wasShare = sum, was.look(), was.Read, was.ReadForeground
		}
	}
	return photo, mask
}

// sumOf is the hash of a regular file; a file of another sort is an error.
func sumOf(h *fileHash, path string) (sum Sum, err error) {
	if path == "" {
		return sum, errors.New("no file")
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return sum, errors.New("no regular file")
	}
	return h.sum(path)
}

// fileSum is the hash of the file that a reader has just decoded; zero where nobody
// is to know it.
func (c *inspector) fileSum(r *reader) Sum {
	if c.o.Known == nil {
		return Sum{}
	}
	return sha256.Sum256(r.file.Bytes())
}

// Changed says whether the last inspection has changed what is known.
func (k *Known) Changed() bool { return k.changed }

// remember replaces what is known by what was found.
func (c *inspector) remember(coding Coding) {
	k := c.o.Known
	if k == nil {
		return
	}
	if c.allKnown(coding) {
		k.changed = false
		return
	}
	fresh := Known{Photos: make(map[Sum]knownPhoto, len(c.found)), Masks: make(map[Sum]knownMask, len(c.found))}
	decoded := false
	for i := range c.found {
		f := &c.found[i]
		if f.photo && f.files[0] != (Sum{}) {
			_, was := k.Photos[f.files[0]]
			decoded = decoded || !was
			fresh.Photos[f.files[0]] = knownPhoto{f.s.w, f.s.h, f.s.orientation, f.wide, f.s.kind, f.sum}
		}
		if f.mask && f.files[1] != (Sum{}) && f.look.wide == 0 {
			m := f.look.known()
			if !coding.Plain() {
				m.Read, m.ReadForeground = coding, f.share
			}
			was, ok := k.Masks[f.files[1]]
			decoded = decoded || !ok || was.Read != m.Read
			fresh.Masks[f.files[1]] = m
		}
	}
	fresh.changed = decoded || len(fresh.Photos) != len(k.Photos) || len(fresh.Masks) != len(k.Masks)
	*k = fresh
}

// allKnown says whether what is known is what was found, no less and no more.
func (c *inspector) allKnown(coding Coding) bool {
	photos, masks := make(map[Sum]struct{}, len(c.found)), make(map[Sum]struct{}, len(c.found))
	for i := range c.found {
		f := &c.found[i]
		if f.photo && f.files[0] != (Sum{}) {
			photos[f.files[0]] = struct{}{}
		}
		if f.mask && f.files[1] != (Sum{}) && f.look.wide == 0 {
			masks[f.files[1]] = struct{}{}
			if was := c.o.Known.Masks[f.files[1]]; coding.Plain() && was.Read != (Coding{}) || !coding.Plain() && (was.Read != coding || was.ReadForeground != f.share) {
				return false
			}
		}
	}
	return sameKeys(photos, c.o.Known.Photos) && sameKeys(masks, c.o.Known.Masks)
}

func sameKeys[V any](a map[Sum]struct{}, b map[Sum]V) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range a {
		if _, ok := b[k]; !ok {
			return false
		}
	}
	return true
}
