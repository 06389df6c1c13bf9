//go:build heif && nodynamic

package imagefile

import (
	"bytes"
	"errors"
	"image"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"
)

// heifBuilt says whether this build reads HEIC and AVIF.
const heifBuilt = true

// heifDecode decodes by libheif and libavif in WebAssembly: what goes wrong there
// stays there. The tag nodynamic keeps these packages from loading libraries of
// the system and the program from being linked to any.
func heifDecode(kind Kind, file []byte) (image.Image, error) {
	if kind == AVIF {
		return avif.Decode(bytes.NewReader(file))
	}
	img, err := heic.Decode(bytes.NewReader(file))
	if err == nil && img.Bounds().Dx() < 128 {
		return nil, errors.New("is narrower than 128 pixels, where version 0.4.5 of its decoder mixes up the colours")
	}
	return img, err
}
