package metrics

// Overlap of the map cut at one half with the mask, as in PySODMetrics' FmeasureV2
// (handlers with_binary, sample_based): the map is stretched to 0..1, p > 0.5 is
// foreground, and with tp, fp, fn, tn pixels
//
//	IoU  = tp / (tp + fp + fn)                          Jaccard index
//	Dice = 2 tp / (2 tp + fp + fn)                      F with beta = 1
//	BER  = 1 - (tp / (tp + fn) + tn / (tn + fp)) / 2    balanced error rate
//
// per image, averaged over images. A share of nothing is 0: an empty map on an
// empty mask has IoU 0 and Dice 0, and a mask without foreground or without
// background has a BER of at least one half.

// overlap is tp true and fp false positives among n pixels, fg of them foreground.
func overlap(tp, fp, fg, n int) (iou, dice, ber float64) {
	fn, tn := fg-tp, n-fg-fp
	return share(tp, tp+fp+fn), share(2*tp, 2*tp+fp+fn), 1 - 0.5*(share(tp, fg)+share(tn, n-fg))
}

func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// halfCounts are the true and false positives above one half.
func halfCounts(h *histogram, p *[256]float64) (tp, fp int) {
	for v := int(h.min); v <= int(h.max); v++ {
		if p[v] > 0.5 {
			fp += h.all[0][v]
			tp += h.all[1][v]
		}
	}
	return tp, fp
}
