package data

import (
	"context"
	"fmt"
	"image"
	"slices"
)

// previewGap is the space between the pictures of a preview, pixels.
const previewGap = 4

// Preview draws the first n pictures that an epoch of a run trains on, exactly as
// the net is given them: each photo, and beside it the photo with its mask laid
// over in red. The batch of the options does not matter. Errors: as those of
// NewLoader; n below 1 or more than there are pairs; a picture that cannot be read.
func Preview(ctx context.Context, o LoaderOptions, epoch, n int) (*image.RGBA, error) {
	if n < 1 || n > len(o.Pairs) {
		return nil, fmt.Errorf("data: %d pictures to show, 1 to %d are there", n, len(o.Pairs))
	}
	o.Batch = n
	l, err := NewLoader(o)
	if err != nil {
		return nil, err
	}
	for b, err := range l.Epoch(ctx, epoch, 0) {
		if err != nil {
			return nil, err
		}
		return b.Sheet(n), nil
	}
	return nil, ctx.Err()
}

// First is a copy of the first n pictures of a batch of pictures of one size.
func (b *Batch) First(n int) *Batch {
	px := b.H * b.W
	c := *b
	c.N, c.X, c.Y, c.Stems = n, slices.Clone(b.X[:3*px*n]), slices.Clone(b.Y[:px*n]), slices.Clone(b.Stems[:n])
	return &c
}

// Sheet draws the first n pictures of a batch of pictures of Size: each photo, and beside
// it the photo with its mask laid over in red, in columns that make it about square.
func (b *Batch) Sheet(n int) *image.RGBA {
	columns := 1
	for 2*columns*columns < n {
		columns++
	}
	rows, cell := (n+columns-1)/columns, b.Size+previewGap
	img := image.NewRGBA(image.Rect(0, 0, 2*columns*cell+previewGap, rows*cell+previewGap))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for k := range n {
		x, y := previewGap+k%columns*2*cell, previewGap+k/columns*cell
		px := b.Size * b.Size
		drawInput(img, x, y, b.Size, b.X[3*px*k:3*px*(k+1)], nil)
		drawInput(img, x+b.Size+previewGap/2, y, b.Size, b.X[3*px*k:3*px*(k+1)], b.Y[px*k:px*(k+1)])
	}
	return img
}

// drawInput draws a net input (3, size, size), with a mask over it in red.
func drawInput(img *image.RGBA, x0, y0, size int, x, mask []float32) {
	mean, std := imageNet()
	n := size * size
	red, green, blue := x[:n], x[n:][:n], x[2*n:][:n]
	for row := range size {
		pix := img.Pix[img.PixOffset(x0, y0+row):][:4*size]
		for i := row * size; len(pix) >= 4; i, pix = i+1, pix[4:] {
			r, g, b := 255*(red[i]*std[0]+mean[0]), 255*(green[i]*std[1]+mean[1]), 255*(blue[i]*std[2]+mean[2])
			if mask != nil {
				m := 0.5 * mask[i]
				r, g, b = r+m*(255-r), g*(1-m), b*(1-m)
			}
			pix[0], pix[1], pix[2] = uint8(min(max(r+0.5, 0), 255)), uint8(min(max(g+0.5, 0), 255)), uint8(min(max(b+0.5, 0), 255))
		}
	}
}
