package metrics

// stretch gives the pysod value of each grey level: p = v/255, then
// (p - min)/(max - min) over the image unless the map is constant, in exactly
// that order of float64 operations, for their rounding decides curve bins.
func stretch(lo, hi uint8) (p [256]float64) {
	a, b := float64(lo)/255, float64(hi)/255
	for v := range p {
		p[v] = float64(v) / 255
		if lo != hi {
			p[v] = (p[v] - a) / (b - a)
		}
	}
	return p
}

// tailCounts are the pixels at or above each threshold t = 0..255, by floor(p*255).
type tailCounts struct{ tp, fp [Thresholds]int }

func tails(h *histogram, p *[256]float64) *tailCounts {
	var c tailCounts
	for v := int(h.min); v <= int(h.max); v++ {
		t := int(p[v] * 255)
		c.fp[t] += h.all[0][v]
		c.tp[t] += h.all[1][v]
	}
	for t := Thresholds - 2; t >= 0; t-- {
		c.fp[t] += c.fp[t+1]
		c.tp[t] += c.tp[t+1]
	}
	return &c
}

// adaptiveCounts are the true and false positives at the adaptive threshold
// min(2 mean(p), 1), positive = p >= threshold. Equality is decided in
// integers, (v - min) N >= 2 (sum - N min), so that flips cannot change it;
// the largest value always passes when it is 1.
func adaptiveCounts(h *histogram, p *[256]float64) (tp, fp int) {
	n, sum, lo := h.n[0]+h.n[1], 0, int(h.min)
	if h.min == h.max {
		lo = 0 // constant maps are not stretched
	}
	for v := range 256 {
		sum += v * (h.all[0][v] + h.all[1][v])
	}
	for v := int(h.min); v <= int(h.max); v++ {
		if (v-lo)*n >= 2*(sum-n*lo) || p[v] >= 1 {
			fp += h.all[0][v]
			tp += h.all[1][v]
		}
	}
	return tp, fp
}
