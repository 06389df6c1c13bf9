package metrics

// Mean absolute error, Perazzi et al., "Saliency filters", CVPR 2012.

// pysodMAE is mean |p - g| with p stretched and g the mask cut at > 128.
func pysodMAE(h *histogram, p *[256]float64) float64 {
	var sum float64
	for v := range 256 {
		sum += float64(h.all[0][v]) * p[v]
		sum += float64(h.all[1][v]) * (1 - p[v])
	}
	return sum / float64(h.n[0]+h.n[1])
}

// salMetricMAE is mean |pred - mask| / 255 with both as stored: grey masks
// count with their grey.
func salMetricMAE(pred, mask []uint8, f *foreground, h *histogram) float64 {
	sum := 0
	if f.binary {
		for v := range 256 {
			sum += v*h.all[0][v] + (255-v)*h.all[1][v]
		}
	} else {
		for i, m := range mask {
			d := int(m) - int(pred[i])
			sum += max(d, -d)
		}
	}
	return float64(sum) / float64(len(mask)) / 255
}
