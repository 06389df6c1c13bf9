package kernel

import (
	"fmt"
	"testing"
)

// slowDepthwiseAct is DepthwiseAct as its comment says it, before the PReLU.
func slowDepthwiseAct(dst, x, par []float32, n, h, from, to, planes int) {
	for p := range planes {
		w := par[p*DepthwiseParams:]
		for r := from; r < to; r++ {
			for i := range n {
				u := float64(w[9])
				for y := range 3 {
					for k := range 3 {
						yy, xx := r+y-1, i+k-1
						if yy >= 0 && yy < h && xx >= 0 && xx < n {
							u += float64(w[3*y+k]) * float64(x[(p*h+yy)*n+xx])
						}
					}
				}
				dst[(p*h+r)*n+i] = float32(u)
			}
		}
	}
}

func TestDepthwiseAct(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, size := range append(depthwiseSizes(), [2]int{1, 1}, [2]int{1, 2}, [2]int{2, 1}, [2]int{112, 3}, [2]int{300, 5}) {
			n, h := size[0], size[1]
			r := newRand(i)
			planes := 1 + i%3
			x := m.vector(t, planes*h*n, i%16).random(r)
			par := m.vector(t, planes*DepthwiseParams, i%7).random(r)
			dst := m.vector(t, planes*h*n, (i+3)%16)
			from, to := 0, h
			if i%2 == 1 && h > 2 {
				from, to = r.IntN(h), h-1
				from = min(from, to-1)
			}
			want, scale := clone(dst.data), clone(dst.data)
			slowDepthwiseAct(want, x.data, par.data, n, h, from, to, planes)
			slowDepthwiseAct(scale, magnitudes(x.data), magnitudes(par.data), n, h, from, to, planes)
			for k, u := range want {
				if slope := par.data[k/(n*h)*DepthwiseParams+10]; u < 0 {
					want[k], scale[k] = u*slope, scale[k]*max(slope, -slope)
				}
			}
			DepthwiseAct(dst.data, x.data, par.data, n, h, from, to, planes)
			same(t, fmt.Sprintf("depthwise act %dx%d rows %d to %d: dst", h, n, from, to), dst.data, want, scale)
			for _, v := range []vector{x, par, dst} {
				v.check(t)
			}

			// Rows cut anyhow give the same bits.
			cut := clone(dst.data)
			for y := from; y < to; {
				next := min(to, y+1+r.IntN(3))
				DepthwiseAct(cut, x.data, par.data, n, h, y, next, planes)
				y = next
			}
			for k, v := range cut {
				if v != dst.data[k] && v == v {
					t.Fatalf("%dx%d in parts: [%d] = %v, want %v", h, n, k, v, dst.data[k])
				}
			}
		}
	})
}
