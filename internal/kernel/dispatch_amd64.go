//go:build amd64 && !noasm

package kernel

// denseBlockAVX2, denseBlockAVX512, denseGradBlockAVX2 and denseGradBlockAVX512 pick the kernel of a block's size
// for AVX2 and AVX-512. Switches keep the arguments from escaping.

func denseBlockAVX2(oc int, dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, ws, n, rows, acc int) {
	switch oc {
	case 1:
		dense1AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 2:
		dense2AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 3:
		dense3AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 4:
		dense4AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 5:
		dense5AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 6:
		dense6AVX2(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	}
}

func denseBlockAVX512(oc int, dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, ws, n, rows, acc int) {
	switch oc {
	case 1:
		dense1AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 2:
		dense2AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 3:
		dense3AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 4:
		dense4AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 5:
		dense5AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 6:
		dense6AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 7:
		dense7AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 8:
		dense8AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 9:
		dense9AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	case 10:
		dense10AVX512(dst, ds, dp, x, xp, off, taps, w, ws, n, rows, acc)
	}
}

func denseGradBlockAVX2(oc, taps int, dw *float32, ws int, x *float32, xp int, off *int32, grad *float32, gs, gp, n, rows, slack, groups int) {
	switch oc<<3 | taps {
	case 1<<3 | 1:
		denseGrad1x1AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 1<<3 | 2:
		denseGrad1x2AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 1<<3 | 3:
		denseGrad1x3AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 1<<3 | 4:
		denseGrad1x4AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 2<<3 | 1:
		denseGrad2x1AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 2<<3 | 2:
		denseGrad2x2AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 2<<3 | 3:
		denseGrad2x3AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 2<<3 | 4:
		denseGrad2x4AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 3<<3 | 1:
		denseGrad3x1AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 3<<3 | 2:
		denseGrad3x2AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 3<<3 | 3:
		denseGrad3x3AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 3<<3 | 4:
		denseGrad3x4AVX2(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	}
}

func denseGradBlockAVX512(oc, taps int, dw *float32, ws int, x *float32, xp int, off *int32, grad *float32, gs, gp, n, rows, slack, groups int) {
	switch oc<<3 | taps {
	case 1<<3 | 1:
		denseGrad1x1AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 1<<3 | 2:
		denseGrad1x2AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 1<<3 | 3:
		denseGrad1x3AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 1<<3 | 4:
		denseGrad1x4AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 2<<3 | 1:
		denseGrad2x1AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 2<<3 | 2:
		denseGrad2x2AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 2<<3 | 3:
		denseGrad2x3AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 2<<3 | 4:
		denseGrad2x4AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 3<<3 | 1:
		denseGrad3x1AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 3<<3 | 2:
		denseGrad3x2AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 3<<3 | 3:
		denseGrad3x3AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 3<<3 | 4:
		denseGrad3x4AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 4<<3 | 1:
		denseGrad4x1AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 4<<3 | 2:
		denseGrad4x2AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 4<<3 | 3:
		denseGrad4x3AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 4<<3 | 4:
		denseGrad4x4AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 5<<3 | 1:
		denseGrad5x1AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 5<<3 | 2:
		denseGrad5x2AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 5<<3 | 3:
		denseGrad5x3AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 5<<3 | 4:
		denseGrad5x4AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 6<<3 | 1:
		denseGrad6x1AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 6<<3 | 2:
		denseGrad6x2AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 6<<3 | 3:
		denseGrad6x3AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	case 6<<3 | 4:
		denseGrad6x4AVX512(dw, ws, x, xp, off, grad, gs, gp, n, rows, slack, groups)
	}
}
