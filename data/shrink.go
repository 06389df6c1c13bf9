package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"csnet/internal/imagefile"
	"csnet/internal/parallel"
	"csnet/internal/wholefile"
)

// shrunkQuality is the JPEG quality of reduced photos.
const shrunkQuality = 95

// ParseCache reads the key data.cache: off, auto or the longer side in pixels to
// which large photos are reduced. auto is twice the net's input, at least 512; off
// is 0.
func ParseCache(s string, size int) (int, error) {
	switch s {
	case "off":
		return 0, nil
	case "auto":
		return max(512, 2*size), nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 16 || n > 1<<14 {
		return 0, fmt.Errorf("data: cache is %q, must be auto, off or 16 to %d", s, 1<<14)
	}
	return n, nil
}

// large says whether a photo is so much larger than side that it is worth a reduced
// copy.
func (p Pair) large(side int) bool { return side > 0 && p.Side > 2*side }

// KeepReduced gives the pairs with every large one, whose photo has a longer side of
// more than twice side, replaced by a reduced copy of photo and mask in dir, which it
// makes unless it is there: the photo by area to a longer side of side pixels, the
// mask, read as it is to be read, likewise. What is made depends on the files and
// side alone. n is how many there are. Errors: a file that cannot be read or written;
// a cancelled ctx.
func KeepReduced(ctx context.Context, dir string, pairs []Pair, side int, progress func(done, total int)) (out []Pair, n int, err error) {
	out = append(out, pairs...)
	var large []int
	for i, p := range pairs {
		if p.large(side) {
			large = append(large, i)
		}
	}
	if len(large) == 0 {
		return out, 0, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, 0, fmt.Errorf("data: %w", err)
	}
	readers, room := make([]reader, parallel.Workers(len(large))), newRoom()
	err = parallel.Each(ctx, len(readers), len(large), progress, func(worker, k int) error {
		p := &out[large[k]]
		name, err := reducedName(*p, side)
		if err != nil {
			return err
		}
		photo, mask := filepath.Join(dir, name+".jpg"), filepath.Join(dir, name+".png")
		if !there(photo) || !there(mask) {
			if err := readers[worker].shrink(room, *p, side, photo, mask); err != nil {
				return err
			}
		}
		p.Image, p.Mask, p.Read, p.Files = photo, mask, Reading{}, [2]Sum{}
		return nil
	})
	return out, len(large), err
}

// reducedName is a name that depends on all that a reduced pair depends on.
func reducedName(p Pair, side int) (string, error) {
	photo, err := FileSum(p.Image)
	if err != nil {
		return "", err
	}
	mask, err := FileSum(p.Mask)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %+v %d", photo, mask, p.Read, side))
	return hex.EncodeToString(sum[:16]), nil
}

func there(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// shrink writes a pair with its longer side reduced to side: the photo as JPEG, the
// mask as 8-bit grey PNG.
func (r *reader) shrink(room *imagefile.Room, p Pair, side int, photoTo, maskTo string) error {
	defer r.hold(room, 4, p.Image, p.Mask)()
	photo, mask, _, err := r.readPair(p)
	if err != nil {
		return err
	}
	rgba := image.NewNRGBA(image.Rect(0, 0, photo.W, photo.H))
	for i := range photo.W * photo.H {
		copy(rgba.Pix[4*i:], photo.Pix[3*i:3*i+3])
		rgba.Pix[4*i+3] = 255
	}
	pix, w, h := imagefile.Reduce(rgba, side)
	small := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(small.Pix[4*i:], pix[3*i:3*i+3])
		small.Pix[4*i+3] = 255
	}
	levels, _, _ := imagefile.Reduce(&image.Gray{Pix: mask.Pix, Stride: mask.W, Rect: image.Rect(0, 0, mask.W, mask.H)}, side)
	grey := image.NewGray(small.Rect)
	for i := range grey.Pix {
		grey.Pix[i] = levels[3*i]
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: shrunkQuality}); err != nil {
		return fmt.Errorf("data: %s: %w", photoTo, err)
	}
	if err := wholefile.Bytes(photoTo, b.Bytes()); err != nil {
		return fmt.Errorf("data: %s: %w", photoTo, err)
	}
	b.Reset()
	if err := png.Encode(&b, grey); err != nil {
		return fmt.Errorf("data: %s: %w", maskTo, err)
	}
	if err := wholefile.Bytes(maskTo, b.Bytes()); err != nil {
		return fmt.Errorf("data: %s: %w", maskTo, err)
	}
	return nil
}

// Shrink writes a set of reduced copies: out/images/STEM.jpg and out/masks/STEM.png,
// with a longer side of at most side pixels, masks in plain grey however they were
// coded. out appears whole or not at all. progress may be nil. Errors: out exists; a
// stem used twice; a file that cannot be read or written; a cancelled ctx.
func Shrink(ctx context.Context, out string, pairs []Pair, side int, progress func(done, total int)) (err error) {
	if side < 16 || side > 1<<14 {
		return fmt.Errorf("data: side is %d, must be 16 to %d", side, 1<<14)
	}
	if _, err := os.Lstat(out); err == nil {
		return fmt.Errorf("data: %s: exists, a new folder is wanted", out)
	}
	own := wholefile.FolderOptions{Own: func(string) bool { return true }, Synced: true}
	err = wholefile.Folder(out, own, func(dir string) error {
		for _, sub := range []string{"images", "masks"} {
			if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
				return err
			}
		}
		readers, room := make([]reader, parallel.Workers(len(pairs))), newRoom()
		return parallel.Each(ctx, len(readers), len(pairs), progress, func(worker, i int) error {
			p := pairs[i]
			return readers[worker].shrink(room, p, side, filepath.Join(dir, "images", p.Stem+".jpg"), filepath.Join(dir, "masks", p.Stem+".png"))
		})
	})
	if err != nil && !strings.HasPrefix(err.Error(), "data: ") && !errors.Is(err, context.Canceled) {
		err = fmt.Errorf("data: %s: %w", out, err)
	}
	return err
}
