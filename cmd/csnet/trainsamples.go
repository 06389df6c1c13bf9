package main

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"

	scale "golang.org/x/image/draw"

	"csnet/data"
	"csnet/eval"
	"csnet/graph"
	"csnet/model"
	"csnet/train"
)

const (
	boardPictures = 4   // validation pictures that an event file shows
	boardSide     = 240 // pixels across that each of photo, mask and map takes at most
)

// samples returns what draws some of the validation pictures, spread over the set and
// the same at every step: photo, mask and the net's map side by side.
func (j *trainJob) samples(val []data.Pair) func(*model.Params) ([]train.Sample, error) {
	return func(params *model.Params) ([]train.Sample, error) {
		p := eval.Predictor{Net: graph.NewPredictor(j.spec, params, j.threads), Size: j.conf.Eval.Size, Reduce: j.conf.Eval.Reduce}
		defer func() { _ = p.Net.Close() }()
		var out []train.Sample
		n := min(boardPictures, len(val))
		for k := range n {
			s, err := sample(&p, val[k*len(val)/n])
			if err != nil {
				return nil, err
			}
			s.Name = fmt.Sprintf("%d", k+1)
			out = append(out, s)
		}
		return out, nil
	}
}

// sample draws one picture.
func sample(p *eval.Predictor, pair data.Pair) (train.Sample, error) {
	photo, mask, _, err := data.ReadPair(pair)
	if err != nil {
		return train.Sample{}, err
	}
	pix, err := p.Map(nil, photo)
	if err != nil {
		return train.Sample{}, fmt.Errorf("%s: %w", pair.Image, err)
	}
	w, h := photo.W, photo.H
	if most := max(w, h); most > boardSide {
		w, h = max(1, w*boardSide/most), max(1, h*boardSide/most)
	}
	sheet := image.NewNRGBA(image.Rect(0, 0, 3*w, h))
	grey := func(pix []uint8, w, h int) image.Image {
		return &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}
	}
	for i, img := range []image.Image{photo.Image(), grey(mask.Pix, mask.W, mask.H), grey(pix, photo.W, photo.H)} {
		scale.ApproxBiLinear.Scale(sheet, image.Rect(i*w, 0, (i+1)*w, h), img, img.Bounds(), draw.Src, nil)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, sheet); err != nil {
		return train.Sample{}, err
	}
	return train.Sample{W: 3 * w, H: h, PNG: b.Bytes()}, nil
}
