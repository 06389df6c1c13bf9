package dense

import "csnet/internal/kernel"

// Conv is every dense convolution, some rows of output at a time:
//
//	for o < w.Outputs, r < rows, i < n:
//		s = row r of plane o of dst at i if acc, else 0
//		for t < len(off): s += w.W[t*w.Stride+o] * x.X[off[t] + r*x.Pitch + i]
//		row r of plane o of dst at i = s
//
// off holds one offset per tap, that is, per channel and shift; x.Stride plays no
// part.
func Conv(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, acc bool) {
	conv(dst, x, off, w, n, rows, acc)
}

// ConvGeneric is the plain twin of Conv.
func ConvGeneric(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, acc bool) {
	ws := w.Stride
	for r := range rows {
		for o := range w.Outputs {
			d := dst.X[o*dst.Stride+r*dst.Pitch:][:n]
			if !acc {
				clear(d)
			}
			at := r * x.Pitch
			t := 0
			for ; t+4 <= len(off); t += 4 {
				w0, w1, w2, w3 := w.W[t*ws+o], w.W[(t+1)*ws+o], w.W[(t+2)*ws+o], w.W[(t+3)*ws+o]
				x0 := x.X[int(off[t])+at:][:n]
				x1 := x.X[int(off[t+1])+at:][:n]
				x2 := x.X[int(off[t+2])+at:][:n]
				x3 := x.X[int(off[t+3])+at:][:n]
				for i, v := range d {
					d[i] = v + ((w0*x0[i] + w1*x1[i]) + (w2*x2[i] + w3*x3[i]))
				}
			}
			for ; t < len(off); t++ {
				w0, x0 := w.W[t*ws+o], x.X[int(off[t])+at:][:n]
				for i, v := range d {
					d[i] = v + w0*x0[i]
				}
			}
		}
	}
}

// ConvGrad is the weight gradient of Conv, whose output has the gradient g:
//
//	for t < len(off), o < dw.Outputs:
//		dw.W[t*dw.Stride+o] += sum over r < rows, i < n of x.X[off[t] + r*x.Pitch + i] * g.X[o*g.Stride + r*g.Pitch + i]
func ConvGrad(dw *kernel.Weights, x *kernel.Planes, off []int32, g *kernel.Planes, n, rows int) {
	convGrad(dw, x, off, g, n, rows)
}

func convGradGeneric(dw *kernel.Weights, x *kernel.Planes, off []int32, g *kernel.Planes, n, rows int) {
	oc, ws := dw.Outputs, dw.Stride
	for t, f := range off {
		o := 0
		for ; o+4 <= oc; o += 4 {
			var s0, s1, s2, s3 float32
			for r := range rows {
				xr := x.X[int(f)+r*x.Pitch:][:n]
				g0 := g.X[o*g.Stride+r*g.Pitch:][:n]
				g1 := g.X[(o+1)*g.Stride+r*g.Pitch:][:n]
				g2 := g.X[(o+2)*g.Stride+r*g.Pitch:][:n]
				g3 := g.X[(o+3)*g.Stride+r*g.Pitch:][:n]
				for i, v := range xr {
					s0 += v * g0[i]
					s1 += v * g1[i]
					s2 += v * g2[i]
					s3 += v * g3[i]
				}
			}
			d := dw.W[t*ws+o:][:4]
			d[0] += s0
			d[1] += s1
			d[2] += s2
			d[3] += s3
		}
		for ; o < oc; o++ {
			var s float32
			for r := range rows {
				xr, gr := x.X[int(f)+r*x.Pitch:][:n], g.X[o*g.Stride+r*g.Pitch:][:n]
				for i, v := range xr {
					s += v * gr[i]
				}
			}
			dw.W[t*ws+o] += s
		}
	}
}
