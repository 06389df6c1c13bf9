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
			src := Band{X: x.data, Stride: xs, First: first}
			DepthwiseAct(Band{X: dst.data, Stride: ds, First: from}, src, par.data, n, h, from, to, planes, i%2 == 0)
			same(t, fmt.Sprintf("depthwise act %dx%d rows %d to %d: dst", h, n, from, to), dst.data, want, scale)
			for _, v := range []vector{x, par, dst} {
				v.check(t)
			}

			// Rows cut anyhow give the same bits.
			cut := clone(dst.data)
			for y := from; y < to; {
				next := min(to, y+1+r.IntN(3))
				DepthwiseAct(Band{X: cut, Stride: ds, First: from}, src, par.data, n, h, y, next, planes, false)
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
			src := Band{X: x.data, Stride: n * h}
			far, near := lines[:planes*n*h], make([]float32, planes*n*h)
			for from := 0; from < h; from += 7 {
				to := min(from+7, h)
				DepthwiseAct(Band{X: far, Stride: n * h}, src, par.data, n, h, from, to, planes, true)
				DepthwiseAct(Band{X: near, Stride: n * h}, src, par.data, n, h, from, to, planes, false)
			}
			for i, v := range near {
				if far[i] != v {
					t.Fatalf("%dx%d: [%d] = %v far, %v nearby", h, n, i, far[i], v)
				}
			}
		}
	})
}

// Rows that a band cannot hold are not read or written past its end.
func TestDepthwiseActOutside(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		if m.name != guardWords().name || Current() == Plain { // plain code has Go's own checks
			return
		}
		const n, h, planes = 16, 12, 2
		x := make([]float32, planes*n*h)
		par := make([]float32, planes*DepthwiseParams)
		whole := Band{X: x, Stride: n * h}
		for name, bands := range map[string][2]Band{
			"a ring of fewer rows than are written": {{X: x, Stride: n * h, Ring: 3}, whole},
			"a ring of fewer rows than are read":    {whole, {X: x, Stride: n * h, Ring: 5}},
			"a short ring of dst":                   {{X: x[:n*h+n*7], Stride: n * h, Ring: 8}, whole},
			"a short ring of x":                     {whole, {X: x[:n*h+n*7], Stride: n * h, Ring: 8}},
			"a short dst":                           {{X: x[:planes*n*4-1], Stride: n * 4, First: 6}, whole},
			"a short x":                             {whole, {X: x[:planes*n*6-1], Stride: n * 6, First: 5}},
			"an x that begins too late":             {whole, {X: x, Stride: n * 6, First: 6}},
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic", name)
					}
				}()
				DepthwiseAct(bands[0], bands[1], par, n, h, 6, 10, planes, false)
			}()
		}
	})
}

// Rows of rings have the bits of rows that lie one after the other.
func TestDepthwiseActRing(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, n := range []int{1, 7, 16, 33, 64, 100, 224} {
			r := newRand(i)
			h, planes := 23, 1+i%3
			x, par := m.vector(t, planes*n*h, 3).random(r), m.vector(t, planes*DepthwiseParams, 1).random(r)
			for k := 10; k < len(par.data) && i%2 == 0; k += DepthwiseParams {
				par.data[k] = min(par.data[k], 1)
			}
			want := make([]float32, planes*n*h)
			DepthwiseAct(Band{X: want, Stride: n * h}, Band{X: x.data, Stride: n * h}, par.data, n, h, 0, h, planes, false)
			for _, rows := range [][2]int{{3, 1}, {4, 3}, {10, 8}, {13, 9}, {16, 23}} { // of the rings
				stride := rows[0]*n + i%3
				in := m.vector(t, (planes-1)*stride+rows[0]*n, i%16)
				out := m.vector(t, (planes-1)*(rows[1]*n+i)+rows[1]*n, (i+5)%16)
				dst := Band{X: out.data, Stride: rows[1]*n + i, Ring: rows[1]}
				made, got := 0, make([]float32, len(want))
				for y := 0; y < h; {
					next := min(y+min(rows[0]-2, rows[1], 1+r.IntN(9)), h)
					for ; made < min(next+1, h); made++ {
						for p := range planes {
							copy(in.data[p*stride+made%rows[0]*n:][:n], x.data[(p*h+made)*n:])
						}
					}
					DepthwiseAct(dst, Band{X: in.data, Stride: stride, Ring: rows[0]}, par.data, n, h, y, next, planes, false)
					for ; y < next; y++ {
						for p := range planes {
							copy(got[(p*h+y)*n:][:n], out.data[p*dst.Stride+y%rows[1]*n:])
						}
					}
				}
				for k, v := range got {
					if v != want[k] {
						t.Fatalf("%dx%d, rings of %d and %d rows: [%d] = %v, want %v", h, n, rows[0], rows[1], k, v, want[k])
					}
				}
				in.check(t)
				out.check(t)
			}
		}
	})
}
