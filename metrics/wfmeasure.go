package metrics

import "math"

// Weighted F-measure, Margolin, Zelnik-Manor and Tal, "How to evaluate
// foreground maps?", CVPR 2014, beta^2 = 1, as in PySODMetrics. With E = |p - g|,
// Et = E but at background pixels E of the nearest foreground pixel, and
// EA = Et smoothed (7x7, sigma 5, zero padded):
//
//	Ew  = min(E, EA) on foreground, E (2 - exp(ln 0.5 / 5 d)) on background
//	TPw = sum fg - sum_fg Ew,  FPw = sum_bg Ew
//	R   = 1 - mean_fg Ew,      P = TPw / (TPw + FPw + eps)
//	wF  = 2 R P / (R + P + eps)
//
// An empty mask gives 0.

// importanceReach: beyond this distance 2 - exp(ln 0.5 / 5 d) is exactly 2 in
// float64, for exp(-0.1386 * 266) is less than half a unit in the last place.
const importanceReach = 266

// weightedF keeps the scratch of the measure. The zero value is ready: its tables are made
// for the first map, since most scorers never see this measure.
type weightedF struct {
	dist       distance
	importance []float64 // by squared distance
	taps       [gaussRadius + 1]float64
	et         []float64 // Et around the foreground's box, 3 pixels of margin
	columns    []float64 // one run after the vertical pass
	x0, y0     int       // image position of et's corner
	w, h       int       // size of et
}

func importances() []float64 {
	t := make([]float64, importanceReach*importanceReach)
	for i := range t {
		t[i] = 2 - math.Exp(math.Log(0.5)/5*math.Sqrt(float64(i)))
	}
	return t
}

// score is wF of a map with grey levels stretched by p.
func (m *weightedF) score(pred []uint8, f *foreground, p *[256]float64) float64 {
	if f.count == 0 {
		return 0
	}
	if m.importance == nil {
		m.importance, m.taps = importances(), gaussTaps()
	}
	m.box(f)
	m.dist.reset(f)
	var fpw float64
	for y := f.h - 1; y >= 0; y-- {
		sites := m.dist.row(y)
		fpw += m.background(pred[y*f.w:(y+1)*f.w], sites, p)
		if y >= m.y0 && y < m.y0+m.h {
			m.nearestError(pred, y, sites, p)
		}
	}
	lost := m.foreground(pred, f, p)
	n := float64(f.count)
	tpw := n - lost
	r := 1 - lost/n
	pr := tpw / (tpw + fpw + eps)
	return 2 * r * pr / (r + pr + eps)
}

// box places et around the foreground and clears it.
func (m *weightedF) box(f *foreground) {
	first, last := -1, 0
	left, right := f.w, 0
	for y := range f.h {
		if r := f.row(y); len(r) > 0 {
			if first < 0 {
				first = y
			}
			last = y
			left, right = min(left, int(r[0].from)), max(right, int(r[len(r)-1].to))
		}
	}
	m.x0, m.y0 = left-gaussRadius, first-gaussRadius
	m.w, m.h = right-left+2*gaussRadius, last-first+1+2*gaussRadius
	m.et = grow(m.et, m.w*m.h)
	clear(m.et)
	m.columns = grow(m.columns, m.w)
}

// background sums p times importance over a row's background, in two strands
// so that one addition need not wait for the last.
func (m *weightedF) background(row []uint8, sites []site, p *[256]float64) float64 {
	var even, odd float64
	for i := range sites {
		s := &sites[i]
		g2, x := int(s.dy)*int(s.dy), int(s.first-s.col)
		v := row[s.first:s.end]
		for ; len(v) >= 2; v = v[2:] {
			even += p[v[0]] * m.weight(x*x+g2)
			odd += p[v[1]] * m.weight((x+1)*(x+1)+g2)
			x += 2
		}
		if len(v) > 0 {
			even += p[v[0]] * m.weight(x*x+g2)
		}
	}
	return even + odd
}

// weight is 2 - exp(ln 0.5 / 5 d) at squared distance d2.
func (m *weightedF) weight(d2 int) float64 {
	if d2 < len(m.importance) {
		return m.importance[d2]
	}
	return 2
}

// nearestError fills et's row for image row y.
func (m *weightedF) nearestError(pred []uint8, y int, sites []site, p *[256]float64) {
	f := m.dist.f
	from, to := max(m.x0, 0), min(m.x0+m.w, f.w)
	et := m.et[(y-m.y0)*m.w-m.x0+from:][:to-from] // et[i] is column from+i
	for _, r := range f.row(y) {                  // all runs lie inside from..to
		for i, v := range pred[y*f.w+int(r.from) : y*f.w+int(r.to)] {
			et[int(r.from)-from+i] = 1 - p[v]
		}
	}
	for i := range sites {
		s := &sites[i]
		a, b := max(int(s.first), from), min(int(s.end), to)
		if a >= b {
			continue
		}
		e := 1 - p[pred[(y+int(s.dy))*f.w+int(s.col)]]
		for k := a - from; k < b-from; k++ {
			et[k] = e
		}
	}
}

// foreground sums min(E, EA) over the foreground.
func (m *weightedF) foreground(pred []uint8, f *foreground, p *[256]float64) float64 {
	var sum float64
	var rows [2*gaussRadius + 1][]float64
	for y := range f.h {
		for _, r := range f.row(y) {
			n := int(r.to - r.from)
			for j := range rows {
				rows[j] = m.et[(y-m.y0-gaussRadius+j)*m.w+int(r.from)-m.x0-gaussRadius:][:n+2*gaussRadius]
			}
			cols := m.columns[:n+2*gaussRadius]
			gaussColumns(cols, &rows, &m.taps)
			sum += leastError(cols, pred[y*f.w+int(r.from):][:n], p, &m.taps)
		}
	}
	return sum
}

// leastError sums min(E, EA) over a run; cols[i..i+6] surround pixel i.
func leastError(cols []float64, row []uint8, p *[256]float64, k *[gaussRadius + 1]float64) float64 {
	k0, k1, k2, k3 := k[0], k[1], k[2], k[3]
	var sum float64
	for i, v := range row {
		c := cols[i : i+7 : i+7]
		ea := (k0*c[3] + k1*(c[2]+c[4])) + (k2*(c[1]+c[5]) + k3*(c[0]+c[6]))
		sum += min(1-p[v], ea)
	}
	return sum
}
