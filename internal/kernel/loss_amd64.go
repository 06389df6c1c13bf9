//go:build amd64 && !noasm

package kernel

func bce(x, y []float32) (s float64) {
	n, level := len(x), Current()
	y = y[:n]
	switch {
	case level == AVX512 && n >= 8:
		n &^= 7
		bceAVX512(&x[0], &y[0], n, &s)
	case level == AVX2 && n >= 4:
		n &^= 3
		bceAVX2(&x[0], &y[0], n, &s)
	default:
		n = 0
	}
	return s + bceGeneric(x[n:], y[n:])
}

func bceGrad(dx, x, y []float32, scale float64) {
	n, level := len(x), Current()
	dx, y = dx[:n], y[:n]
	switch {
	case level == AVX512 && n >= 8:
		n &^= 7
		bceGradAVX512(&dx[0], &x[0], &y[0], n, scale)
	case level == AVX2 && n >= 4:
		n &^= 3
		bceGradAVX2(&dx[0], &x[0], &y[0], n, scale)
	default:
		n = 0
	}
	bceGradGeneric(dx[n:], x[n:], y[n:], scale)
}
