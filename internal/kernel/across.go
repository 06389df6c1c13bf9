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
