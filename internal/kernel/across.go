package kernel

// AcrossSlack is how many floats beyond its last row Across may read.
const AcrossSlack = 16

// Across upsamples rows of n floats f times, horizontally and bilinearly with
// half-pixel centres. Row r of plane p begins at src[1 + p*ss + r*sp]; the
// float before the first row and AcrossSlack after the last must be there:
//
//	for p < planes, r < rows, x = row r of plane p, i < f*n, j = i + f/2, t = (j%f + 0.5) / f:
//		dst[p*ds + r*dp + i] = (1-t)*x[max(j/f-1, 0)] + t*x[min(j/f, n-1)]
//
// f is even.
func Across(dst []float32, ds, dp int, src []float32, ss, sp, n, f, rows, planes int) {
	across(dst, ds, dp, src, ss, sp, n, f, rows, planes)
}

func acrossGeneric(dst []float32, ds, dp int, src []float32, ss, sp, n, f, rows, planes int) {
	for k := range planes * rows {
		p, r := k/rows, k%rows
		d, x := dst[p*ds+r*dp:][:f*n], src[1+p*ss+r*sp:][:n]
		for i := range d {
			j := i + f/2
			t := (float32(j%f) + 0.5) / float32(f)
			d[i] = (1-t)*x[max(j/f-1, 0)] + t*x[min(j/f, n-1)]
		}
	}
}

// AcrossGrad is the adjoint of Across with a float more on either side in place
// of the first and the last one: the n+2 floats of a row of dst, dp apart, get
// what they gave to the f*n floats of a row of g, which has 3f/2 zeros on either
// side and is gp apart from the next.
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
