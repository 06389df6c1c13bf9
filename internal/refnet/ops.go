package refnet

import "math"

// Map is a float64 feature map of shape (N, C, H, W), row-major.
type Map struct {
	N, C, H, W int
	Data       []float64
}

// NewMap returns a map of zeros.
func NewMap(n, c, h, w int) Map {
	return Map{n, c, h, w, make([]float64, n*c*h*w)}
}

// plane returns the values of channel c of image n.
func (m Map) plane(n, c int) []float64 {
	hw := m.H * m.W
	return m.Data[(n*m.C+c)*hw:][:hw]
}

func (m Map) add(o Map) {
	for i, v := range o.Data {
		m.Data[i] += v
	}
}

// conv is the plain zero-padded convolution with pad = dilation * (k-1)/2:
//
//	y[n,o,i,j] = scale * sum_{c,u,v} w[o,c,u,v] x[n, c, i*stride+u*dil-pad, j*stride+v*dil-pad]
//
// w has shape (out, x.C, k, k).
func conv(x Map, w []float32, out, k, stride, dil int, scale float64) Map {
	pad := dil * (k - 1) / 2
	y := NewMap(x.N, out, (x.H+stride-1)/stride, (x.W+stride-1)/stride)
	for n := range x.N {
		for o := range out {
			for c := range x.C {
				for t := range k * k {
					tap(y.plane(n, o), x.plane(n, c), y, x, scale*float64(w[(o*x.C+c)*k*k+t]), t/k*dil-pad, t%k*dil-pad, stride)
				}
			}
		}
	}
	return y
}

// depthwise is the 3x3 convolution of each channel with its own filter,
// w of shape (C, 1, 3, 3), pad 1.
func depthwise(x Map, w []float32, scale float64) Map {
	y := NewMap(x.N, x.C, x.H, x.W)
	for n := range x.N {
		for c := range x.C {
			for t := range 9 {
				tap(y.plane(n, c), x.plane(n, c), y, x, scale*float64(w[c*9+t]), t/3-1, t%3-1, 1)
			}
		}
	}
	return y
}

// tap adds a * src[i*stride+di, j*stride+dj] to dst[i, j] wherever the source
// lies inside; ys and xs give the planes' sizes.
func tap(dst, src []float64, ys, xs Map, a float64, di, dj, stride int) {
	for i := range ys.H {
		si := i*stride + di
		if si < 0 || si >= xs.H {
			continue
		}
		d, s := dst[i*ys.W:][:ys.W], src[si*xs.W:][:xs.W]
		for j := range d {
			if sj := j*stride + dj; sj >= 0 && sj < len(s) {
				d[j] += a * s[sj]
			}
		}
	}
}

// maxPool takes the largest of each f x f window, stride f.
func maxPool(x Map, f int) Map {
	return pool(x, f, math.Inf(-1), math.Max, 1)
}

// avgPool takes the mean of each 2x2 window, stride 2.
func avgPool(x Map) Map { return meanPool(x, 2) }

// meanPool takes the mean of each f x f window, stride f.
func meanPool(x Map, f int) Map {
	return pool(x, f, 0, func(a, b float64) float64 { return a + b }, 1/float64(f*f))
}

func pool(x Map, f int, start float64, join func(a, b float64) float64, scale float64) Map {
	y := NewMap(x.N, x.C, x.H/f, x.W/f)
	for nc := range x.N * x.C {
		src := x.Data[nc*x.H*x.W:]
		for i := range y.H {
			for j := range y.W {
				v := start
				for t := range f * f {
					v = join(v, src[(i*f+t/f)*x.W+j*f+t%f])
				}
				y.Data[(nc*y.H+i)*y.W+j] = v * scale
			}
		}
	}
	return y
}

// norm normalises each channel in place with the given statistics.
func norm(x Map, gamma, beta []float32, mean, variance []float64, eps float64) {
	for n := range x.N {
		for c := range x.C {
			a := float64(gamma[c]) / math.Sqrt(variance[c]+eps)
			p := x.plane(n, c)
			for i, v := range p {
				p[i] = (v-mean[c])*a + float64(beta[c])
			}
		}
	}
}

// moments returns each channel's mean and biased variance over the batch.
func moments(x Map) (mean, variance []float64) {
	mean, variance = make([]float64, x.C), make([]float64, x.C)
	m := float64(x.N * x.H * x.W)
	for c := range x.C {
		for n := range x.N {
			for _, v := range x.plane(n, c) {
				mean[c] += v / m
			}
		}
		for n := range x.N {
			for _, v := range x.plane(n, c) {
				variance[c] += (v - mean[c]) * (v - mean[c]) / m
			}
		}
	}
	return mean, variance
}

// prelu multiplies negative values by their channel's slope, in place.
func prelu(x Map, slope []float32) {
	for n := range x.N {
		for c := range x.C {
			p := x.plane(n, c)
			for i, v := range p {
				if v < 0 {
					p[i] = v * float64(slope[c])
				}
			}
		}
	}
}
