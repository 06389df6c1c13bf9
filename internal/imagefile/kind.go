package imagefile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Kind is a kind of file, named as people name it.
type Kind string

// The kinds that are read; HEIC and AVIF in builds with the tag heif alone.
const (
	JPEG Kind = "JPEG"
	PNG  Kind = "PNG"
	WebP Kind = "WebP"
	BMP  Kind = "BMP"
	TIFF Kind = "TIFF"
	GIF  Kind = "GIF"
	HEIC Kind = "HEIC"
	AVIF Kind = "AVIF"
)

// Kinds lists the kinds that this build reads, for messages: "JPEG, PNG, ...".
func Kinds() string {
	kinds := []string{string(JPEG), string(PNG), string(WebP), string(BMP), string(TIFF), string(GIF)}
	if heifBuilt {
		kinds = append(kinds, string(HEIC), string(AVIF))
	}
	return strings.Join(kinds, ", ")
}

// HasName says whether a file name ends as a picture that this build reads does,
// in any letter case. What is in the file is told by its content, not by its name.
func HasName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif":
		return true
	case ".heic", ".heif", ".hif", ".avif":
		return heifBuilt
	}
	return false
}

const (
	jpegMagic = "\xff\xd8"
	pngMagic  = "\x89PNG\r\n\x1a\n"
)

// kindOf tells a readable kind by the first bytes; "" is none of them.
func kindOf(file []byte) Kind {
	has := func(at int, magic string) bool {
		return len(file) >= at && bytes.HasPrefix(file[at:], []byte(magic))
	}
	switch {
	case has(0, jpegMagic):
		return JPEG
	case has(0, pngMagic):
		return PNG
	case has(0, "RIFF") && has(8, "WEBP"):
		return WebP
	case has(0, "BM"):
		return BMP
	case has(0, "II*\x00"), has(0, "MM\x00*"):
		return TIFF
	case has(0, "GIF87a"), has(0, "GIF89a"):
		return GIF
	case has(4, "ftyp"):
		return heifKind(file)
	}
	return ""
}

// heifKind reads the brands of an ISO base media file: HEIC, AVIF or neither.
// Source: ISO/IEC 14496-12, section 4.3; ISO/IEC 23008-12, annexes B and D.
func heifKind(file []byte) Kind {
	end := min(int64(binary.BigEndian.Uint32(file)), int64(len(file)))
	var kind Kind
	for at := int64(8); at+4 <= end; at += 4 {
		brand := string(file[at : at+4])
		switch {
		case at == 12: // the minor version, no brand
		case brand == "avif" || brand == "avis":
			return AVIF
		case slices.Contains([]string{"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"}, brand):
			kind = HEIC
		case kind == "" && (brand == "mif1" || brand == "msf1"):
			kind = HEIC
		}
	}
	return kind
}

// unread names what a file is that is no readable kind, as far as its first bytes
// tell, and what could be done.
func unread(file []byte) error {
	for _, known := range []struct {
		at    int
		magic string
		what  string
	}{
		{0, "\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL picture"}, {0, "\xff\x0a", "a JPEG XL picture"},
		{0, "\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"}, {0, "\xff\x4f\xff\x51", "a JPEG 2000 picture"},
		{0, "8BPS", "a Photoshop document"}, {0, "%PDF", "a PDF document"}, {0, "%!PS", "a PostScript document"},
		{0, "\x00\x00\x01\x00", "an icon"}, {0, "II\xbc\x01", "a JPEG XR picture"}, {0, "qoif", "a QOI picture"}, {0, "DDS ", "a DDS texture"},
		{0, "\x76\x2f\x31\x01", "an OpenEXR picture"}, {0, "#?RADIANCE", "a Radiance picture"}, {0, "FUJIFILMCCD-RAW", "a Fujifilm raw photo"},
		{0, "IIRO", "an Olympus raw photo"}, {0, "IIU\x00", "a Panasonic raw photo"}, {0, "P1\n", "a PBM picture"}, {0, "P4\n", "a PBM picture"},
		{0, "P2\n", "a PGM picture"}, {0, "P5\n", "a PGM picture"}, {0, "P3\n", "a PPM picture"}, {0, "P6\n", "a PPM picture"},
		{4, "ftypcrx ", "a Canon raw photo"}, {4, "ftyp", "a video"}, {0, "\x1aE\xdf\xa3", "a video"}, {8, "AVI ", "a video"},
		{0, "PK\x03\x04", "a ZIP archive"}, {0, "\x1f\x8b", "a gzip archive"}, {0, "BZh", "a bzip2 archive"}, {0, "\xfd7zXZ", "an xz archive"},
		{0, "<svg", "an SVG drawing"}, {0, "<?xml", "an XML text"}, {0, "<!DOCTYPE", "an HTML page"}, {0, "<html", "an HTML page"},
		{0, "version https://git-lfs", "a Git LFS pointer, not the picture itself"},
	} {
		if len(file) >= known.at && bytes.HasPrefix(file[known.at:], []byte(known.magic)) {
			return fmt.Errorf("is %s, which is not read (%s are); convert it first", known.what, Kinds())
		}
	}
	return fmt.Errorf("is no picture of a kind that is read (%s), it begins with % x", Kinds(), file[:min(8, len(file))])
}
