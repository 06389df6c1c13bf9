package eval

import (
	"csnet/data"
	"csnet/internal/saliency"
)

// Net gives saliency logits. It serves one goroutine.
type Net = saliency.Net

// ErrNaN says that a net's logits are not all numbers.
var ErrNaN = saliency.ErrNaN

// Predictor runs a net on photos of any size by the authors' protocol.
type Predictor = saliency.Predictor

// Predict is Predictor.Map for a single photo.
func Predict(net Net, photo *data.Photo, size int) (*data.Mask, error) {
	p := Predictor{Net: net, Size: size}
	pix, err := p.Map(nil, photo)
	if err != nil {
		return nil, err
	}
	return &data.Mask{W: photo.W, H: photo.H, Pix: pix}, nil
}
