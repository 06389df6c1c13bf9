//go:build amd64 && !noasm

package depthwise

import "csnet/internal/kernel"

func conv(dst, x *kernel.Planes, w *[9]float32, n, rows int, next Next) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || rows <= 0 {
		convGeneric(dst, x, w, n, rows)
		return
	}
	dst.Check(1, rows, n)
	x.Check(1, rows+2, n+2)
	callDepthwise(level, &depthwiseArgs{
		dst: &dst.X[0], dp: dst.Pitch, x: &x.X[0], xp: x.Pitch, w: &w[0], n: n, rows: rows,
		slack: kernel.Slack(level, n, x.Pitch), prefetch: kernel.First(next.Memory), halved: next.halved(),
	})
}

func convFloat16(dst *kernel.HalfPlanes[kernel.Float16], x *kernel.Planes, w *[9]float32, n, rows int, next Next) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || rows <= 0 {
		convFloat16Generic(dst, x, w, n, rows)
		return
	}
	dst.Check(1, rows, n)
	x.Check(1, rows+2, n+2)
	callDepthwiseFloat16(level, &depthwiseFloat16Args{
		dst: (*uint16)(&dst.X[0]), dp: dst.Pitch, x: &x.X[0], xp: x.Pitch, w: &w[0], n: n, rows: rows,
		slack: kernel.Slack(level, n, x.Pitch), prefetch: kernel.First(next.Memory), halved: next.halved(),
	})
}

func convGrad(dw *[9]float32, x, g *kernel.Planes, n, rows int, next [2]Next) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || rows <= 0 {
		convGradGeneric(dw, x, g, n, rows)
		return
	}
	g.Check(1, rows, n)
	x.Check(1, rows+2, n+2)
	callDepthwiseGrad(level, &depthwiseGradArgs{
		dw: &dw[0], x: &x.X[0], xp: x.Pitch, grad: &g.X[0], gp: g.Pitch, n: n, rows: rows,
		slack:    kernel.Slack(level, n, min(x.Pitch, g.Pitch)),
		prefetch: kernel.First(next[0].Memory), prefetch2: kernel.First(next[1].Memory), halved: next[0].halved(),
	})
}
