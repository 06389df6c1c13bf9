package kernel

// AcrossSlack is how many floats beyond a row Across may read.
const AcrossSlack = 16

// Across upsamples rows of n floats f times, horizontally and bilinearly with
// half-pixel centres. A row of src, sp apart, begins with the float left of
// the first and ends with the one right of the last; AcrossSlack more must be
// there after the last row:
//
//	for r < rows, i < f*n, j = i + f/2, t = (j%f + 0.5) / f:
//		dst[r*dp+i] = (1-t)*src[r*sp + j/f] + t*src[r*sp + j/f + 1]
//
// f is even.
func Across(dst []float32, dp int, src []float32, sp, n, f, rows int) {
	across(dst, dp, src, sp, n, f, rows)
}

func acrossGeneric(dst []float32, dp int, src []float32, sp, n, f, rows int) {
	for r := range rows {
		d, x := dst[r*dp:][:f*n], src[r*sp:][:n+2]
		for i := range d {
			j := i + f/2
			t := (float32(j%f) + 0.5) / float32(f)
			d[i] = (1-t)*x[j/f] + t*x[j/f+1]
		}
	}
}

// AcrossGrad is the adjoint of Across: the n+2 floats of a row of dst, dp
// apart, get what they gave to the f*n floats of a row of g, which has 3f/2
// zeros on either side and is gp apart from the next.
//
//	for r < rows, j < n+2, t = (k + 0.5) / f:
//		dst[r*dp+j] = sum over k < f of t*g[r*gp + j*f + k] + (1-t)*g[r*gp + (j+1)*f + k]
func AcrossGrad(dst []float32, dp int, g []float32, gp, n, f, rows int) {
	acrossGrad(dst, dp, g, gp, n, f, rows)
}

func acrossGradGeneric(dst []float32, dp int, g []float32, gp, n, f, rows int) {
	for r := range rows {
		d, x := dst[r*dp:][:n+2], g[r*gp:][:(n+3)*f]
		for j := range d {
			var s float32
			for k := range f {
				t := (float32(k) + 0.5) / float32(f)
				s += t*x[j*f+k] + (1-t)*x[(j+1)*f+k]
			}
			d[j] = s
		}
	}
}
