//go:build amd64 && !noasm

package kernel

// denseActBlockAVX2 and denseActBlockAVX512 pick the kernel of a block's size.
// Switches keep the arguments from escaping.

func denseActBlockAVX2(oc int, dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, ws, n, rows int, bias, slope, z *float32, zs, zp int, zoff *int32, zw *float32, terms, whole, phases, phase int, dot, begin *float32, ahead int) {
	switch oc {
	case 1:
		denseAct1AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 2:
		denseAct2AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 3:
		denseAct3AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 4:
		denseAct4AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 5:
		denseAct5AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 6:
		denseAct6AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	}
}

func denseActBlockAVX512(oc int, dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, ws, n, rows int, bias, slope, z *float32, zs, zp int, zoff *int32, zw *float32, terms, whole, phases, phase int, dot, begin *float32, ahead int) {
	switch oc {
	case 1:
		denseAct1AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 2:
		denseAct2AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 3:
		denseAct3AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 4:
		denseAct4AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 5:
		denseAct5AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 6:
		denseAct6AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 7:
		denseAct7AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 8:
		denseAct8AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 9:
		denseAct9AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	case 10:
		denseAct10AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, bias, slope, z, zs, zp, zoff, zw, terms, whole, phases, phase, dot, begin, ahead)
	}
}
