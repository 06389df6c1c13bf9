package data

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"csnet/internal/shared"
)

// BenchmarkPair times what one training picture costs, part by part, on one
// thread. It needs the reference data.
func BenchmarkPair(b *testing.B) {
	pairs := benchPairs(b, 48)
	b.Run("photo-decode", func(b *testing.B) {
		eachFile(b, pairs, func(p Pair) string { return p.Image }, func(file []byte) {
			if _, err := decode(file, nil); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("photo-rgb", func(b *testing.B) {
		var all []stored
		var buf bytes.Buffer
		for _, p := range pairs {
			s, err := decodeFile(p.Image, &buf, nil)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, s)
		}
		var r reader
		for i := 0; b.Loop(); i++ {
			s := all[i%len(all)]
			r.setPhoto(s, s.orientation, 0)
		}
	})
	b.Run("mask-read", func(b *testing.B) {
		var r reader
		for i := 0; b.Loop(); i++ {
			if err := r.readMask(pairs[i%len(pairs)].Mask, Coding{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	photo, mask, _, err := ReadPair(pairs[0])
	if err != nil {
		b.Fatal(err)
	}
	var s sampler
	win := window{x: 3, y: 4, w: photo.W - 10, h: photo.H - 9, mirrored: true}
	x, y := make([]float32, 3*224*224), make([]float32, 224*224)
	b.Run("photo-resize", func(b *testing.B) {
		for b.Loop() {
			s.photo(x, photo, win, 224)
		}
	})
	b.Run("mask-resize", func(b *testing.B) {
		for b.Loop() {
			s.mask(y, mask, win, 224)
		}
	})
	l, err := NewLoader(LoaderOptions{Pairs: pairs, Size: 224, Batch: 24, Workers: 1, Augment: DefaultConfig().Augment})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("whole", func(b *testing.B) {
		for epoch := 0; b.Loop(); epoch++ {
			for _, err := range l.Epoch(b.Context(), epoch, 0) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(pairs)), "ns/picture")
	})
}

// benchPairs is the first n pairs of the reference training set.
func benchPairs(b *testing.B, n int) []Pair {
	b.Helper()
	s, err := Find(filepath.Join(shared.Dir(b), "datasets", "DUTS-TR-6000"))
	if err != nil {
		b.Skipf("no reference data: %v (set CSNET_SHARED)", err)
	}
	return s.Pairs[:n]
}

// eachFile times do on the content of one file after another.
func eachFile(b *testing.B, pairs []Pair, path func(Pair) string, do func([]byte)) {
	var files [][]byte
	for _, p := range pairs {
		f, err := os.ReadFile(path(p))
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, f)
	}
	for i := 0; b.Loop(); i++ {
		do(files[i%len(files)])
	}
}
