//go:build amd64 && !noasm

package kernel

func depthwise(dst []float32, dp int, x []float32, xp int, w *[9]float32, n, rows int, ahead []float32) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 {
		depthwiseGeneric(dst, dp, x, xp, w, n, rows)
		return
	}
	_, _ = dst[(rows-1)*dp+n-1], x[(rows+1)*xp+n+1]
	callDepthwise(level, &depthwiseArgs{
		dst: &dst[0], dp: dp, x: &x[0], xp: xp, w: &w[0], n: n, rows: rows,
		slack: slack(n, level.lanes(), xp, xp), ahead: first(ahead),
	})
}

func depthwiseGrad(dw *[9]float32, x []float32, xp int, g []float32, gp, n, rows int, ahead, ahead2 []float32) {
	level := Current()
	if level == Plain || n <= 0 || rows <= 0 {
		depthwiseGradGeneric(dw, x, xp, g, gp, n, rows)
		return
	}
	_, _ = g[(rows-1)*gp+n-1], x[(rows+1)*xp+n+1]
	callDepthwiseGrad(level, &depthwiseGradArgs{
		dw: &dw[0], x: &x[0], xp: xp, grad: &g[0], gp: gp, n: n, rows: rows,
		slack: slack(n, level.lanes(), xp, gp), ahead: first(ahead), ahead2: first(ahead2),
	})
}
