package eval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"csnet/data"
)

// describe adds what only a written report needs: the digest of the data and
// the sample pictures.
func describe(ctx context.Context, o *Options, t *task, w *worker, s *SetReport, digests map[string]string) error {
	var err error
	if _, ok := digests[s.Name]; !ok {
		if digests[s.Name], err = dataDigest(ctx, t.files); err != nil {
			return err
		}
	}
	s.Data = digests[s.Name]
	s.Samples, err = samples(ctx, o, t, w, s.PerImage)
	return err
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
