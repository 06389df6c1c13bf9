package resample

// Evens takes every second float: dst[i] = src[2i].
func Evens(dst, src []float32) {
	if n := len(dst) - 1; n >= 0 {
		evensOf(dst[:n], src[:2*n+1])
		dst[n] = src[2*n] // there need be no float behind it
	}
}

func evensGeneric(dst, src []float32) {
	for i := range dst {
		dst[i] = src[2*i]
	}
}

// Maximum makes dst the larger of dst and x, NaN where one of them is.
func Maximum(dst, x []float32) { maximumOf(dst, x[:len(dst)]) }

func maximumGeneric(dst, x []float32) {
	for i, v := range x {
		if v > dst[i] || v != v {
			dst[i] = v
		}
	}
}
