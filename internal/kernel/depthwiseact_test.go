package kernel

import (
	"fmt"
	"testing"
	"unsafe"
)

// slowDepthwiseAct is DepthwiseAct as its comment says it, before the PReLU.
func slowDepthwiseAct(dst []float32, ds int, x []float32, xs, first int, par []float32, n, h, from, to, planes int) {
	for p := range planes {
		w := par[p*DepthwiseParams:]
		for r := from; r < to; r++ {
			for i := range n {
				u := float64(w[9])
				for y := range 3 {
					for k := range 3 {
						yy, xx := r+y-1, i+k-1
						if yy >= 0 && yy < h && xx >= 0 && xx < n {
							u += float64(w[3*y+k]) * float64(x[p*xs+(yy-first)*n+xx])
						}
					}
				}
				dst[p*ds+(r-from)*n+i] = float32(u)
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
			from, to := 0, h
			if i%2 == 1 && h > 2 {
				from = r.IntN(h - 1)
				to = h - i%4/2
				from = min(from, to-1)
			}
			first := max(from-1, 0) * (i / 2 % 2)
			xs, ds := (min(to+1, h)-first)*n+i%3, (to-from)*n+i%5
			x := m.vector(t, (planes-1)*xs+(min(to+1, h)-first)*n, i%16)
			par := m.vector(t, planes*DepthwiseParams, i%7).random(r)
			if i%4 < 2 { // no slope above 1
				for k := 10; k < len(par.data); k += DepthwiseParams {
					par.data[k] = min(par.data[k], 1)
				}
			}
			dst := m.vector(t, (planes-1)*ds+(to-from)*n, (i+3)%16)
			want, scale := clone(dst.data), clone(dst.data)
			for p := range planes {
				x.plane(r, p*xs, n, n, min(to+1, h)-first)
			}
			slowDepthwiseAct(want, ds, x.data, xs, first, par.data, n, h, from, to, planes)
			slowDepthwiseAct(scale, ds, magnitudes(x.data), xs, first, magnitudes(par.data), n, h, from, to, planes)
			for p := range planes {
				slope := par.data[p*DepthwiseParams+10]
				for k := range (to - from) * n {
					if at := p*ds + k; want[at] < 0 {
						want[at], scale[at] = want[at]*slope, scale[at]*max(slope, -slope)
					}
				}
			}
			DepthwiseAct(dst.data, ds, x.data, xs, first, par.data, n, h, from, to, planes, i%2 == 0)
			same(t, fmt.Sprintf("depthwise act %dx%d rows %d to %d: dst", h, n, from, to), dst.data, want, scale)
			for _, v := range []vector{x, par, dst} {
				v.check(t)
			}

			// Rows cut anyhow give the same bits.
			cut := clone(dst.data)
			for y := from; y < to; {
				next := min(to, y+1+r.IntN(3))
				DepthwiseAct(cut[(y-from)*n:], ds, x.data, xs, first, par.data, n, h, y, next, planes, false)
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

// A far dst of whole lines gets the bits of one nearby.
func TestDepthwiseActFar(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		if m.name != guardWords().name {
			return
		}
		for _, n := range []int{16, 32, 48, 64, 80, 112, 144} {
			r := newRand(n)
			h, planes := 1+n/16*5%19, 3
			x, par := m.vector(t, planes*n*h, 3).random(r), m.vector(t, planes*DepthwiseParams, 1).random(r)
			for k := 10; k < len(par.data); k += DepthwiseParams {
				par.data[k] = min(par.data[k], 1)
			}
			lines := make([]float32, planes*n*h+16)
			for uintptr(unsafe.Pointer(&lines[0]))%64 != 0 {
				lines = lines[1:]
			}
			far, near := lines[:planes*n*h], make([]float32, planes*n*h)
			for from := 0; from < h; from += 7 {
				to := min(from+7, h)
				DepthwiseAct(far[from*n:], n*h, x.data, n*h, 0, par.data, n, h, from, to, planes, true)
				DepthwiseAct(near[from*n:], n*h, x.data, n*h, 0, par.data, n, h, from, to, planes, false)
			}
			for i, v := range near {
				if far[i] != v {
					t.Fatalf("%dx%d: [%d] = %v far, %v nearby", h, n, i, far[i], v)
				}
			}
		}
	})
}
