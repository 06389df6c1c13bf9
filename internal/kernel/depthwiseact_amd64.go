//go:build amd64 && !noasm

package kernel

import (
	"fmt"
	"unsafe"
)

func depthwiseAct(dst, x *Band, par []float32, n, h, from, to, planes int, far bool) {
	level := Current()
	if level == Plain || n <= 0 || planes <= 0 || from >= to {
		depthwiseActGeneric(dst, x, par, n, h, from, to, planes)
		return
	}
	_ = par[planes*DepthwiseParams-1]
	d, dl := dst.pointer(from, to, n, planes)
	s, xl := x.pointer(max(from-1, 0), min(to+1, h), n, planes)
	for p := range planes {
		if par[p*DepthwiseParams+10] > 1 {
			depthwiseActSteep(dst, x, par, n, h, from, to, planes)
			return
		}
	}
	far = far && level == AVX512 && n%16 == 0 && dst.Stride%16 == 0 && uintptr(unsafe.Pointer(d))%64 == 0
	callDepthwiseAct(level, far, &depthwiseActArgs{
		dst: d, ds: dst.Stride, dstend: dl, dstround: dst.Ring * n,
		x: s, xs: x.Stride, xend: xl, xround: x.Ring * n,
		par: &par[0], n: n, h: h, from: from, to: to, planes: planes,
	})
}

// pointer returns where row from of n floats is, and how many floats further on
// rows begin anew. It panics where the band does not hold the rows before row to.
func (b *Band) pointer(from, to, n, planes int) (*float32, int) {
	last, left := b.row(to-1), endless
	if b.Ring > 0 {
		left = (b.Ring - b.row(from)) * n
		if to-from > b.Ring {
			panic(fmt.Sprintf("kernel: %d rows in a ring of %d", to-from, b.Ring))
		}
		last = min(to-1, b.Ring-1)
	}
	_ = b.X[(planes-1)*b.Stride+(last+1)*n-1]
	return &b.X[b.row(from)*n], left
}

// endless is more floats than there are addresses.
const endless = 1 << 60

// depthwiseActSteep is depthwiseAct plane by plane, the PReLU in a pass of its
// own.
func depthwiseActSteep(dst, x *Band, par []float32, n, h, from, to, planes int) {
	for p := range planes {
		own := [DepthwiseParams]float32(par[p*DepthwiseParams:])
		own[10] = 1
		one, src := *dst, *x
		one.X, src.X = dst.X[p*dst.Stride:], x.X[p*x.Stride:]
		depthwiseAct(&one, &src, own[:], n, h, from, to, 1, false)
		for r := from; r < to; {
			end := to
			if one.Ring > 0 {
				end = min(to, r-r%one.Ring+one.Ring)
			}
			d := one.X[one.row(r)*n:][:(end-r)*n]
			normActRows(d, n, d, n, n, end-r, 1, 0, par[p*DepthwiseParams+10])
			r = end
		}
	}
}
