package saliency

import (
	"math"

	"csnet/data"
)

// Edges sharpens a map along the edges of its photo. It holds, for every pixel of a
// small photo (the guide), the linear function of its colour that is the map there:
// a guided filter (K. He, J. Sun, X. Tang, TPAMI 2013), in its fast form, which
// computes the functions on a small picture and applies them to a large one. Before
// and after it the map's contrast is raised about one half: the filter is a mean
// and would leave it paler than it came, and a net's own edges are as wide as what
// it was enlarged by.
type Edges struct {
	w, h int
	coef [4][]float32 // (h, w): weights of red, green and blue (0..1), and a constant
}

// The window is this share of the guide's longer side to each side of a pixel; the
// regularizer is in squares of levels 0..1. Chosen on ECSSD (docs/photos.md).
const (
	windowShare = 0.03
	regularizer = 1e-4
	contrast    = 2
)

// NewEdges finds the functions for a map of probabilities (size, size) and the
// photo that the net saw.
func NewEdges(prob []float32, size int, guide *data.Photo) *Edges {
	w, h := guide.W, guide.H
	n := w * h
	p := make([]float32, n)
	data.Resize(p, w, h, prob, size, size, 1)
	for i, v := range p {
		p[i] = stretched(v)
	}
	var colour [3][]float32
	for c := range colour {
		colour[c] = make([]float32, n)
		for i := range colour[c] {
			colour[c][i] = float32(guide.Pix[3*i+c]) / 255
		}
	}
	b := newBox(w, h, max(1, int(windowShare*float64(max(w, h))+0.5)))
	product := make([]float32, n)
	times := func(x, y []float32) []float32 {
		for i := range product {
			product[i] = x[i] * y[i]
		}
		return b.mean(product)
	}
	meanP := b.mean(p)
	var mean, cov [3][]float32 // of colours; of colours and map
	var vari [6][]float32      // of colours: rr rg rb gg gb bb
	for c := range colour {
		mean[c], cov[c] = b.mean(colour[c]), times(colour[c], p)
	}
	for i, pair := range [6][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}} {
		vari[i] = times(colour[pair[0]], colour[pair[1]])
	}
	e := &Edges{w: w, h: h}
	for i := range n {
		m := [3]float64{float64(mean[0][i]), float64(mean[1][i]), float64(mean[2][i])}
		mp := float64(meanP[i])
		var s [6]float64
		for k, pair := range [6][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}} {
			s[k] = float64(vari[k][i]) - m[pair[0]]*m[pair[1]]
		}
		a := solve(s, [3]float64{float64(cov[0][i]) - m[0]*mp, float64(cov[1][i]) - m[1]*mp, float64(cov[2][i]) - m[2]*mp})
		// The planes are not needed any more: a and b take their place.
		for c := range a {
			cov[c][i] = float32(a[c])
		}
		meanP[i] = float32(mp - a[0]*m[0] - a[1]*m[1] - a[2]*m[2])
	}
	for c := range cov {
		e.coef[c] = b.mean(cov[c])
	}
	e.coef[3] = b.mean(meanP)
	return e
}

// solve gives the weights of least squares: the symmetric matrix of variances, its
// diagonal regularized, times them is the covariance.
func solve(s [6]float64, cov [3]float64) [3]float64 {
	rr, rg, rb, gg, gb, bb := s[0]+regularizer, s[1], s[2], s[3]+regularizer, s[4], s[5]+regularizer
	// The adjugate over the determinant.
	a, b, c := gg*bb-gb*gb, rb*gb-rg*bb, rg*gb-rb*gg
	d, e, f := rr*bb-rb*rb, rb*rg-rr*gb, rr*gg-rg*rg
	det := rr*a + rg*b + rb*c
	if math.Abs(det) < 1e-18 {
		return [3]float64{}
	}
	return [3]float64{(a*cov[0] + b*cov[1] + c*cov[2]) / det, (b*cov[0] + d*cov[1] + e*cov[2]) / det, (c*cov[0] + e*cov[1] + f*cov[2]) / det}
}

// stretched raises the contrast about one half.
func stretched(v float32) float32 { return min(max((v-0.5)*contrast+0.5, 0), 1) }

// Rows applies the functions to a photo of w x h pixels, whose rows rgb gives.
func (e *Edges) Rows(w, h int, rgb func(row []uint8, y int)) Rows {
	r := &edgeRows{rgb: rgb, photo: make([]uint8, 3*w), line: make([]float32, w)}
	for c := range r.coef {
		r.coef[c] = data.NewEnlarger(e.coef[c], e.w, e.h, w, h)
	}
	return r
}

type edgeRows struct {
	coef  [4]*data.Enlarger
	rgb   func(row []uint8, y int)
	photo []uint8
	line  []float32
}

func (r *edgeRows) Floats(dst []float32, y int) {
	r.rgb(r.photo, y)
	var top, bottom [4][]float32
	var weight float32
	for c := range r.coef {
		top[c], bottom[c], weight = r.coef[c].Between(y)
		top[c], bottom[c] = top[c][:len(dst)], bottom[c][:len(dst)]
	}
	pix := r.photo[:3*len(dst)]
	for x := range dst {
		at := func(c int) float32 { return top[c][x] + (bottom[c][x]-top[c][x])*weight }
		p := pix[3*x : 3*x+3 : 3*x+3]
		v := (at(0)*float32(p[0])+at(1)*float32(p[1])+at(2)*float32(p[2]))/255 + at(3)
		dst[x] = stretched(v)
	}
}

func (r *edgeRows) Bytes(dst []uint8, y int) {
	line := r.line[:len(dst)]
	r.Floats(line, y)
	toBytes(dst, line)
}
