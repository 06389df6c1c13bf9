package data

import (
	"bytes"
	"io"
	"os"

	"csnet/internal/imagefile"
)

// headBytes is how much of a file is read for its header: size, depth and EXIF
// block stand at the beginning.
const headBytes = 1 << 20

// header reads the size and the orientation of a photo, and the largest sample of
// a 16-bit one, without decoding more than it must: pictures of kinds that have 8
// bits a sample, and PNG that say so, by their beginning, others whole. buf is
// scratch. Errors as those of decodeFile.
func header(path string, buf *bytes.Buffer) (s stored, wide int, err error) {
	if s, ok := head(path, buf); ok {
		return s, 0, nil
	}
	if s, err = decodeFile(path, buf, nil); err != nil {
		return s, 0, err
	}
	return s, widest(s.img), nil
}

// head reads the header of a picture of 8 bits; ok is false for all else.
func head(path string, buf *bytes.Buffer) (s stored, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return s, false
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return s, false
	}
	buf.Reset()
	if _, err := buf.ReadFrom(io.LimitReader(f, headBytes)); err != nil {
		return s, false
	}
	p, err := imagefile.Open(buf.Bytes())
	if err != nil {
		return s, false
	}
	switch p.Kind {
	case imagefile.JPEG, imagefile.WebP, imagefile.GIF, imagefile.BMP:
	case imagefile.PNG:
		const depth = 24 // of IHDR, the first chunk
		if buf.Len() <= depth || buf.Bytes()[depth] > 8 {
			return s, false
		}
	default:
		return s, false
	}
	return stored{nil, p.W, p.H, p.Orientation, p.Kind}, true
}
