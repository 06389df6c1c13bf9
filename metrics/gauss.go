package metrics

import "math"

// MATLAB's fspecial('gaussian', 7, 5) is the outer product of this 7-tap
// kernel with itself, zeros outside the image.
const gaussRadius = 3

// gaussTaps are the weights at distance 0..3 from the centre.
func gaussTaps() (k [gaussRadius + 1]float64) {
	sum := 0.0
	for i := -gaussRadius; i <= gaussRadius; i++ {
		sum += math.Exp(-float64(i*i) / 50)
	}
	for i := range k {
		k[i] = math.Exp(-float64(i*i)/50) / sum
	}
	return k
}

// gaussColumns is the vertical pass: dst[i] = sum over j of k[|j|] rows[3+j][i].
func gaussColumns(dst []float64, rows *[2*gaussRadius + 1][]float64, k *[gaussRadius + 1]float64) {
	n := len(dst)
	a, b, c, d := rows[0][:n], rows[1][:n], rows[2][:n], rows[3][:n]
	e, f, g := rows[4][:n], rows[5][:n], rows[6][:n]
	k0, k1, k2, k3 := k[0], k[1], k[2], k[3]
	for i := range dst {
		dst[i] = (k0*d[i] + k1*(c[i]+e[i])) + (k2*(b[i]+f[i]) + k3*(a[i]+g[i]))
	}
}
