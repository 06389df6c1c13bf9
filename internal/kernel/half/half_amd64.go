//go:build amd64 && !noasm

package half

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

func storeFloat16(dst []kernel.Float16, x []float32) {
	level, n := kernel.Current(), len(x)
	if level == kernel.Plain || n == 0 {
		storeFloat16Generic(dst, x)
		return
	}
	callStoreFloat16(level, (*uint16)(&dst[:n][0]), &x[0], n)
}

func streamFloat16(dst []kernel.Float16, x []float32) {
	level, n := kernel.Current(), len(x)
	if level == kernel.Plain || n == 0 {
		storeFloat16Generic(dst, x)
		return
	}
	dst = dst[:n]
	head := kernel.BeforeLine(dst)
	storeFloat16(dst, x[:head])
	if head < n {
		callStreamFloat16(level, (*uint16)(&dst[head]), &x[head], n-head)
	}
}

func storeBFloat16(dst []kernel.BFloat16, x []float32) {
	level, n := kernel.Current(), len(x)
	if level == kernel.Plain || n == 0 {
		storeBFloat16Generic(dst, x)
		return
	}
	callStoreBFloat16(level, kernel.NativeBFloat16(), (*uint16)(&dst[:n][0]), &x[0], n)
}

func streamBFloat16(dst []kernel.BFloat16, x []float32) {
	level, n := kernel.Current(), len(x)
	if level == kernel.Plain || n == 0 {
		storeBFloat16Generic(dst, x)
		return
	}
	dst = dst[:n]
	head := kernel.BeforeLine(dst)
	storeBFloat16(dst, x[:head])
	if head < n {
		callStreamBFloat16(level, kernel.NativeBFloat16(), (*uint16)(&dst[head]), &x[head], n-head)
	}
}

func add(dst []float32, x []kernel.BFloat16) {
	level, n := kernel.Current(), len(x)
	if level == kernel.Plain || n == 0 {
		addGeneric(dst, x)
		return
	}
	callAdd(level, kernel.NativeBFloat16(), &dst[:n][0], (*uint16)(&x[0]), n)
}

func normActRows(dst *kernel.Planes, z *MapPlanes, n, rows int, a, b, slope float32) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || rows <= 0 {
		normActRowsGeneric(dst, z, n, rows, a, b, slope)
		return
	}
	dst.Check(1, rows, n)
	z.Check(1, rows, n)
	callNormAct(level, &normActArgs{
		dst: &dst.X[0], dp: dst.Pitch, z: (*uint16)(&z.X[0]), zp: z.Pitch, n: n, rows: rows, a: &a, b: &b, slope: &slope,
	})
}

func normActPlanes(dst *kernel.Planes, z *MapPlanes, n int, a, b, slope []float32) {
	level, planes := kernel.Current(), len(a)
	if level == kernel.Plain || n <= 0 || planes == 0 {
		normActPlanesGeneric(dst, z, n, a, b, slope)
		return
	}
	dst.Check(planes, 1, n)
	z.Check(planes, 1, n)
	callNormAct(level, &normActArgs{
		dst: &dst.X[0], dp: dst.Stride, z: (*uint16)(&z.X[0]), zp: z.Stride, n: n, rows: planes,
		a: &a[0], b: &b[:planes][0], slope: &slope[:planes][0], step: 1,
	})
}

func actSums(d []float32, z []kernel.Float16, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	level, n := kernel.Current(), len(z)
	if level == kernel.Plain || n == 0 {
		return actSumsGeneric(d, z, a, b, slope, mean)
	}
	var out [4]float32
	callActSums(level, &d[:n][0], (*uint16)(&z[0]), n, a, b, slope, mean, &out[0])
	return out[0], out[1], out[2], out[3]
}

func actSumsStore(dst []kernel.BFloat16, d []float32, z []kernel.Float16, a, b, slope, mean float32, stream bool) (sum, sumz, sums, sumy float32) {
	level, n := kernel.Current(), len(z)
	switch {
	case level == kernel.Plain || n == 0:
		return actSumsStoreGeneric(dst, d, z, a, b, slope, mean)
	case stream && kernel.BeforeLine(dst) > 0: // whole lines alone are streamed
		sum, sumz, sums, sumy = actSums(d, z, a, b, slope, mean)
		streamBFloat16(dst, d)
		return sum, sumz, sums, sumy
	}
	f, out := [4]float32{a, b, slope, mean}, [4]float32{}
	callActSumsStore(level, stream, kernel.NativeBFloat16(), (*uint16)(&dst[:n][0]), &d[:n][0], (*uint16)(&z[0]), n, &f[0], &out[0])
	return out[0], out[1], out[2], out[3]
}

func momentsStore(dst []kernel.Float16, x []float32, shift float32, stream bool) (sum, square float32) {
	level, n := kernel.Current(), len(x)
	switch {
	case level == kernel.Plain || n == 0:
		return momentsStoreGeneric(dst, x, shift)
	case stream && kernel.BeforeLine(dst) > 0:
		s, q := pointwise.Moments(x, shift)
		streamFloat16(dst, x)
		return float32(s), float32(q)
	}
	var out [2]float32
	callMomentsStore(level, stream, (*uint16)(&dst[:n][0]), &x[0], n, shift, &out[0])
	return out[0], out[1]
}

func actNormGrad(dst *kernel.Planes, g *GradPlanes, z *MapPlanes, n, rows int, f *pointwise.NormFactors, k int) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || rows <= 0 {
		actNormGradGeneric(dst, g, z, n, rows, f, k)
		return
	}
	dst.Check(1, rows, n)
	g.Check(1, rows, n)
	z.Check(1, rows, n)
	args := factors(f, k, k)
	args.dst, args.grad, args.z = &dst.X[0], (*uint16)(&g.X[0]), (*uint16)(&z.X[0])
	args.dp, args.gp, args.zp, args.n, args.rows = dst.Pitch, g.Pitch, z.Pitch, n, rows
	callActNormGrad(level, kernel.NativeBFloat16(), &args)
}

func actNormGradPlanes(dst *kernel.Planes, g *GradPlanes, z *MapPlanes, n int, f *pointwise.NormFactors) {
	level, planes := kernel.Current(), len(f.A)
	if level == kernel.Plain || n <= 0 || planes == 0 {
		actNormGradPlanesGeneric(dst, g, z, n, f)
		return
	}
	dst.Check(planes, 1, n)
	g.Check(planes, 1, n)
	z.Check(planes, 1, n)
	args := factors(f, 0, planes-1)
	args.dst, args.grad, args.z = &dst.X[0], (*uint16)(&g.X[0]), (*uint16)(&z.X[0])
	args.dp, args.gp, args.zp, args.n, args.rows, args.step = dst.Stride, g.Stride, z.Stride, n, planes, 1
	callActNormGrad(level, kernel.NativeBFloat16(), &args)
}

// factors are the factors from plane k on; it panics, as an index would, unless those of
// plane last are there too.
func factors(f *pointwise.NormFactors, k, last int) actNormGradArgs {
	_, _, _, _, _, _, _ = f.A[last], f.B[last], f.Slope[last], f.P[last], f.Q[last], f.R[last], f.Mean[last]
	return actNormGradArgs{a: &f.A[k], b: &f.B[k], slope: &f.Slope[k], p: &f.P[k], q: &f.Q[k], r: &f.R[k], mean: &f.Mean[k]}
}
