//go:build amd64 && !noasm

package kernel

func across(dst []float32, dp int, src []float32, sp, n, f, rows int) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 || !vectorFactor(f) {
		acrossGeneric(dst, dp, src, sp, n, f, rows)
		return
	}
	_, _ = dst[(rows-1)*dp+n*f-1], src[(rows-1)*sp+n+1+AcrossSlack]
	switch {
	case f == 2 && level == AVX512:
		across2AVX512(&dst[0], dp, &src[0], sp, n, rows)
	case f == 2:
		across2AVX2(&dst[0], dp, &src[0], sp, n, rows)
	case f == 4 && level == AVX512:
		across4AVX512(&dst[0], dp, &src[0], sp, n, rows)
	case f == 4:
		across4AVX2(&dst[0], dp, &src[0], sp, n, rows)
	case level == AVX512:
		across8AVX512(&dst[0], dp, &src[0], sp, n, rows)
	default:
		across8AVX2(&dst[0], dp, &src[0], sp, n, rows)
	}
}

func acrossGrad(dst []float32, dp int, g []float32, gp, n, f, rows int) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 || !vectorFactor(f) {
		acrossGradGeneric(dst, dp, g, gp, n, f, rows)
		return
	}
	_, _ = dst[(rows-1)*dp+n+1], g[(rows-1)*gp+(n+3)*f-1]
	switch {
	case f == 2 && level == AVX512:
		acrossGrad2AVX512(&dst[0], dp, &g[0], gp, n+2, rows)
	case f == 2:
		acrossGrad2AVX2(&dst[0], dp, &g[0], gp, n+2, rows)
	case f == 4 && level == AVX512:
		acrossGrad4AVX512(&dst[0], dp, &g[0], gp, n+2, rows)
	case f == 4:
		acrossGrad4AVX2(&dst[0], dp, &g[0], gp, n+2, rows)
	case level == AVX512:
		acrossGrad8AVX512(&dst[0], dp, &g[0], gp, n+2, rows)
	default:
		acrossGrad8AVX2(&dst[0], dp, &g[0], gp, n+2, rows)
	}
}
