package metrics

import "math"

// S-measure, Fan et al., "Structure-measure: a new way to evaluate foreground
// maps", ICCV 2017, alpha = 0.5, as in PySODMetrics:
//
//	S = max(0, 0.5 S_object + 0.5 S_region)
//
// An empty mask gives 1 - mean(p), a full one mean(p).

// centroid gives the quadrants of a mask: the mean row and column of its
// foreground, rounded half to even, + 1. Empty and full masks have one quadrant.
func centroid(f *foreground) quadrants {
	if f.count == 0 || f.count == f.w*f.h {
		return quadrants{f.w, f.h}
	}
	n := float64(f.count)
	return quadrants{
		cx: int(math.RoundToEven(float64(f.sumX)/n)) + 1,
		cy: int(math.RoundToEven(float64(f.sumY)/n)) + 1,
	}
}

// undefinedS says whether S is NaN in PySODMetrics, where a deviation or a
// quadrant is taken of nothing. Here it has a value all the same.
func undefinedS(f *foreground, q quadrants) bool {
	n := f.w * f.h
	if f.count == 0 || f.count == n {
		return false
	}
	return f.count == 1 || f.count == n-1 || q.cx == f.w || q.cy == f.h
}

// sMeasure is S of a map whose histogram was taken in the quadrants q.
func sMeasure(h *histogram, p *[256]float64, q quadrants, w, height int) float64 {
	n := float64(h.n[0] + h.n[1])
	switch {
	case h.n[1] == 0:
		return 1 - mean(&h.all[0], p)
	case h.n[0] == 0:
		return mean(&h.all[1], p)
	}
	var inverse [256]float64
	for v := range inverse {
		inverse[v] = 1 - p[v]
	}
	share := float64(h.n[1]) / n
	object := sObject(&h.all[1], p)*share + sObject(&h.all[0], &inverse)*(1-share)
	return max(0, 0.5*object+0.5*sRegion(h, p, q, w, height))
}

// sObject is 2 m / (m^2 + 1 + sigma + eps), sigma the sample deviation (n - 1;
// 0 for a single pixel) of the values counted.
func sObject(count *[256]int, p *[256]float64) float64 {
	m := mean(count, p)
	n, square := 0, 0.0
	for v, k := range count {
		if k > 0 {
			n += k
			square += float64(k) * (p[v] - m) * (p[v] - m)
		}
	}
	sigma := 0.0
	if n > 1 {
		sigma = math.Sqrt(square / float64(n-1))
	}
	return 2 * m / (m*m + 1 + sigma + eps)
}

// sRegion weighs the quadrants' scores by their area; an empty quadrant adds 0.
func sRegion(h *histogram, p *[256]float64, q quadrants, w, height int) float64 {
	area := float64(w * height)
	lt := float64(q.cx*q.cy) / area
	rt := float64(q.cy*(w-q.cx)) / area
	lb := float64((height-q.cy)*q.cx) / area
	weight := [4]float64{lt, rt, lb, 1 - lt - rt - lb}
	widths := [2]int{q.cx, w - q.cx}
	heights := [2]int{q.cy, height - q.cy}
	var sum float64
	for i := range weight {
		qw, qh := widths[i%2], heights[i/2]
		if qw > 0 && qh > 0 {
			sum += weight[i] * quadrantScore(&h.part[i], p, qw*qh)
		}
	}
	return sum
}

// quadrantScore is 4 x y s_xy / ((x^2 + y^2)(s_x^2 + s_y^2) + eps) with x, y
// the means of map and mask, variances and covariance over N - 1 + eps. Where
// the numerator is 0 it is 1 if the denominator is 0 too, else 0.
func quadrantScore(part *[2][256]int, p *[256]float64, n int) float64 {
	fg, sum, levels, last := 0, 0.0, 0, 0
	for v := range 256 {
		if k := part[0][v] + part[1][v]; k > 0 {
			fg += part[1][v]
			sum += float64(k) * p[v]
			levels, last = levels+1, v
		}
	}
	x, y := sum/float64(n), float64(fg)/float64(n)
	if levels == 1 {
		x = constantMean(p[last], n)
	}
	var sx, sy, sxy float64
	for v := range 256 {
		b, f := float64(part[0][v]), float64(part[1][v])
		if b+f == 0 {
			continue
		}
		d := p[v] - x
		sx += (b + f) * d * d
		sxy += d * (f*(1-y) - b*y)
	}
	sy = float64(fg)*(1-y)*(1-y) + float64(n-fg)*y*y
	if fg == 0 || fg == n {
		sy, sxy = 0, 0
	}
	d := float64(n-1) + eps
	num := 4 * x * y * (sxy / d)
	den := (x*x + y*y) * (sx/d + sy/d)
	switch {
	case num != 0:
		return num / (den + eps)
	case den == 0:
		return 1
	}
	return 0
}

// mean of the values counted.
func mean(count *[256]int, p *[256]float64) float64 {
	n, sum := 0, 0.0
	for v, k := range count {
		if k > 0 {
			n += k
			sum += float64(k) * p[v]
		}
	}
	return sum / float64(n)
}
