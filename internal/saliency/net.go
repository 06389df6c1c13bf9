// Package saliency gives the saliency map of a photo: what the net sees of it, the
// net's probabilities, and the map at any size, sharpened along the photo's edges
// if wanted. It takes and returns values and keeps buffers alone.
package saliency

import (
	"errors"
	"fmt"

	"csnet/data"
	"csnet/internal/kernel/pointwise"
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

// Predictor runs a net on photos of any size and keeps its buffers. It serves one
// goroutine.
type Predictor struct {
	Net    Net
	Size   int  // side of the net's square input, pixels
	Reduce bool // Map first reduces photos as See does
	x      []float32
	prob   []float32
}

// Prob predicts the probability that a photo's parts belong to what stands out:
// (Size, Size) values over the whole photo, which is resized to Size x Size as the
// authors' protocol does, valid until the next call. Errors: those of the net; a
// number of logits other than Size*Size; a logit that is NaN.
func (p *Predictor) Prob(photo *data.Photo) ([]float32, error) {
	if p.Size < 1 {
		return nil, fmt.Errorf("saliency: net input size is %d, must be at least 1", p.Size)
	}
	n := p.Size * p.Size
	if len(p.x) != 3*n {
		p.x, p.prob = make([]float32, 3*n), make([]float32, n)
	}
	data.Input(p.x, photo, p.Size)
	logits, err := p.Net.Logits(p.x, p.Size, p.Size)
	if err != nil {
		return nil, err
	}
	if len(logits) != n {
		return nil, fmt.Errorf("saliency: net gave %d logits for a %dx%d input, must be %d", len(logits), p.Size, p.Size, n)
	}
	pointwise.Sigmoids(p.prob, logits)
	for i, v := range p.prob {
		if v != v {
			return nil, fmt.Errorf("saliency: %w at logit %d of %d", ErrNaN, i, n)
		}
	}
	return p.prob, nil
}

// Map predicts a photo's 8-bit saliency map at the photo's size, by the authors'
// protocol whatever that size: resized to Size x Size, sigmoid, resized back, times
// 255, cut down. With Reduce the net sees large photos reduced, which is not that
// protocol. It writes into dst where that is large enough. Errors as in Prob.
func (p *Predictor) Map(dst []uint8, photo *data.Photo) ([]uint8, error) {
	seen := photo
	if p.Reduce && SideOf(photo.W, photo.H) < max(photo.W, photo.H) {
		seen = SeeImage(photo.Image())
	}
	prob, err := p.Prob(seen)
	if err != nil {
		return nil, err
	}
	return data.Restore(dst, photo.W, photo.H, prob, p.Size), nil
}
