package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"os"

	"csnet/internal/imagefile"
)

// MaxPixels is the largest picture that is decoded.
const MaxPixels = imagefile.MaxPixels

const maxFileBytes = 1 << 30

// stored is a picture as its file stores it.
type stored struct {
	img         image.Image
	w, h        int
	orientation int // EXIF, 1..8
	kind        imagefile.Kind
}

// decodeFile reads and decodes a picture file, its kind told by content. buf is
// scratch. The picture holds until keep, which may be nil, is used again. Errors name the
// path.
func decodeFile(path string, buf *bytes.Buffer, keep *imagefile.Buffers) (stored, error) {
	if err := readFile(path, buf); err != nil {
		return stored{}, fmt.Errorf("data: %s: %w", path, pathless(err))
	}
	s, err := decode(buf.Bytes(), keep)
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

// decode decodes a picture file after its header was found to be sane.
func decode(file []byte, keep *imagefile.Buffers) (stored, error) {
	f, err := imagefile.Open(file)
	if err != nil {
		return stored{}, err
	}
	f.Buffers = keep
	img, err := f.Decode()
	if err != nil {
		return stored{}, err
	}
	return stored{img, f.W, f.H, f.Orientation, f.Kind}, nil
}
