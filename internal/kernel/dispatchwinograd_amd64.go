//go:build amd64 && !noasm

package kernel

// winogradActBlockAVX2 and winogradActBlockAVX512 pick the kernel of a block's
// size. Switches keep the arguments from escaping.

func winogradActBlockAVX2(oc int, dst *float32, ds, dp int, v *float32, vk, vt int, off *int32, taps int, w *float32, ws, n, skip, rows int, bias, slope, start *float32, ss, sp int, m *float32) {
	switch oc {
	case 1:
		winogradAct1AVX2(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 2:
		winogradAct2AVX2(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 3:
		winogradAct3AVX2(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 4:
		winogradAct4AVX2(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 5:
		winogradAct5AVX2(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 6:
		winogradAct6AVX2(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	}
}

func winogradActBlockAVX512(oc int, dst *float32, ds, dp int, v *float32, vk, vt int, off *int32, taps int, w *float32, ws, n, skip, rows int, bias, slope, start *float32, ss, sp int, m *float32) {
	switch oc {
	case 1:
		winogradAct1AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 2:
		winogradAct2AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 3:
		winogradAct3AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 4:
		winogradAct4AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 5:
		winogradAct5AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 6:
		winogradAct6AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 7:
		winogradAct7AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 8:
		winogradAct8AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 9:
		winogradAct9AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	case 10:
		winogradAct10AVX512(dst, ds, dp, v, vk, vt, off, taps, w, ws, n, skip, rows, bias, slope, start, ss, sp, m)
	}
}
