package imagefile

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	stdjpeg "image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"csnet/internal/jpeg"
)

// config reads the header. It may put another form of the same picture in place
// of the content, one that the decoders take.
func (f *File) config() (image.Config, error) {
	switch f.Kind {
	case JPEG:
		if c, ok := plainJPEG(f.content); ok {
			return c, nil
		}
		c, err := stdjpeg.DecodeConfig(bytes.NewReader(f.content))
		f.cmyk = c.ColorModel == color.CMYKModel
		return c, err
	case PNG:
		f.content = soundChunks(f.content)
		return png.DecodeConfig(bytes.NewReader(f.content))
	case WebP:
		return webpConfig(f.content)
	case BMP:
		return bmp.DecodeConfig(bytes.NewReader(f.content))
	case TIFF:
		if err := rawPhoto(f.content); err != nil {
			return image.Config{}, err
		}
		return tiff.DecodeConfig(bytes.NewReader(f.content))
	case GIF:
		return gif.DecodeConfig(bytes.NewReader(f.content))
	}
	w, h, err := heifSize(f.content)
	return image.Config{Width: w, Height: h}, err
}

func (f *File) decode() (img image.Image, err error) {
	defer func() {
		if r := recover(); r != nil { // a decoder that gives up on a broken file is that file's error
			img, err = nil, fmt.Errorf("its decoder gave up: %v", r)
		}
	}()
	switch f.Kind {
	case JPEG:
		return f.decodeJPEG()
	case PNG:
		return png.Decode(bytes.NewReader(f.content))
	case WebP:
		return webpDecode(f.content)
	case BMP:
		return bmp.Decode(bytes.NewReader(f.content))
	case TIFF:
		return tiff.Decode(bytes.NewReader(f.content))
	case GIF:
		img, err := gif.Decode(bytes.NewReader(f.content))
		if err != nil {
			return nil, err
		}
		return onCanvas(img, f.W, f.H), nil
	}
	return heifDecode(f.Kind, f.content)
}

// onCanvas gives a picture of w x h pixels that is transparent but where img lies;
// it is img itself where that fills it.
func onCanvas(img image.Image, w, h int) image.Image {
	all := image.Rect(0, 0, w, h)
	if img.Bounds() == all {
		return img
	}
	canvas := image.NewNRGBA(all)
	draw.Draw(canvas, img.Bounds(), img, img.Bounds().Min, draw.Src)
	return canvas
}

// The APP14 segment of Adobe's CMYK (inverted, no YCCK).
const adobeCMYK = "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"

// decodeJPEG decodes what viewers open: what the decoder of ours leaves to others
// goes to image/jpeg.
func (f *File) decodeJPEG() (image.Image, error) {
	if img, err := f.scaledJPEG(1); img != nil || err != nil {
		return img, err
	}
	file := []io.Reader{bytes.NewReader(f.content)}
	if f.unended() {
		file = append(file, strings.NewReader("\xff\xd9"))
	}
	img, err := stdjpeg.Decode(io.MultiReader(file...))
	if unsupported := stdjpeg.UnsupportedError(""); errors.As(err, &unsupported) && f.cmyk {
		// CMYK without Adobe's marker: taken for Adobe's kind, as others do.
		return stdjpeg.Decode(io.MultiReader(strings.NewReader(jpegMagic+adobeCMYK), bytes.NewReader(f.content[2:])))
	}
	return img, err
}

// scaledJPEG decodes by internal/jpeg; no picture and no error leave it to others.
func (f *File) scaledJPEG(scale int) (image.Image, error) {
	var once jpeg.Buffers
	keep := &once
	if f.Buffers != nil {
		keep = &f.Buffers.jpeg
	}
	img, err := keep.Decode(f.content, scale)
	if refused := jpeg.Refused(""); errors.As(err, &refused) {
		return nil, err
	}
	if err != nil {
		return nil, nil
	}
	return img, nil
}

// unended says whether a file lacks the mark that ends its kind.
func (f *File) unended() bool {
	end := ""
	switch f.Kind {
	case JPEG:
		end = "\xff\xd9"
	case PNG:
		end = "IEND"
	case GIF:
		return !bytes.HasSuffix(bytes.TrimRight(f.content, "\x00"), []byte(";"))
	case WebP:
		return riffCut(f.content)
	default:
		return false
	}
	return !bytes.Contains(f.content[max(0, len(f.content)-64):], []byte(end))
}
