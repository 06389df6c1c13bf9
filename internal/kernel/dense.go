package kernel

// Dense is every dense convolution, one output row block at a time:
//
//	for o < oc, r < rows, i < n:
//		s = dst[o*ds + r*dp + i] if acc, else 0
//		for t < len(off): s += w[t*ws+o] * x[off[t] + r*xp + i]
//		dst[o*ds + r*dp + i] = s
//
// off holds one offset per tap (channel and shift), w is packed [tap][output].
func Dense(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, acc bool) {
	dense(dst, ds, dp, x, xp, off, w, ws, oc, n, rows, acc)
}

func denseGeneric(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, acc bool) {
	for r := range rows {
		for o := range oc {
			d := dst[o*ds+r*dp:][:n]
			if !acc {
				clear(d)
			}
			t := 0
			for ; t+4 <= len(off); t += 4 {
				w0, w1, w2, w3 := w[t*ws+o], w[(t+1)*ws+o], w[(t+2)*ws+o], w[(t+3)*ws+o]
				x0 := x[int(off[t])+r*xp:][:n]
				x1 := x[int(off[t+1])+r*xp:][:n]
				x2 := x[int(off[t+2])+r*xp:][:n]
				x3 := x[int(off[t+3])+r*xp:][:n]
				for i, v := range d {
					d[i] = v + ((w0*x0[i] + w1*x1[i]) + (w2*x2[i] + w3*x3[i]))
				}
			}
			for ; t < len(off); t++ {
				w0, x0 := w[t*ws+o], x[int(off[t])+r*xp:][:n]
				for i, v := range d {
					d[i] = v + w0*x0[i]
				}
			}
		}
	}
}

// DenseGrad is the weight gradient of Dense:
//
//	for t < len(off), o < oc:
//		dw[t*ws+o] += sum over r < rows, i < n of x[off[t] + r*xp + i] * g[o*gs + r*gp + i]
func DenseGrad(dw []float32, ws int, x []float32, xp int, off []int32, g []float32, gs, gp, oc, n, rows int) {
	denseGrad(dw, ws, x, xp, off, g, gs, gp, oc, n, rows)
}

func denseGradGeneric(dw []float32, ws int, x []float32, xp int, off []int32, g []float32, gs, gp, oc, n, rows int) {
	for t, f := range off {
		o := 0
		for ; o+4 <= oc; o += 4 {
			var s0, s1, s2, s3 float32
			for r := range rows {
				xr := x[int(f)+r*xp:][:n]
				g0 := g[o*gs+r*gp:][:n]
				g1 := g[(o+1)*gs+r*gp:][:n]
				g2 := g[(o+2)*gs+r*gp:][:n]
				g3 := g[(o+3)*gs+r*gp:][:n]
				for i, v := range xr {
					s0 += v * g0[i]
					s1 += v * g1[i]
					s2 += v * g2[i]
					s3 += v * g3[i]
				}
			}
			d := dw[t*ws+o:][:4]
			d[0] += s0
			d[1] += s1
			d[2] += s2
			d[3] += s3
		}
		for ; o < oc; o++ {
			var s float32
			for r := range rows {
				xr, gr := x[int(f)+r*xp:][:n], g[o*gs+r*gp:][:n]
				for i, v := range xr {
					s += v * gr[i]
				}
			}
			dw[t*ws+o] += s
		}
	}
}
