//go:build amd64 && !noasm

package pointwise

import "csnet/internal/kernel"

// wideChunk is chunk for the vector kernels, which sum it in at least 16 parts.
const wideChunk = 128 * chunk

// Chunk is how many floats are summed in float32 before the sum goes into float64.
func Chunk() int {
	if kernel.Current() == kernel.Plain {
		return chunk
	}
	return wideChunk
}

func sum(x []float32) (s float32) {
	level := kernel.Current()
	if level == kernel.Plain || len(x) == 0 {
		return sumGeneric(x)
	}
	callSum(level, &x[0], len(x), &s)
	return s
}

func moments(x []float32, shift float32) (sum, square float32) {
	level := kernel.Current()
	if level == kernel.Plain || len(x) == 0 {
		return momentsGeneric(x, shift)
	}
	var out [2]float32
	callMoments(level, &x[0], len(x), shift, &out[0])
	return out[0], out[1]
}

func momentsStore(dst, x []float32, shift float32, streamed bool) (sum, square float32) {
	level, n := kernel.Current(), len(x)
	switch {
	case level == kernel.Plain || n == 0:
		return momentsStoreGeneric(dst, x, shift)
	case streamed && kernel.BeforeLine(dst) > 0: // whole lines alone are streamed
		stream(dst, x)
		return moments(x, shift)
	}
	var out [2]float32
	callMomentsStore(level, streamed, &dst[:n][0], &x[0], n, shift, &out[0])
	return out[0], out[1]
}

func normActRows(dst, z *kernel.Planes, n, rows int, a, b, slope float32) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || rows <= 0 {
		normActGeneric(dst, z, n, rows, a, b, slope)
		return
	}
	dst.Check(1, rows, n)
	z.Check(1, rows, n)
	callNormAct(level, &normActArgs{
		dst: &dst.X[0], dp: dst.Pitch, z: &z.X[0], zp: z.Pitch, n: n, rows: rows, a: &a, b: &b, slope: &slope,
	})
}

func normActPlanes(dst, z *kernel.Planes, n int, a, b, slope []float32) {
	level, planes := kernel.Current(), len(a)
	if level == kernel.Plain || n <= 0 || planes == 0 {
		normActPlanesGeneric(dst, z, n, a, b, slope)
		return
	}
	dst.Check(planes, 1, n)
	z.Check(planes, 1, n)
	callNormAct(level, &normActArgs{
		dst: &dst.X[0], dp: dst.Stride, z: &z.X[0], zp: z.Stride, n: n, rows: planes,
		a: &a[0], b: &b[:planes][0], slope: &slope[:planes][0], step: 1,
	})
}

func actSums(d, z []float32, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	level, n := kernel.Current(), len(z)
	if level == kernel.Plain || n == 0 {
		return actSumsGeneric(d, z, a, b, slope, mean)
	}
	var out [4]float32
	callActSums(level, &d[:n][0], &z[0], n, a, b, slope, mean, &out[0])
	return out[0], out[1], out[2], out[3]
}

func actSumsStore(dst, d, z []float32, a, b, slope, mean float32, streamed bool) (sum, sumz, sums, sumy float32) {
	level, n := kernel.Current(), len(z)
	switch {
	case level == kernel.Plain || n == 0:
		return actSumsStoreGeneric(dst, d, z, a, b, slope, mean)
	case streamed && kernel.BeforeLine(dst) > 0: // whole lines alone are streamed
		stream(dst, d)
		return actSums(d, z, a, b, slope, mean)
	}
	f, out := [4]float32{a, b, slope, mean}, [4]float32{}
	callActSumsStore(level, streamed, &dst[:n][0], &d[:n][0], &z[0], n, &f[0], &out[0])
	return out[0], out[1], out[2], out[3]
}

func actNormGrad(dst, g, z *kernel.Planes, n, rows int, f *NormFactors, k int) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || rows <= 0 {
		actNormGradGeneric(dst, g, z, n, rows, f, k)
		return
	}
	dst.Check(1, rows, n)
	g.Check(1, rows, n)
	z.Check(1, rows, n)
	args := f.args(k, k)
	args.dst, args.grad, args.z = &dst.X[0], &g.X[0], &z.X[0]
	args.dp, args.gp, args.zp, args.n, args.rows = dst.Pitch, g.Pitch, z.Pitch, n, rows
	callActNormGrad(level, &args)
}

func actNormGradPlanes(dst, g, z *kernel.Planes, n int, f *NormFactors) {
	level, planes := kernel.Current(), len(f.A)
	if level == kernel.Plain || n <= 0 || planes == 0 {
		actNormGradPlanesGeneric(dst, g, z, n, f)
		return
	}
	dst.Check(planes, 1, n)
	g.Check(planes, 1, n)
	z.Check(planes, 1, n)
	args := f.args(0, planes-1)
	args.dst, args.grad, args.z = &dst.X[0], &g.X[0], &z.X[0]
	args.dp, args.gp, args.zp, args.n, args.rows, args.step = dst.Stride, g.Stride, z.Stride, n, planes, 1
	callActNormGrad(level, &args)
}

// args are the factors from plane k on; it panics, as an index would, unless those
// of plane last are there too.
func (f *NormFactors) args(k, last int) actNormGradArgs {
	_, _, _, _, _, _, _ = f.A[last], f.B[last], f.Slope[last], f.P[last], f.Q[last], f.R[last], f.Mean[last]
	return actNormGradArgs{a: &f.A[k], b: &f.B[k], slope: &f.Slope[k], p: &f.P[k], q: &f.Q[k], r: &f.R[k], mean: &f.Mean[k]}
}
