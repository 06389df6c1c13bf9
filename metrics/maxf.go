package metrics

// SalMetric's maximal F, the protocol of Gao et al., ECCV 2020: precision and
// recall per threshold averaged over images, then
//
//	F(t) = (1 + b) P R / (b P + R), b = beta^2 = 0.3, maxF = max over t.

const (
	beta2        = 0.3
	salMetricEps = 1e-4
)

// salMetricPR fills P = (tp + eps)/(pos + eps) and R = (tp + eps)/(fg + eps)
// for positive = value > t, t = 0..255, on the map as stored.
func salMetricPR(h *histogram, precision, recall *Curve) {
	tp, fp := 0, 0
	for t := Thresholds - 1; t >= 0; t-- {
		precision[t] = (float64(tp) + salMetricEps) / (float64(tp+fp) + salMetricEps)
		recall[t] = (float64(tp) + salMetricEps) / (float64(h.n[1]) + salMetricEps)
		tp += h.all[1][t]
		fp += h.all[0][t]
	}
}

// salMetricF is the F curve of averaged (or single) precision and recall.
func salMetricF(precision, recall *Curve) (f Curve) {
	for t := range f {
		f[t] = fBeta(precision[t], recall[t])
	}
	return f
}

// fBeta is (1 + b) P R / (b P + R), 0 when P R is 0.
func fBeta(p, r float64) float64 {
	num := (1 + beta2) * p * r
	if num == 0 {
		return 0
	}
	return num / (beta2*p + r)
}
