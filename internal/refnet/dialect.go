package refnet

import (
	"math"

	"csnet/model"
)

// reach brings a map to h x w as a dialect does: down by the largest values or the means of
// windows, up by the nearest value or bilinearly, or bilinearly to any size.
func reach(dialect string, x Map, h, w int) Map {
	switch down := h < x.H; {
	case dialect == model.CSNet && down:
		return maxPool(x, x.H/h)
	case dialect == model.Octave && down:
		return meanPool(x, x.H/h)
	case dialect == model.Octave:
		return nearest(x, h/x.H)
	}
	return resize(x, h, w)
}

// nearest repeats every value f times in both directions.
func nearest(x Map, f int) Map {
	y := NewMap(x.N, x.C, x.H*f, x.W*f)
	for i := range y.Data {
		r, c := i/y.W, i%y.W
		y.Data[i] = x.Data[r/y.H*x.H*x.W+r%y.H/f*x.W+c/f]
	}
	return y
}

// resize is bilinear to h x w, half-pixel centres (align_corners = false), clamped to the
// edge.
func resize(x Map, h, w int) Map {
	y := NewMap(x.N, x.C, h, w)
	at := func(d, from, to int) (lo, hi int, share float64) {
		s := math.Max(0, (float64(d)+0.5)*float64(from)/float64(to)-0.5)
		lo = min(int(s), from-1)
		return lo, min(lo+1, from-1), s - float64(lo)
	}
	for i := range y.Data {
		p, r, c := i/(h*w), i/w%h, i%w
		i0, i1, a := at(r, x.H, h)
		j0, j1, b := at(c, x.W, w)
		src := x.Data[p*x.H*x.W:]
		top := (1-b)*src[i0*x.W+j0] + b*src[i0*x.W+j1]
		low := (1-b)*src[i1*x.W+j0] + b*src[i1*x.W+j1]
		y.Data[i] = (1-a)*top + a*low
	}
	return y
}

// groupNorm normalises each image's groups of channels in place.
func groupNorm(x Map, gamma, beta []float32, groups int, eps float64) {
	size := x.C / groups
	for n := range x.N {
		for g := range groups {
			var mean, variance float64
			m := float64(size * x.H * x.W)
			for c := g * size; c < (g+1)*size; c++ {
				for _, v := range x.plane(n, c) {
					mean += v / m
				}
			}
			for c := g * size; c < (g+1)*size; c++ {
				for _, v := range x.plane(n, c) {
					variance += (v - mean) * (v - mean) / m
				}
			}
			for c := g * size; c < (g+1)*size; c++ {
				p := x.plane(n, c)
				for i, v := range p {
					p[i] = (v-mean)/math.Sqrt(variance+eps)*float64(gamma[c]) + float64(beta[c])
				}
			}
		}
	}
}

// balanced multiplies the weights of output octave j by the shares of its channels: b has
// shape (len(out), sum of out).
func balanced(w func(i, j int) []float32, b []float32, out []int) func(i, j int) []float32 {
	return func(i, j int) []float32 {
		all, at := 0, 0
		for k, c := range out {
			if k < j {
				at += c
			}
			all += c
		}
		ws := append([]float32(nil), w(i, j)...)
		n := len(ws) / out[j]
		for c := range out[j] {
			sum := 1e-14
			for k := range out {
				sum += math.Abs(float64(b[k*all+at+c]))
			}
			f := math.Abs(float64(b[j*all+at+c])) / sum
			for t := range n {
				ws[c*n+t] = float32(float64(ws[c*n+t]) * f)
			}
		}
		return ws
	}
}
