//go:build !amd64 || noasm

package kernel

func best() Level { return Plain }

func dense(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, acc bool) {
	denseGeneric(dst, ds, dp, x, xp, off, w, ws, oc, n, rows, acc)
}

func denseGrad(dw []float32, ws int, x []float32, xp int, off []int32, g []float32, gs, gp, oc, n, rows int) {
	denseGradGeneric(dw, ws, x, xp, off, g, gs, gp, oc, n, rows)
}

func depthwise(dst []float32, dp int, x []float32, xp int, w *[9]float32, n, rows int, _ []float32) {
	depthwiseGeneric(dst, dp, x, xp, w, n, rows)
}

func depthwiseGrad(dw *[9]float32, x []float32, xp int, g []float32, gp, n, rows int, _, _ []float32) {
	depthwiseGradGeneric(dw, x, xp, g, gp, n, rows)
}

// chunkNow is how many floats are summed in float32 before the sum goes into
// float64.
func chunkNow() int { return chunk }

func sum(x []float32) float32 { return sumGeneric(x) }

func moments(x []float32, shift float32) (sum, square float32) { return momentsGeneric(x, shift) }

func normActRows(dst []float32, dp int, z []float32, zp, n, rows int, a, b, slope float32) {
	normActGeneric(dst, dp, z, zp, n, rows, a, b, slope)
}

func prefetch([]float32) {}

func copyRows(dst []float32, dp int, x []float32, xp, n, rows int) {
	copyRowsGeneric(dst, dp, x, xp, n, rows)
}

func actSums(d, z []float32, a, b, slope, mean float32) (sum, sumz, sums, sumy float32) {
	return actSumsGeneric(d, z, a, b, slope, mean)
}

func normActPlanes(dst []float32, ds int, z []float32, zs, n int, a, b, slope []float32) {
	normActPlanesGeneric(dst, ds, z, zs, n, a, b, slope)
}

func actNormGrad(dst []float32, dp int, g []float32, gp int, z []float32, zp, n, rows int, f *NormFactors, k int) {
	actNormGradGeneric(dst, dp, g, gp, z, zp, n, rows, f, k)
}

func actNormGradPlanes(dst []float32, ds int, g []float32, gs int, z []float32, zs, n int, f *NormFactors) {
	actNormGradPlanesGeneric(dst, ds, g, gs, z, zs, n, f)
}

func add(dst, x []float32) { addGeneric(dst, x) }

func stream(dst, x []float32) { copy(dst[:len(x)], x) }

func peakFLOPs(rounds int) int { return peakGeneric(rounds) }

func maxPool(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes, f int) {
	maxPoolGeneric(dst, ds, dp, src, ss, sp, n, rows, planes, f)
}

func maxPoolGrad(dx, src, g []float32, h, w, f int, acc bool) {
	maxPoolGradGeneric(dx, src, g, h, w, f, acc)
}

func avgPool2(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes int) {
	avgPool2Generic(dst, ds, dp, src, ss, sp, n, rows, planes)
}

func avgPool2Grad(dx, g []float32, h, w int, acc bool) { avgPool2GradGeneric(dx, g, h, w, acc) }

func deinterleave(dst [4][]float32, src []float32, h, w int) { deinterleaveGeneric(dst, src, h, w) }

func upsample(dst, src []float32, h, w, f, from, to int, acc bool, tmp []float32) {
	upsampleGeneric(dst, src, h, w, f, from, to, acc, tmp)
}

func upsampleGradRows(dsrc []float32, ds int, g []float32, gs, h, w, f, from, to, planes int, tmp []float32) {
	upsampleGradGeneric(dsrc, ds, g, gs, h, w, f, from, to, planes, tmp)
}

func bce(x, y []float32) float64 { return bceGeneric(x, y) }

func bceGrad(dx, x, y []float32, scale float64) { bceGradGeneric(dx, x, y, scale) }

func depthwiseAct(dst, x *Band, par []float32, n, h, from, to, planes int, _ bool) {
	depthwiseActGeneric(dst, x, par, n, h, from, to, planes)
}

func denseAct(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act) {
	denseActGeneric(dst, ds, dp, x, xp, off, w, ws, oc, n, rows, a)
}

func denseDot(dst []float32, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act, d *Dot, scratch []float32) {
	denseDotGeneric(dst, dp, x, xp, off, w, ws, oc, n, rows, a, d, scratch)
}

func across(dst []float32, ds, dp int, src []float32, ss, sp, n, f, rows, planes int) {
	acrossGeneric(dst, ds, dp, src, ss, sp, n, f, rows, planes)
}

func denseTall(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, oc, n, rows int, bias, slope []float32) {
	denseTallGeneric(dst, ds, dp, x, xp, off, w, oc, n, rows, bias, slope)
}

func winogradIn(dst []float32, ds, dk int, x *[WinogradPoints]Row, n, planes int) {
	winogradInGeneric(dst, ds, dk, x, n, planes)
}

func winogradGradIn(dst []float32, ds, dk int, x *[WinogradRows]Row, n, planes int) {
	winogradGradInGeneric(dst, ds, dk, x, n, planes)
}

func winogradAct(dst []float32, ds, dp int, v []float32, vk, vt int, off []int32, w []float32, ws, oc, n, skip, rows int, e *WinogradEnd, scratch []float32) {
	winogradActGeneric(dst, ds, dp, v, vk, vt, off, w, ws, oc, n, skip, rows, e, scratch)
}
