package metrics

// F-measure of PySODMetrics, Achanta et al., "Frequency-tuned salient region
// detection", CVPR 2009, beta^2 = 0.3: F per image and threshold (p >= t/255
// by floor(p*255)), averaged over images; maxF and meanF are the maximum and
// the mean of that curve, adpF the F at min(2 mean(p), 1). An empty mask
// gives 0 everywhere.

// fMeasure fills the precision, recall and F curves of one image.
func fMeasure(c *tailCounts, fg int, precision, recall, f *Curve) {
	for t := range f {
		precision[t] = float64(c.tp[t]) / float64(max(c.tp[t]+c.fp[t], 1))
		recall[t] = float64(c.tp[t]) / float64(max(fg, 1))
		f[t] = fBeta(precision[t], recall[t])
	}
}

// adaptiveF is F for tp true and fp false positives of fg foreground pixels.
func adaptiveF(tp, fp, fg int) float64 {
	if tp == 0 {
		return 0
	}
	return fBeta(float64(tp)/float64(tp+fp), float64(tp)/float64(fg))
}
