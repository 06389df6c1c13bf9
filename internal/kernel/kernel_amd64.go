//go:build amd64 && !noasm

package kernel

import (
	"fmt"
	"math"
	"unsafe"
)

//go:generate sh -c "cd _generate && go run . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel"

// slack is how many rows further down a plane must reach, with either pitch,
// so that a whole vector over the end of a row of n stays inside it.
func slack(n, lanes, xp, gp int) int {
	pitch := min(xp, gp)
	if pitch <= 0 {
		return math.MaxInt32
	}
	return (lanes - 1 - (n-1)%lanes + pitch - 1) / pitch
}

// first returns the address of x[0], nil without.
func first(x []float32) *float32 {
	if len(x) == 0 {
		return nil
	}
	return &x[0]
}

func depthwise(dst []float32, dp int, x []float32, xp int, w *[9]float32, n, rows int, ahead []float32) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 {
		depthwiseGeneric(dst, dp, x, xp, w, n, rows)
		return
	}
	_, _ = dst[(rows-1)*dp+n-1], x[(rows+1)*xp+n+1]
	if level == AVX512 {
		depthwiseAVX512(&dst[0], dp, &x[0], xp, &w[0], n, rows, slack(n, 16, xp, xp), first(ahead))
		return
	}
	depthwiseAVX2(&dst[0], dp, &x[0], xp, &w[0], n, rows, slack(n, 8, xp, xp), first(ahead))
}

func depthwiseGrad(dw *[9]float32, x []float32, xp int, g []float32, gp, n, rows int, ahead, ahead2 []float32) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 {
		depthwiseGradGeneric(dw, x, xp, g, gp, n, rows)
		return
	}
	_, _ = g[(rows-1)*gp+n-1], x[(rows+1)*xp+n+1]
	if level == AVX512 {
		depthwiseGradAVX512(&dw[0], &x[0], xp, &g[0], gp, n, rows, slack(n, 16, xp, gp), first(ahead), first(ahead2))
		return
	}
	depthwiseGradAVX2(&dw[0], &x[0], xp, &g[0], gp, n, rows, slack(n, 8, xp, gp), first(ahead), first(ahead2))
}

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
	p, dr, xr := &par[0], dst.Ring*n, x.Ring*n
	switch {
	case far:
		depthwiseActFarAVX512(d, dst.Stride, dl, dr, s, x.Stride, xl, xr, p, n, h, from, to, planes)
	case level == AVX512:
		depthwiseActAVX512(d, dst.Stride, dl, dr, s, x.Stride, xl, xr, p, n, h, from, to, planes)
	default:
		depthwiseActAVX2(d, dst.Stride, dl, dr, s, x.Stride, xl, xr, p, n, h, from, to, planes)
	}
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

// wideChunk is chunk for the vector kernels, which sum it in at least 16 parts.
const wideChunk = 128 * chunk

func chunkNow() int {
	if Current() == Plain {
		return chunk
	}
	return wideChunk
}

func sum(x []float32) (s float32) {
	switch level := Current(); {
	case level == Plain || len(x) == 0:
		return sumGeneric(x)
	case level == AVX512:
		sumAVX512(&x[0], len(x), &s)
	default:
		sumAVX2(&x[0], len(x), &s)
	}
	return s
}

func moments(x []float32, shift float32) (sum, square float32) {
	var out [2]float32
	switch level := Current(); {
	case level == Plain || len(x) == 0:
		return momentsGeneric(x, shift)
	case level == AVX512:
		momentsAVX512(&x[0], len(x), shift, &out[0])
	default:
		momentsAVX2(&x[0], len(x), shift, &out[0])
	}
	return out[0], out[1]
}

func normActRows(dst []float32, dp int, z []float32, zp, n, rows int, a, b, slope float32) {
	if Current() == Plain || n <= 0 || rows <= 0 {
		normActGeneric(dst, dp, z, zp, n, rows, a, b, slope)
		return
	}
	normActBlock(dst, dp, z, zp, n, rows, &a, &b, &slope, 0)
}

func normActPlanes(dst []float32, ds int, z []float32, zs, n int, a, b, slope []float32) {
	if Current() == Plain || n <= 0 || len(a) == 0 {
		normActPlanesGeneric(dst, ds, z, zs, n, a, b, slope)
		return
	}
	normActBlock(dst, ds, z, zs, n, len(a), &a[0], &b[:len(a)][0], &slope[:len(a)][0], 1)
}

func normActBlock(dst []float32, dp int, z []float32, zp, n, rows int, a, b, slope *float32, step int) {
	_, _ = dst[(rows-1)*dp+n-1], z[(rows-1)*zp+n-1]
	if Current() == AVX512 {
		normActAVX512(&dst[0], dp, &z[0], zp, n, rows, a, b, slope, step)
		return
	}
	normActAVX2(&dst[0], dp, &z[0], zp, n, rows, a, b, slope, step)
}

func prefetch(x []float32) {
	if len(x) > 0 && Current() != Plain {
		prefetchLines(&x[0], (len(x)+15)/16)
	}
}

func copyRows(dst []float32, dp int, x []float32, xp, n, rows int) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 {
		copyRowsGeneric(dst, dp, x, xp, n, rows)
		return
	}
	_, _ = dst[(rows-1)*dp+n-1], x[(rows-1)*xp+n-1]
	if level == AVX512 {
		copyRowsAVX512(&dst[0], dp, &x[0], xp, n, rows)
		return
	}
	copyRowsAVX2(&dst[0], dp, &x[0], xp, n, rows)
}

func actSums(d, z []float32, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	n := len(z)
	var out [4]float32
	switch level := Current(); {
	case level == Plain || n == 0:
		return actSumsGeneric(d, z, a, b, slope, mean)
	case level == AVX512:
		actSumsAVX512(&d[:n][0], &z[0], n, a, b, slope, mean, &out[0])
	default:
		actSumsAVX2(&d[:n][0], &z[0], n, a, b, slope, mean, &out[0])
	}
	return out[0], out[1], out[2], out[3]
}

func actNormGrad(dst []float32, dp int, g []float32, gp int, z []float32, zp, n, rows int, f *NormFactors, k int) {
	if Current() == Plain || n <= 0 || rows <= 0 {
		actNormGradGeneric(dst, dp, g, gp, z, zp, n, rows, f, k)
		return
	}
	actNormGradBlock(dst, dp, g, gp, z, zp, n, rows, f, k, 0)
}

func actNormGradPlanes(dst []float32, ds int, g []float32, gs int, z []float32, zs, n int, f *NormFactors) {
	if Current() == Plain || n <= 0 || len(f.A) == 0 {
		actNormGradPlanesGeneric(dst, ds, g, gs, z, zs, n, f)
		return
	}
	actNormGradBlock(dst, ds, g, gs, z, zs, n, len(f.A), f, 0, 1)
}

func actNormGradBlock(dst []float32, dp int, g []float32, gp int, z []float32, zp, n, rows int, f *NormFactors, k, step int) {
	_, _, _ = dst[(rows-1)*dp+n-1], g[(rows-1)*gp+n-1], z[(rows-1)*zp+n-1]
	last := k + (rows-1)*step
	_, _, _, _, _, _, _ = f.A[last], f.B[last], f.Slope[last], f.P[last], f.Q[last], f.R[last], f.Mean[last]
	if Current() == AVX512 {
		actNormGradAVX512(&dst[0], dp, &g[0], gp, &z[0], zp, n, rows, &f.A[k], &f.B[k], &f.Slope[k], &f.P[k], &f.Q[k], &f.R[k], &f.Mean[k], step)
		return
	}
	actNormGradAVX2(&dst[0], dp, &g[0], gp, &z[0], zp, n, rows, &f.A[k], &f.B[k], &f.Slope[k], &f.P[k], &f.Q[k], &f.R[k], &f.Mean[k], step)
}

func add(dst, x []float32) {
	n := len(x)
	switch level := Current(); {
	case level == Plain || n == 0:
		addGeneric(dst, x)
	case level == AVX512:
		addAVX512(&dst[:n][0], &x[0], n)
	default:
		addAVX2(&dst[:n][0], &x[0], n)
	}
}

func stream(dst, x []float32) {
	n := len(x)
	switch level := Current(); {
	case level == Plain || n == 0:
		copy(dst[:n], x)
	case level == AVX512:
		streamAVX512(&dst[:n][0], &x[0], n)
	default:
		streamAVX2(&dst[:n][0], &x[0], n)
	}
}

func peakFLOPs(rounds int) int {
	var out float32
	switch level := Current(); {
	case level == Plain || rounds <= 0:
		return peakGeneric(rounds)
	case level == AVX512:
		peakAVX512(rounds, &out)
		return rounds * peakChains * 16 * 2
	default:
		peakAVX2(rounds, &out)
		return rounds * peakChains * 8 * 2
	}
}
