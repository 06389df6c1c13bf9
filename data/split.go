package data

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csnet/internal/wholefile"
)

func noPairs(dir string) error { return fmt.Errorf("data: %s: no pairs of photo and mask", dir) }

// SplitValidation sets a share of the pairs aside for validation. A pair goes
// there when the hash of its stem, read as a fraction, is below share: neither the
// order nor what other pairs there are matters, so a set may grow without one
// pair changing sides, but for copies: pairs whose photos have the same pixels
// (Pair.Sum) go where the first of them by stem goes. With a share above 0 and two
// different pairs or more each side has at least one. share is 0..1; both results
// are sorted by stem.
func SplitValidation(pairs []Pair, share float64) (train, val []Pair) {
	pairs = slices.Clone(pairs)
	slices.SortFunc(pairs, func(a, b Pair) int { return strings.Compare(a.Stem, b.Stem) })
	if !(share > 0) {
		return pairs, nil
	}
	// Of each group of copies the stem that decides, and the groups whose hashes are
	// the lowest and the highest.
	decides := make(map[Sum]string)
	by := func(p Pair) string {
		if p.Sum == (Sum{}) {
			return p.Stem
		}
		if _, ok := decides[p.Sum]; !ok {
			decides[p.Sum] = p.Stem
		}
		return decides[p.Sum]
	}
	lowest, highest := "", ""
	for _, p := range pairs {
		s := by(p)
		if lowest == "" || fraction(s) < fraction(lowest) {
			lowest = s
		}
		if highest == "" || fraction(s) > fraction(highest) {
			highest = s
		}
	}
	if lowest == highest { // one pair, or copies of one
		return pairs, nil
	}
	for _, p := range pairs {
		s := by(p)
		if s == lowest || s != highest && fraction(s) < share {
			val = append(val, p)
		} else {
			train = append(train, p)
		}
	}
	return train, val
}

// fraction hashes a stem to 0..1, evenly.
func fraction(stem string) float64 {
	sum := sha256.Sum256([]byte(stem))
	return float64(binary.BigEndian.Uint64(sum[:8])) / math.MaxUint64
}

// WriteSplit makes two data sets of one: out/train and out/val, each with images/
// and GT/ (so both can be given to Find), and the stems of each in out/train.txt
// and out/val.txt. Files are copies when copying is set; else hard links to the
// originals where the file system allows it: what is done to those is done to the
// originals. out appears
// whole or not at all. Errors: out exists; a file that cannot be read or written.
func WriteSplit(out string, train, val []Pair, copying bool) error {
	if _, err := os.Lstat(out); err == nil {
		return fmt.Errorf("data: %s: exists, must be a new folder", out)
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("data: %w", err)
	}
	own := wholefile.FolderOptions{Own: func(string) bool { return true }}
	err := wholefile.Folder(out, own, func(dir string) error {
		if err := writePart(filepath.Join(dir, "train"), train, copying); err != nil {
			return err
		}
		return writePart(filepath.Join(dir, "val"), val, copying)
	})
	if err != nil {
		return fmt.Errorf("data: %s: %w", out, err)
	}
	return nil
}

func writePart(dir string, pairs []Pair, copying bool) error {
	for _, sub := range []string{"images", "GT"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o777); err != nil {
			return fmt.Errorf("data: %w", err)
		}
	}
	var stems strings.Builder
	for _, p := range pairs {
		fmt.Fprintln(&stems, p.Stem)
		if err := place(p.Image, filepath.Join(dir, "images", filepath.Base(p.Image)), copying); err != nil {
			return err
		}
		if err := place(p.Mask, filepath.Join(dir, "GT", filepath.Base(p.Mask)), copying); err != nil {
			return err
		}
	}
	if err := os.WriteFile(dir+".txt", []byte(stems.String()), 0o666); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	return nil
}

// place links or copies one file; links are followed first.
func place(from, to string, copying bool) (err error) {
	if from, err = filepath.EvalSymlinks(from); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if !copying && os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	defer in.Close()
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	_, err = io.Copy(f, in)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("data: %s: %w", to, err)
	}
	return nil
}
