package eval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"csnet/data"
)

// digest is that of the task's set, from known, where each set's is kept.
func (t *task) digest(ctx context.Context, known map[string]string) (string, error) {
	name := t.files.set.Name
	if d, ok := known[name]; ok {
		return d, nil
	}
	d, err := dataDigest(ctx, t.files)
	known[name] = d
	return d, err
}

// dataDigest is the manifest's digest of the photos and masks, or, where a set
// is masks alone, the same made of the masks.
func dataDigest(ctx context.Context, f *files) (string, error) {
	if len(f.pairs) > 0 {
		pairs := make([]data.Pair, 0, len(f.pairs))
		for _, m := range f.masks {
			if p, ok := f.pairs[m.Path]; ok {
				pairs = append(pairs, p)
			}
		}
		m, err := data.MakeManifest(ctx, f.base, pairs, nil)
		return m.Digest, err
	}
	h := sha256.New()
	for _, m := range f.masks {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		sum, err := fileDigest(m.Path)
		if err != nil {
			return "", err
		}
		name, err := filepath.Rel(f.base, m.Path)
		if err != nil {
			name = filepath.Base(m.Path)
		}
		_, _ = fmt.Fprintf(h, "%s  %s\n", sum, filepath.ToSlash(name)) // a hash takes every write
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
