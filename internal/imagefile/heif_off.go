//go:build !(heif && nodynamic)

package imagefile

import (
	"errors"
	"image"
)

// heifBuilt says whether this build reads HEIC and AVIF.
const heifBuilt = false

// heifDecode is never reached: Open refuses these kinds.
func heifDecode(Kind, []byte) (image.Image, error) {
	return nil, errors.New("this build does not read it")
}
