package op

// Constants of SSIM for values of 0 to 1, and the radius of its square window.
const (
	ssimC1     = 0.01 * 0.01
	ssimC2     = 0.03 * 0.03
	ssimRadius = 5
)

// boxes sums windows of an image and keeps its table.
type boxes struct{ table []float64 }

// sum writes into dst (h, w) for each pixel the sum of src over the square window of
// this radius around it, as far as it lies in the image.
func (b *boxes) sum(dst, src []float64, h, w, radius int) {
	if len(b.table) != (h+1)*(w+1) {
		b.table = make([]float64, (h+1)*(w+1))
	}
	for r := range h {
		row := 0.0
		for c := range w {
			row += src[r*w+c]
			b.table[(r+1)*(w+1)+c+1] = b.table[r*(w+1)+c+1] + row
		}
	}
	for r := range h {
		top, bottom := max(r-radius, 0)*(w+1), min(r+radius+1, h)*(w+1)
		for c := range w {
			left, right := max(c-radius, 0), min(c+radius+1, w)
			dst[r*w+c] = b.table[bottom+right] - b.table[bottom+left] - b.table[top+right] + b.table[top+left]
		}
	}
}

// windowArea is how many pixels of an h x w image the window around (r, c) holds.
func windowArea(r, c, h, w, radius int) float64 {
	return float64((min(r+radius+1, h) - max(r-radius, 0)) * (min(c+radius+1, w) - max(c-radius, 0)))
}

// ssim is the structural similarity (Wang et al., 2004) of two images p and y of
// values 0 to 1, the mean over the windows of 11 x 11 around all pixels of
//
//	(2 mp my + C1)(2 spy + C2) / ((mp^2 + my^2 + C1)(sp^2 + sy^2 + C2))
//
// with means m, variances s^2 and covariance spy of equally weighted pixels. It
// keeps what the gradient needs.
type ssim struct {
	boxes   boxes
	product []float64
	moments [5][]float64 // sums over windows of p, y, pp, yy, py
	slopes  [3][]float64 // of the mean by mp, by the mean of pp and by that of py, over a window's area
}

// mean returns the similarity.
func (s *ssim) mean(p, y []float64, h, w int) float64 {
	n := h * w
	if len(s.product) != n {
		s.product = make([]float64, n)
		for i := range s.moments {
			s.moments[i] = make([]float64, n)
		}
		for i := range s.slopes {
			s.slopes[i] = make([]float64, n)
		}
	}
	for k, pair := range [5][2][]float64{{p}, {y}, {p, p}, {y, y}, {p, y}} {
		for i, v := range pair[0] {
			if pair[1] != nil {
				v *= pair[1][i]
			}
			s.product[i] = v
		}
		s.boxes.sum(s.moments[k], s.product, h, w, ssimRadius)
	}
	total := 0.0
	for i := range n {
		area := windowArea(i/w, i%w, h, w, ssimRadius)
		mp, my := s.moments[0][i]/area, s.moments[1][i]/area
		a, b := 2*mp*my+ssimC1, 2*(s.moments[4][i]/area-mp*my)+ssimC2
		d, e := mp*mp+my*my+ssimC1, s.moments[2][i]/area-mp*mp+s.moments[3][i]/area-my*my+ssimC2
		v := a * b / (d * e)
		total += v
		s.slopes[0][i] = (2*my*(b-a)/(d*e) - v*2*mp*(1/d-1/e)) / area
		s.slopes[1][i] = -v / e / area
		s.slopes[2][i] = 2 * a / (d * e) / area
	}
	return total / float64(n)
}

// gradient writes into dp the gradient of the similarity that mean returned last.
func (s *ssim) gradient(dp, p, y []float64, h, w int) {
	for i := range s.slopes {
		s.boxes.sum(s.moments[i], s.slopes[i], h, w, ssimRadius)
	}
	n := float64(h * w)
	for i := range dp {
		dp[i] = (s.moments[0][i] + 2*p[i]*s.moments[1][i] + y[i]*s.moments[2][i]) / n
	}
}
