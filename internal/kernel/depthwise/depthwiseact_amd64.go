//go:build amd64 && !noasm

package depthwise

import (
	"fmt"
	"unsafe"

	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

func convAct(dst, x *Band, params []float32, s Span, streaming bool) {
	level, n := kernel.Current(), s.Width
	if level == kernel.Plain || n <= 0 || s.Planes <= 0 || s.From >= s.To {
		convActGeneric(dst, x, params, s)
		return
	}
	_ = params[s.Planes*Params-1]
	d, dstEnd := dst.pointer(s.From, s.To, n, s.Planes)
	src, xEnd := x.pointer(max(s.From-1, 0), min(s.To+1, s.Height), n, s.Planes)
	for p := range s.Planes {
		if params[p*Params+10] > 1 {
			convActSteep(dst, x, params, s)
			return
		}
	}
	// Streaming stores write whole cache lines, which are AVX-512's registers.
	streaming = streaming && level == kernel.AVX512 && n%16 == 0 && dst.Stride%16 == 0 && uintptr(unsafe.Pointer(d))%64 == 0
	callDepthwiseAct(level, streaming, &depthwiseActArgs{
		dst: d, ds: dst.Stride, dstEnd: dstEnd, dstRing: dst.Ring * n,
		x: src, xs: x.Stride, xEnd: xEnd, xRing: x.Ring * n,
		params: &params[0], n: n, h: s.Height, from: s.From, to: s.To, planes: s.Planes,
	})
}

// pointer returns where row from of n floats is, and after how many floats more the
// ring begins anew. It panics where the band does not hold the rows before row to.
func (b *Band) pointer(from, to, n, planes int) (*float32, int) {
	last, left := b.row(to-1), endless
	if b.Ring > 0 {
		left = (b.Ring - b.row(from)) * n
		if to-from > b.Ring {
			panic(fmt.Sprintf("depthwise: %d rows in a ring of %d", to-from, b.Ring))
		}
		last = min(to-1, b.Ring-1)
	}
	_ = b.X[(planes-1)*b.Stride+(last+1)*n-1]
	return &b.X[b.row(from)*n], left
}

// endless is more floats than there are addresses.
const endless = 1 << 60

// convActSteep is convAct plane by plane, with the PReLU in a pass of its own.
func convActSteep(dst, x *Band, params []float32, s Span) {
	n := s.Width
	for p := range s.Planes {
		own := [Params]float32(params[p*Params:])
		own[10] = 1
		one, src, span := *dst, *x, s
		one.X, src.X, span.Planes = dst.X[p*dst.Stride:], x.X[p*x.Stride:], 1
		convAct(&one, &src, own[:], span, false)
		for r := s.From; r < s.To; {
			end := s.To
			if one.Ring > 0 {
				end = min(s.To, r-r%one.Ring+one.Ring)
			}
			d := kernel.Rows(one.X[one.row(r)*n:][:(end-r)*n], n)
			pointwise.NormActRows(d, d, n, end-r, 1, 0, params[p*Params+10])
			r = end
		}
	}
}
