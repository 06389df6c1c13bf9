package eval

import (
	"errors"
	"fmt"
	"math"

	"csnet/data"
)

// Net gives saliency logits. It serves one goroutine.
type Net interface {
	// Logits takes a normalised photo x, shape (1, 3, h, w), and returns h*w
	// logits, row by row, valid until the next call.
	Logits(x []float32, h, w int) ([]float32, error)
	// Close frees what the net holds; it is not used after.
	Close() error
}

// ErrNaN says that a net's logits are not all numbers.
var ErrNaN = errors.New("net gave NaN")

// Predictor runs a net on photos of any size and keeps its buffers.
type Predictor struct {
	Net  Net
	Size int // side of the net's square input, pixels
	x    []float32
	prob []float32
}

// Map predicts a photo's 8-bit saliency map at the photo's size: resized to
// Size x Size, sigmoid, resized back, times 255, cut down (the authors'
// protocol). It writes into dst where that is large enough. Errors: those of
// the net; a number of logits other than Size*Size; a logit that is NaN.
func (p *Predictor) Map(dst []uint8, photo *data.Photo) ([]uint8, error) {
	if p.Size < 1 {
		return nil, fmt.Errorf("eval: net input size is %d, must be at least 1", p.Size)
	}
	n := p.Size * p.Size
	if len(p.x) != 3*n {
		p.x = make([]float32, 3*n)
	}
	data.Input(p.x, photo, p.Size)
	logits, err := p.Net.Logits(p.x, p.Size, p.Size)
	if err != nil {
		return nil, err
	}
	return p.restore(dst, photo, logits)
}

// restore turns logits into the map.
func (p *Predictor) restore(dst []uint8, photo *data.Photo, logits []float32) ([]uint8, error) {
	n := p.Size * p.Size
	if len(logits) != n {
		return nil, fmt.Errorf("eval: net gave %d logits for a %dx%d input, must be %d", len(logits), p.Size, p.Size, n)
	}
	if len(p.prob) != n {
		p.prob = make([]float32, n)
	}
	for i, z := range logits {
		if z != z {
			return nil, fmt.Errorf("eval: %w at logit %d of %d", ErrNaN, i, n)
		}
		p.prob[i] = float32(1 / (1 + math.Exp(-float64(z))))
	}
	return data.Restore(dst, photo.W, photo.H, p.prob, p.Size), nil
}

// Predict is Predictor.Map for a single photo.
func Predict(net Net, photo *data.Photo, size int) (*data.Mask, error) {
	p := Predictor{Net: net, Size: size}
	pix, err := p.Map(nil, photo)
	if err != nil {
		return nil, err
	}
	return &data.Mask{W: photo.W, H: photo.H, Pix: pix}, nil
}
