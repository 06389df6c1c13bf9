package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"csnet/data"
	"csnet/eval"
	"csnet/internal/wholefile"
)

// The lists of a run's pictures, in its folder, as sha256sum writes and reads them.
const (
	manifestFile = "pictures.sha256" // all; its own SHA-256 is the digest in the checkpoints
	trainedFile  = "training.sha256" // of them, those that are trained on
)

// sameManifest reports whether two manifests name the same data: their digests are
// equal. One may be cut down to its digest.
func sameManifest(a, b string) bool {
	var x, y data.Manifest
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return x.Digest == y.Digest
}

// manifestText is the manifest as a checkpoint holds it: the digest alone, so that
// the names of all pictures do not go out with a net. The list is in the run's
// folder.
func manifestText(m data.Manifest) (string, error) {
	raw, err := json.Marshal(struct {
		Digest string `json:"digest"`
		Count  int    `json:"count"` // of files
	}{m.Digest, len(m.Files)})
	return string(raw), err
}

// addManifests adds the lists of a run's pictures to what is written into its folder.
func (m *material) addManifests(b *wholefile.Batch, dir string) error {
	if err := b.Add(filepath.Join(dir, manifestFile), []byte(m.manifest.Lines())); err != nil {
		return err
	}
	return b.Add(filepath.Join(dir, trainedFile), []byte(m.manifest.Part(m.base, m.pairs).Lines()))
}

// trainedOn gives the hashes of the files that a run trained on; nil where its
// folder holds no list.
func trainedOn(checkpoint string) map[string]bool {
	f, err := os.Open(filepath.Join(filepath.Dir(filepath.Dir(checkpoint)), trainedFile))
	if err != nil {
		return nil
	}
	defer f.Close()
	sums := make(map[string]bool)
	for s := bufio.NewScanner(f); s.Scan(); {
		if sum, _, ok := strings.Cut(s.Text(), "  "); ok {
			sums[sum] = true
		}
	}
	return sums
}

// trainedNotes says of every checkpoint and set how many photos were trained on.
func (o evalOptions) trainedNotes(sets []eval.Set) []string {
	var out []string
	for _, arg := range o.Checkpoints {
		name, path := eval.SplitNamed(arg)
		sums := trainedOn(path)
		if len(sums) == 0 {
			continue
		}
		if name == "" {
			name = eval.CheckpointName(path)
		}
		for _, s := range sets {
			set, err := data.FindIn(s.Dir, o.read.folders())
			if err != nil {
				continue // eval.Run tells
			}
			if line := trainedNote(name, s.Name, set.Pairs, sums); line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

// trainedNote says how many photos of a set a net was trained on, "" for none.
func trainedNote(method, set string, pairs []data.Pair, sums map[string]bool) string {
	n := 0
	for _, p := range pairs {
		if p.Image == "" {
			continue
		}
		if sum, err := data.FileSum(p.Image); err == nil && sums[sum] {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s on %s: %d of %d pictures were trained on: no score of what is new to it", method, set, n, len(pairs))
}
