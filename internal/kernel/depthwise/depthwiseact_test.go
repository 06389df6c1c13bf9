package depthwise

import (
	"fmt"
	"testing"
	"unsafe"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// slowConvAct is ConvAct as its comment says it, before the PReLU.
func slowConvAct(dst, x Band, params []float32, s Span) {
	for p := range s.Planes {
		w := params[p*Params:]
		for r := s.From; r < s.To; r++ {
			for i := range s.Width {
				u := float64(w[9])
				for y := range 3 {
					for k := range 3 {
						yy, xx := r+y-1, i+k-1
						if yy >= 0 && yy < s.Height && xx >= 0 && xx < s.Width {
							u += float64(w[3*y+k]) * float64(x.X[p*x.Stride+(yy-x.First)*s.Width+xx])
						}
					}
				}
				dst.X[p*dst.Stride+(r-dst.First)*s.Width+i] = float32(u)
			}
		}
	}
}

func TestDepthwiseAct(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, size := range append(depthwiseSizes(), [2]int{1, 1}, [2]int{1, 2}, [2]int{2, 1}, [2]int{112, 3}, [2]int{300, 5}) {
			n, h := size[0], size[1]
			r := kerneltest.NewRand(i)
			planes := 1 + i%3
			from, to := 0, h
			if i%2 == 1 && h > 2 {
				from = r.IntN(h - 1)
				to = h - i%4/2
				from = min(from, to-1)
			}
			first := max(from-1, 0) * (i / 2 % 2)
			xs, ds := (min(to+1, h)-first)*n+i%3, (to-from)*n+i%5
			x := m.Vector(t, (planes-1)*xs+(min(to+1, h)-first)*n, i%16)
			par := m.Vector(t, planes*Params, i%7).Random(r)
			if i%4 < 2 { // no slope above 1
				for k := 10; k < len(par.Data); k += Params {
					par.Data[k] = min(par.Data[k], 1)
				}
			}
			dst := m.Vector(t, (planes-1)*ds+(to-from)*n, (i+3)%16)
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
			for p := range planes {
				x.Plane(r, p*xs, n, n, min(to+1, h)-first)
			}
			span := Span{Width: n, Height: h, From: from, To: to, Planes: planes}
			out := Band{X: dst.Data, Stride: ds, First: from}
			src := Band{X: x.Data, Stride: xs, First: first}
			slow := func(dst, x, params []float32) {
				slowConvAct(Band{X: dst, Stride: ds, First: from}, Band{X: x, Stride: xs, First: first}, params, span)
			}
			slow(want, x.Data, par.Data)
			slow(scale, kerneltest.Magnitudes(x.Data), kerneltest.Magnitudes(par.Data))
			for p := range planes {
				slope := par.Data[p*Params+10]
				for k := range (to - from) * n {
					if at := p*ds + k; want[at] < 0 {
						want[at], scale[at] = want[at]*slope, scale[at]*max(slope, -slope)
					}
				}
			}
			ConvAct(out, src, par.Data, span, i%2 == 0)
			kerneltest.Same(t, fmt.Sprintf("depthwise act %dx%d rows %d to %d: dst", h, n, from, to), dst.Data, want, scale)
			for _, v := range []kerneltest.Vector{x, par, dst} {
				v.Check(t)
			}

			// Rows cut anyhow give the same bits.
			cut := kerneltest.Clone(dst.Data)
			for y := from; y < to; {
				part := span
				part.From, part.To = y, min(to, y+1+r.IntN(3))
				ConvAct(Band{X: cut, Stride: ds, First: from}, src, par.Data, part, false)
				y = part.To
			}
			kerneltest.SameBits(t, fmt.Sprintf("%dx%d in parts", h, n), cut, dst.Data)
		}
	})
}

// Streaming stores give the bits that others give.
func TestDepthwiseActStream(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		if !m.Words() {
			return
		}
		for _, n := range []int{16, 32, 48, 64, 80, 112, 144} {
			r := kerneltest.NewRand(n)
			h, planes := 1+n/16*5%19, 3
			x, par := m.Vector(t, planes*n*h, 3).Random(r), m.Vector(t, planes*Params, 1).Random(r)
			for k := 10; k < len(par.Data); k += Params {
				par.Data[k] = min(par.Data[k], 1)
			}
			lines := make([]float32, planes*n*h+16)
			for uintptr(unsafe.Pointer(&lines[0]))%64 != 0 {
				lines = lines[1:]
			}
			src := Band{X: x.Data, Stride: n * h}
			streamed, stored := lines[:planes*n*h], make([]float32, planes*n*h)
			for from := 0; from < h; from += 7 {
				span := Span{Width: n, Height: h, From: from, To: min(from+7, h), Planes: planes}
				ConvAct(Band{X: streamed, Stride: n * h}, src, par.Data, span, true)
				ConvAct(Band{X: stored, Stride: n * h}, src, par.Data, span, false)
			}
			kerneltest.SameBits(t, fmt.Sprintf("%dx%d", h, n), streamed, stored)
		}
	})
}

// Rows that a band cannot hold are not read or written past its end.
func TestDepthwiseActOutside(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		if !m.Words() || kernel.Current() == kernel.Plain { // plain code has Go's own checks
			return
		}
		const n, h, planes = 16, 12, 2
		x := make([]float32, planes*n*h)
		par := make([]float32, planes*Params)
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
				ConvAct(bands[0], bands[1], par, Span{Width: n, Height: h, From: 6, To: 10, Planes: planes}, false)
			}()
		}
	})
}

// Rows of rings have the bits of rows that lie one after the other.
func TestDepthwiseActRing(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, n := range []int{1, 7, 16, 33, 64, 100, 224} {
			r := kerneltest.NewRand(i)
			h, planes := 23, 1+i%3
			x, par := m.Vector(t, planes*n*h, 3).Random(r), m.Vector(t, planes*Params, 1).Random(r)
			for k := 10; k < len(par.Data) && i%2 == 0; k += Params {
				par.Data[k] = min(par.Data[k], 1)
			}
			want := make([]float32, planes*n*h)
			ConvAct(Band{X: want, Stride: n * h}, Band{X: x.Data, Stride: n * h}, par.Data, Span{Width: n, Height: h, From: 0, To: h, Planes: planes}, false)
			for _, rows := range [][2]int{{3, 1}, {4, 3}, {10, 8}, {13, 9}, {16, 23}} { // of the rings
				stride := rows[0]*n + i%3
				in := m.Vector(t, (planes-1)*stride+rows[0]*n, i%16)
				out := m.Vector(t, (planes-1)*(rows[1]*n+i)+rows[1]*n, (i+5)%16)
				dst := Band{X: out.Data, Stride: rows[1]*n + i, Ring: rows[1]}
				made, got := 0, make([]float32, len(want))
				for y := 0; y < h; {
					next := min(y+min(rows[0]-2, rows[1], 1+r.IntN(9)), h)
					for ; made < min(next+1, h); made++ {
						for p := range planes {
							copy(in.Data[p*stride+made%rows[0]*n:][:n], x.Data[(p*h+made)*n:])
						}
					}
					ConvAct(dst, Band{X: in.Data, Stride: stride, Ring: rows[0]}, par.Data, Span{Width: n, Height: h, From: y, To: next, Planes: planes}, false)
					for ; y < next; y++ {
						for p := range planes {
							copy(got[(p*h+y)*n:][:n], out.Data[p*dst.Stride+y%rows[1]*n:])
						}
					}
				}
				for k, v := range got {
					if v != want[k] {
						t.Fatalf("%dx%d, rings of %d and %d rows: [%d] = %v, want %v", h, n, rows[0], rows[1], k, v, want[k])
					}
				}
				in.Check(t)
				out.Check(t)
			}
		}
	})
}
