//go:build amd64 && !noasm

package kernel

func across(dst []float32, ds, dp int, src []float32, ss, sp, n, f, rows, planes int) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 || planes <= 0 || !vectorFactor(f) {
		acrossGeneric(dst, ds, dp, src, ss, sp, n, f, rows, planes)
		return
	}
	_, _ = dst[(planes-1)*ds+(rows-1)*dp+n*f-1], src[(planes-1)*ss+(rows-1)*sp+n+AcrossSlack]
	switch {
	case f == 2 && level == AVX512:
		across2AVX512(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	case f == 2:
		across2AVX2(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	case f == 4 && level == AVX512:
		across4AVX512(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	case f == 4:
		across4AVX2(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	case level == AVX512:
		across8AVX512(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	default:
		across8AVX2(&dst[0], ds, dp, &src[0], ss, sp, n, rows, planes)
	}
}
