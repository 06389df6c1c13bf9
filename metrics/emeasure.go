package metrics

// E-measure, Fan et al., "Enhanced-alignment measure for binary foreground map
// evaluation", IJCAI 2018, as in PySODMetrics:
//
//	E = sum (1 + a)^2 / 4 / (N - 1 + eps),  a = 2 x y / (x^2 + y^2 + eps)
//
// with x, y the binary map and the mask less their means. An empty mask gives
// the background share of the map, a full one its foreground share, both over
// N - 1 + eps too (so a perfect map gives N/(N - 1 + eps), and a single pixel
// 1/eps). maxE and meanE are taken from the curve averaged over images.

// eps is the distance from 1 to the next float64, 2^-52.
const eps = 0x1p-52

// eMeasure is E for tp true and fp false positives among n pixels, fg of them foreground.
func eMeasure(tp, fp, fg, n int) float64 {
	pos := tp + fp
	neg := n - pos
	var sum float64
	switch fg {
	case 0:
		sum = float64(neg)
	case n:
		sum = float64(pos)
	default:
		mp, mg := float64(pos)/float64(n), float64(fg)/float64(n)
		fn := fg - tp
		sum += float64(tp) * aligned(1-mp, 1-mg)
		sum += float64(fp) * aligned(1-mp, -mg)
		sum += float64(fn) * aligned(-mp, 1-mg)
		sum += float64(neg-fn) * aligned(-mp, -mg)
	}
	return sum / (float64(n-1) + eps)
}

// aligned is (1 + a)^2 / 4.
func aligned(x, y float64) float64 {
	a := 2 * (x * y) / (x*x + y*y + eps)
	return (a + 1) * (a + 1) / 4
}

// eCurve fills E at every threshold.
func eCurve(c *tailCounts, fg, n int, e *Curve) {
	for t := range e {
		if t > 0 && c.tp[t] == c.tp[t-1] && c.fp[t] == c.fp[t-1] {
			e[t] = e[t-1]
			continue
		}
		e[t] = eMeasure(c.tp[t], c.fp[t], fg, n)
	}
}
