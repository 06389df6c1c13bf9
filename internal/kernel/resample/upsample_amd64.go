//go:build amd64 && !noasm

package resample

import "csnet/internal/kernel"

// vectorFactor reports whether upsampling by f has kernels.
func vectorFactor(f int) bool { return f == 2 || f == 4 || f == 8 }

// upsample makes each output row from the two source rows around it; the
// outputs left of the first source and right of the last are copies.
func upsample(dst, src []float32, u Upsampling, acc bool, tmp []float32) {
	level, h, w, f := kernel.Current(), u.Height, u.Width, u.Factor
	if level == kernel.Plain || h <= 0 || w <= 0 || !vectorFactor(f) {
		upsampleGeneric(dst, src, u, acc, tmp)
		return
	}
	add := 0
	if acc {
		add = 1
	}
	for y := u.From; y < u.To; y++ {
		y0, y1, t := upTap(y, h, f)
		a, b, d := src[(y0-u.First)*w:][:w], src[(y1-u.First)*w:][:w], dst[(y-u.From)*w*f:][:w*f]
		first, last := (1-t)*a[0]+t*b[0], (1-t)*a[w-1]+t*b[w-1]
		for i := range f / 2 {
			if acc {
				d[i] += first
				d[w*f-1-i] += last
			} else {
				d[i] = first
				d[w*f-1-i] = last
			}
		}
		callUpRow(level, f, &d[0], &a[0], &b[0], w, 1-t, t, add)
	}
}

// upsampleGrad goes from row to row of sources. Outputs beyond the centres of the
// outer sources are these alone: their weight is 1.
func upsampleGrad(dsrc, g *kernel.Planes, u Upsampling, planes int, tmp []float32) {
	level, h, w, f := kernel.Current(), u.Height, u.Width, u.Factor
	if level == kernel.Plain || h <= 0 || w <= 0 || planes <= 0 || u.From >= u.To || !vectorFactor(f) {
		upsampleGradGeneric(dsrc, g, u, planes, tmp)
		return
	}
	dsrc.Check(planes, 1, (min((u.To-1+f/2)/f+1, h)-u.First)*w)
	g.Check(planes, 1, (u.To-u.From)*w*f)
	_ = tmp[planes*(w+3)*f-1]
	var weights [16]float32
	args := upGradArgs{ds: dsrc.Stride, gs: g.Stride, gp: w * f, w: &weights[0], n: w, planes: planes, tmp: &tmp[0]}
	for c := max((u.From-f/2)/f-1, 0); c < h; c++ {
		top := c*f - f/2
		lo, hi := max(top, u.From), min(top+2*f, u.To)
		if top >= u.To {
			break
		}
		if lo >= hi {
			continue
		}
		for y := lo; y < hi; y++ {
			y0, y1, t := upTap(y, h, f)
			weights[y-lo] = 0
			if y0 == c {
				weights[y-lo] += 1 - t
			}
			if y1 == c {
				weights[y-lo] += t
			}
		}
		args.dst, args.grad, args.k = &dsrc.X[(c-u.First)*w], &g.X[(lo-u.From)*w*f], hi-lo
		callUpGrad(level, f, &args)
	}
}

func across(dst, src *kernel.Planes, n, f, rows, planes int) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 || rows <= 0 || planes <= 0 || !vectorFactor(f) {
		acrossGeneric(dst, src, n, f, rows, planes)
		return
	}
	dst.Check(planes, rows, n*f)
	src.Check(planes, rows, n+AcrossSlack+1)
	callAcross(level, f, &acrossArgs{
		dst: &dst.X[0], ds: dst.Stride, dp: dst.Pitch, src: &src.X[0], ss: src.Stride, sp: src.Pitch,
		n: n, rows: rows, planes: planes,
	})
}
