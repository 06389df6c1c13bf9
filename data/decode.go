package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"slices"
)

// MaxPixels is the largest picture that is decoded: 2^27 pixels (16384x8192), at
// most 1 GiB while decoding, whatever the file claims.
const MaxPixels = 1 << 27

const (
	maxFileBytes = 1 << 30
	// Deflate packs at most 1032 bytes into one, a byte holds at most 8 pixels; a
	// JPEG spends at least a bit on 64 pixels. A file that claims more is cut short
	// or a lie, and is refused before anything is allocated for it.
	maxPixelsPerByte = 1032 * 8
)

const (
	jpegMagic = "\xff\xd8"
	pngMagic  = "\x89PNG\r\n\x1a\n"
	// The APP14 segment of Adobe's CMYK (inverted, no YCCK).
	adobeCMYK = "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
)

// stored is a picture as its file stores it.
type stored struct {
	img         image.Image
	w, h        int
	orientation int // EXIF, 1..8
}

// decodeFile reads and decodes a JPEG or PNG file, told apart by content. buf is
// scratch. Errors name the path.
func decodeFile(path string, buf *bytes.Buffer) (stored, error) {
	if err := readFile(path, buf); err != nil {
		return stored{}, fmt.Errorf("data: %s: %w", path, pathless(err))
	}
	s, err := decode(buf.Bytes())
	if err != nil {
		return stored{}, fmt.Errorf("data: %s: %w", path, err)
	}
	return s, nil
}

// readFile reads a regular file of bounded size into buf.
func readFile(path string, buf *bytes.Buffer) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	switch {
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file")
	case info.Size() > maxFileBytes:
		return fmt.Errorf("has %d bytes, at most %d are read", info.Size(), maxFileBytes)
	case info.Size() == 0:
		return errors.New("is empty")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	buf.Reset()
	buf.Grow(int(info.Size()) + bytes.MinRead)
	_, err = buf.ReadFrom(io.LimitReader(f, maxFileBytes))
	return err
}

// pathless takes the path off an error of package os, for errors that begin with it.
func pathless(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// decode decodes a JPEG or PNG after its header was found to be sane.
func decode(file []byte) (stored, error) {
	var (
		name   string
		config func(io.Reader) (image.Config, error)
		full   func(io.Reader) (image.Image, error)
	)
	switch {
	case bytes.HasPrefix(file, []byte(jpegMagic)):
		name, config, full = "JPEG", jpeg.DecodeConfig, jpeg.Decode
	case bytes.HasPrefix(file, []byte(pngMagic)):
		name, config, full = "PNG", png.DecodeConfig, png.Decode
	default:
		return stored{}, fmt.Errorf("is neither JPEG nor PNG, it begins with % x", file[:min(4, len(file))])
	}
	c, err := config(bytes.NewReader(file))
	if err != nil {
		return stored{}, undecodable(name, file, err)
	}
	if c.Width < 1 || c.Height < 1 {
		return stored{}, fmt.Errorf("%s claims %dx%d pixels, at least 1x1 are wanted", name, c.Width, c.Height)
	}
	pixels := int64(c.Width) * int64(c.Height) // each below 2^31
	if pixels > MaxPixels {
		return stored{}, fmt.Errorf("%s claims %dx%d pixels, at most %d in all are decoded", name, c.Width, c.Height, MaxPixels)
	}
	if pixels > maxPixelsPerByte*int64(len(file)) {
		return stored{}, fmt.Errorf("%s claims %dx%d pixels, more than its %d bytes can hold", name, c.Width, c.Height, len(file))
	}
	img, err := full(bytes.NewReader(file))
	if unsupported := jpeg.UnsupportedError(""); errors.As(err, &unsupported) && c.ColorModel == color.CMYKModel {
		// CMYK without Adobe's marker: taken for Adobe's kind, as others do.
		img, err = full(bytes.NewReader(slices.Concat([]byte(jpegMagic+adobeCMYK), file[2:])))
	}
	if err != nil {
		return stored{}, undecodable(name, file, err)
	}
	b := img.Bounds()
	return stored{img, b.Dx(), b.Dy(), orientation(file)}, nil
}

// undecodable words a decoder's error; a file without its end mark was cut short.
func undecodable(name string, file []byte, err error) error {
	end := "\xff\xd9"
	if name == "PNG" {
		end = "IEND"
	}
	tail := file[max(0, len(file)-64):]
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || !bytes.Contains(tail, []byte(end)) {
		return fmt.Errorf("%s is cut short after %d bytes: %w", name, len(file), err)
	}
	return fmt.Errorf("%s does not decode: %w", name, err)
}
