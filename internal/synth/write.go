package synth

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"csnet/internal/parallel"
	"csnet/internal/wholefile"
)

// The folders a set is written to, and the quality of its photos.
const (
	imageFolder = "images"
	maskFolder  = "GT"
	quality     = 94
)

// Write draws pictures 0..n-1 of the set named by seed, size x size pixels, as
// dir/images/NNNN.jpg and dir/GT/NNNN.png (NNNN = index). Every file appears whole
// or not at all; a file of that name is replaced, others are left alone. progress,
// which may be nil, is told after each picture how many are done. When ctx ends
// Write stops early and returns its error.
func Write(ctx context.Context, dir string, seed uint64, n, size int, progress func(done, total int)) error {
	if n < 1 || size < 1 {
		return fmt.Errorf("synth: %s: %d pictures of %dx%d asked for, must be at least one of 1x1", dir, n, size, size)
	}
	for _, sub := range []string{imageFolder, maskFolder} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return fmt.Errorf("synth: make the set's folder: %w", err)
		}
	}
	return parallel.Each(ctx, parallel.Workers(n), n, progress, func(_, i int) error {
		return writePair(dir, seed, i, size)
	})
}

// writePair writes one picture and its mask.
func writePair(dir string, seed uint64, index, size int) error {
	img, mask := Draw(seed, index, size, size)
	photo := filepath.Join(dir, imageFolder, fmt.Sprintf("%04d.jpg", index))
	err := replace(photo, func(w io.Writer) error {
		return jpeg.Encode(w, opaque(img), &jpeg.Options{Quality: quality})
	})
	if err != nil {
		return err
	}
	truth := filepath.Join(dir, maskFolder, fmt.Sprintf("%04d.png", index))
	return replace(truth, func(w io.Writer) error { return png.Encode(w, mask) })
}

// opaque is the same pixels as RGBA, which the JPEG encoder has a fast path for;
// every pixel of a drawing is opaque, so the bytes agree.
func opaque(img *image.NRGBA) *image.RGBA {
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

// replace writes a file whole or not at all.
func replace(path string, encode func(io.Writer) error) error {
	err := wholefile.Write(path, func(w io.Writer) error {
		buf := bufio.NewWriter(w)
		return errors.Join(encode(buf), buf.Flush())
	})
	if err != nil {
		return fmt.Errorf("synth: %s: %w", path, err)
	}
	return nil
}
