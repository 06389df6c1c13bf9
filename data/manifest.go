package data

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"strings"

	"csnet/internal/parallel"
)

// Manifest says on which bytes something was made. It holds no path outside the
// data folder, no host and no time: equal data give equal manifests.
type Manifest struct {
	// Digest is the SHA-256 of all lines "<sha256>  <name>\n" in the order of
	// Files, which is what `sha256sum FILES | sha256sum` prints in that order.
	Digest string         `json:"digest"`
	Files  []ManifestFile `json:"files"` // by name
}

// ManifestFile is one file of a Manifest.
type ManifestFile struct {
	Name   string `json:"name"`   // relative to the data folder, with slashes
	SHA256 string `json:"sha256"` // of its bytes, hexadecimal
}

// MakeManifest hashes the photos and masks of pairs. Names are relative to base,
// the folder in which photo and mask folder stand (Set.Base), so that it makes no
// difference where the set lies. Files whose hash a pair holds (Pair.Files) are not
// read again. progress may be nil. Errors: a file that cannot
// be read; a cancelled ctx.
func MakeManifest(ctx context.Context, base string, pairs []Pair, progress func(done, total int)) (Manifest, error) {
	paths, sums := make([]string, 0, 2*len(pairs)), make([]Sum, 0, 2*len(pairs))
	for _, p := range pairs {
		paths, sums = append(paths, p.Image, p.Mask), append(sums, p.Files[0], p.Files[1])
	}
	m := Manifest{Files: make([]ManifestFile, len(paths))}
	hashes := make([]fileHash, parallel.Workers(len(paths)))
	err := parallel.Each(ctx, len(hashes), len(paths), progress, func(w, i int) error {
		var err error
		if sums[i] == (Sum{}) {
			sums[i], err = hashes[w].sum(paths[i])
		}
		m.Files[i] = ManifestFile{relative(base, paths[i]), hex.EncodeToString(sums[i][:])}
		return err
	})
	if err != nil {
		return Manifest{}, err
	}
	slices.SortFunc(m.Files, func(a, b ManifestFile) int { return cmp.Compare(a.Name, b.Name) })
	m.Digest = m.digest()
	return m, nil
}

// digest makes Digest of Files.
func (m Manifest) digest() string {
	sum := sha256.Sum256([]byte(m.Lines()))
	return hex.EncodeToString(sum[:])
}

// Lines is the files as sha256sum lists them, a line each; their SHA-256 is Digest.
func (m Manifest) Lines() string {
	var b strings.Builder
	for _, f := range m.Files {
		fmt.Fprintf(&b, "%s  %s\n", f.SHA256, f.Name)
	}
	return b.String()
}

// FileSum is the SHA-256 of a file, as a Manifest has it.
func FileSum(path string) (string, error) {
	sum, err := fileSum(path)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sum[:]), nil
}

func fileSum(path string) (sum Sum, err error) { return new(fileHash).sum(path) }

// fileHash hashes one file after the other in the same memory.
type fileHash struct {
	hash hash.Hash
	buf  []byte
}

// sum is the SHA-256 of a file.
func (h *fileHash) sum(path string) (sum Sum, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, fmt.Errorf("data: %w", err)
	}
	defer f.Close()
	if h.hash == nil {
		h.hash, h.buf = sha256.New(), make([]byte, 64<<10)
	}
	h.hash.Reset()
	for {
		n, err := f.Read(h.buf)
		h.hash.Write(h.buf[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			return sum, fmt.Errorf("data: %s: %w", path, pathless(err))
		}
	}
	h.hash.Sum(sum[:0])
	return sum, nil
}
