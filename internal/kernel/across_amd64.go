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
