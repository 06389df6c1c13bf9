package op

import (
	"math"

	"csnet/internal/kernel/pointwise"
)

// LossTerms weighs the terms of a training loss. The zero value is BCE alone.
type LossTerms struct {
	// BCE weighs the mean binary cross entropy over all pixels.
	BCE float64
	// IoU weighs the mean over the images of 1 - (I+1)/(U+1), where p is the
	// sigmoid of the logits, I = sum(p*y) and U = sum(p+y-p*y): the soft
	// intersection over union (Rahman and Wang, 2016).
	IoU float64
	// Edge raises the weight of pixels near the edges of a mask in BCE: pixel i
	// counts 1 + Edge*|mean(y) - y_i|, the mean over the square window around it
	// whose radius is a 22nd of the image's height (Wei et al., F3Net, AAAI 2020,
	// with Edge 5). The weighted sum of an image is divided by its weights' sum.
	Edge float64
	// SSIM weighs the mean over the images of 1 - the structural similarity of p and
	// y in windows of 11 x 11 (Wang et al., 2004; as a loss Qin et al., BASNet, CVPR
	// 2019, who weigh the windows' pixels by a Gaussian).
	SSIM float64
}

// plain reports whether the loss is the unweighted BCE, once.
func (t LossTerms) plain() bool {
	return t == LossTerms{} || t == LossTerms{BCE: 1}
}

// edgeRadius is the radius of the window of LossTerms.Edge.
func edgeRadius(h int) int { return max(1, (h+11)/22) }

// imageLoss works out the terms of one image of h x w pixels. Its buffers are
// kept between images.
type imageLoss struct {
	terms  LossTerms
	weight []float64 // of the pixels in BCE; nil: 1 each
	total  float64   // sum of weight
	y      []float64 // the mask
	p      []float64 // sigmoid of the logits
	dp     []float64 // gradient of p
	boxes  boxes
	ssim   ssim
	inter  float64 // I
	union  float64 // U
}

// forward returns the loss of the image and keeps what backward needs.
func (l *imageLoss) forward(x, y []float32, h, w int) float64 {
	loss := 0.0
	switch {
	case l.terms.BCE == 0:
	case l.terms.Edge == 0:
		loss = l.terms.BCE * pointwise.BCE(x, y) / float64(len(x))
	default:
		l.weigh(y, h, w)
		sum := 0.0
		for i, v := range x {
			z := float64(v)
			sum += l.weight[i] * (math.Max(z, 0) - z*float64(y[i]) + math.Log1p(math.Exp(-math.Abs(z))))
		}
		loss = l.terms.BCE * sum / l.total
	}
	if l.terms.SSIM != 0 {
		l.probabilities(x, y)
		loss += l.terms.SSIM * (1 - l.ssim.mean(l.p, l.y, h, w))
	}
	if l.terms.IoU == 0 {
		return loss
	}
	l.inter, l.union = 0, 0
	for i, v := range x {
		p, t := pointwise.Sigmoid(float64(v)), float64(y[i])
		l.inter += p * t
		l.union += p + t - p*t
	}
	return loss + l.terms.IoU*(1-(l.inter+1)/(l.union+1))
}

// backward adds scale times the gradient of forward's result to dx.
func (l *imageLoss) backward(dx, x, y []float32, h, w int, scale float64) {
	bce, iou := scale*l.terms.BCE, scale*l.terms.IoU
	if l.terms.BCE != 0 && l.terms.Edge == 0 {
		pointwise.BCEGrad(dx, x, y, bce/float64(len(x)))
		bce = 0
	}
	if l.terms.SSIM != 0 {
		l.ssim.gradient(l.dp, l.p, l.y, h, w)
		for i, p := range l.p {
			dx[i] -= float32(scale * l.terms.SSIM * l.dp[i] * p * (1 - p))
		}
	}
	if bce == 0 && iou == 0 {
		return
	}
	u := l.union + 1
	each := 0.0
	if bce != 0 {
		each = bce / l.total
	}
	for i, v := range x {
		p, t := pointwise.Sigmoid(float64(v)), float64(y[i])
		g := 0.0
		if each != 0 {
			g = each * l.weight[i] * (p - t)
		}
		if iou != 0 { // d(1 - (I+1)/(U+1))/dp = ((I+1)(1-y) - y(U+1)) / (U+1)^2
			g += iou * ((l.inter+1)*(1-t) - t*u) / (u * u) * p * (1 - p)
		}
		dx[i] += float32(g)
	}
}

// probabilities keeps mask and sigmoids in float64.
func (l *imageLoss) probabilities(x, y []float32) {
	if len(l.dp) != len(x) {
		l.y, l.p, l.dp = make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	}
	for i, v := range x {
		l.p[i], l.y[i] = pointwise.Sigmoid(float64(v)), float64(y[i])
	}
}

// weigh sets the weights of the pixels by the mask y (h, w).
func (l *imageLoss) weigh(y []float32, h, w int) {
	if len(l.weight) != h*w {
		l.weight, l.y = make([]float64, h*w), make([]float64, h*w)
	}
	for i, v := range y {
		l.y[i] = float64(v)
	}
	l.total = 0
	radius := edgeRadius(h)
	l.boxes.sum(l.weight, l.y, h, w, radius)
	for i, sum := range l.weight {
		v := 1 + l.terms.Edge*math.Abs(sum/windowArea(i/w, i%w, h, w, radius)-l.y[i])
		l.weight[i] = v
		l.total += v
	}
}
