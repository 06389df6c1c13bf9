//go:build amd64 && !noasm

package kernel

// wideChunk is chunk for the vector kernels, which sum it in at least 16 parts.
const wideChunk = 128 * chunk

func chunkNow() int {
	if Current() == Plain {
		return chunk
	}
	return wideChunk
}

func sum(x []float32) (s float32) {
	level := Current()
	if level == Plain || len(x) == 0 {
		return sumGeneric(x)
	}
	callSum(level, &x[0], len(x), &s)
	return s
}

func moments(x []float32, shift float32) (sum, square float32) {
	level := Current()
	if level == Plain || len(x) == 0 {
		return momentsGeneric(x, shift)
	}
	var out [2]float32
	callMoments(level, &x[0], len(x), shift, &out[0])
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
	callNormAct(Current(), &normActArgs{dst: &dst[0], dp: dp, z: &z[0], zp: zp, n: n, rows: rows, a: a, b: b, slope: slope, step: step})
}

func actSums(d, z []float32, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	level, n := Current(), len(z)
	if level == Plain || n == 0 {
		return actSumsGeneric(d, z, a, b, slope, mean)
	}
	var out [4]float32
	callActSums(level, &d[:n][0], &z[0], n, a, b, slope, mean, &out[0])
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
	callActNormGrad(Current(), &actNormGradArgs{
		dst: &dst[0], dp: dp, grad: &g[0], gp: gp, z: &z[0], zp: zp, n: n, rows: rows,
		a: &f.A[k], b: &f.B[k], slope: &f.Slope[k], p: &f.P[k], q: &f.Q[k], r: &f.R[k], mean: &f.Mean[k], step: step,
	})
}
