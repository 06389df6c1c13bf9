package eval

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"csnet/internal/wholefile"
)

// writeFile writes a file whole or not at all. Folders are made.
func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	if err := wholefile.Bytes(path, content); err != nil {
		return fmt.Errorf("eval: %s: %w", path, err)
	}
	return nil
}

// writeMap writes dir/<stem>.png, 8-bit grey, w x h.
func writeMap(dir, stem string, pix []uint8, w, h int) error {
	return writeGrey(filepath.Join(dir, stem+".png"), pix, w, h)
}

func writeGrey(path string, pix []uint8, w, h int) error {
	var b bytes.Buffer
	img := &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}
	if err := png.Encode(&b, img); err != nil {
		return fmt.Errorf("eval: %s: %w", path, err)
	}
	return writeFile(path, b.Bytes())
}

// fileDigest is a file's SHA-256 in hexadecimal.
func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("eval: %w", err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("eval: %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
