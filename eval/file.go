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

	"csnet/internal/output"
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

// mapWriter writes 8-bit grey PNGs and keeps its buffers. It serves one
// goroutine. Maps are packed at the fastest level: four times as fast as the
// default of image/png, and a fifth larger.
type mapWriter struct {
	encoder png.EncoderBuffer
	file    bytes.Buffer
	batch   wholefile.Batch
}

// Get and Put hand png.Encoder its one buffer.
func (m *mapWriter) Get() *png.EncoderBuffer { return &m.encoder }
func (m *mapWriter) Put(*png.EncoderBuffer)  {}

// encode makes the PNG of a map, w x h, valid until the next call. path is for
// the error.
func (m *mapWriter) encode(path string, pix []uint8, w, h int) ([]byte, error) {
	m.file.Reset()
	e := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: m}
	if err := e.Encode(output.MarkPNG(&m.file, mapMark), &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}); err != nil {
		return nil, fmt.Errorf("eval: %s: %w", path, err)
	}
	return m.file.Bytes(), nil
}

// add writes a map, w x h, into a file that is in its place after flush.
// Folders are made.
func (m *mapWriter) add(path string, pix []uint8, w, h int) error {
	content, err := m.encode(path, pix, w, h)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	if err := m.batch.Add(path, content); err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	return nil
}

// flush puts the files in their places.
func (m *mapWriter) flush() error {
	if err := m.batch.Flush(); err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	return nil
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
