package kernel

// Winograd's F(4, 3) makes four rows of a convolution with three vertical taps
// of six products instead of twelve: both, as polynomials, are evaluated at the
// points 0, ±5/8, ±3/2 and infinity, multiplied there, and the product is
// interpolated. Sums over channels and horizontal taps are taken between, so the
// evaluation of the rows is shared by all outputs and the interpolation done
// once. Errors are about 1.5 times those of the plain sum.
//
// Sources: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
// CVPR 2016; Barabasz et al., "Error Analysis and Improving the Accuracy of
// Winograd Convolution for Deep Neural Networks", ACM TOMS 2020, for the points.
const (
	WinogradRows   = 4 // of output in a tile
	WinogradPoints = WinogradRows + 2
)

// The points, their squares and cubes, and what else the transforms multiply by.
const (
	wgA, wgB   = 5. / 8, 3. / 2
	wgAA, wgBB = wgA * wgA, wgB * wgB
)

// WinogradTaps evaluates the vertical taps g at the points, for WinogradAct.
func WinogradTaps(g0, g1, g2 float32) [WinogradPoints]float32 {
	even, odd := func(square float64) float64 { return float64(g0) + square*float64(g2) }, float64(g1)
	a, b := 2*wgAA*(wgAA-wgBB), 2*wgBB*(wgBB-wgAA)
	return [WinogradPoints]float32{
		float32(float64(g0) / (wgAA * wgBB)),
		float32((even(wgAA) + wgA*odd) / a), float32((even(wgAA) - wgA*odd) / a),
		float32((even(wgBB) + wgB*odd) / b), float32((even(wgBB) - wgB*odd) / b),
		g2,
	}
}

// winogradFactors are what a vertical tap's gradient is of those at the points:
// WinogradTaps turned over, [point][tap].
func winogradFactors() []float32 {
	const a, b = 2 * wgAA * (wgAA - wgBB), 2 * wgBB * (wgBB - wgAA)
	return []float32{
		1 / (wgAA * wgBB), 0, 0,
		1 / a, wgA / a, wgAA / a,
		1 / a, -wgA / a, wgAA / a,
		1 / b, wgB / b, wgBB / b,
		1 / b, -wgB / b, wgBB / b,
		0, 0, 1,
	}
}

// WinogradTapGrads makes gradients of vertical taps of those at the points, which
// lie some floats apart.
type WinogradTapGrads struct {
	off []int32
	w   []float32
}

// NewWinogradTapGrads returns it for points dk floats apart.
func NewWinogradTapGrads(dk int) WinogradTapGrads {
	g := WinogradTapGrads{w: winogradFactors()}
	for k := range WinogradPoints {
		g.off = append(g.off, int32(k*dk))
	}
	return g
}

// Add adds to the gradients of the taps what those at the points give: for
// p < planes, y < 3, i < n
//
//	dst[p*ds + y*dy + i] += sum over k of WinogradTaps' factor of tap y at point k, times du[k*dk + p*n + i]
func (g WinogradTapGrads) Add(dst []float32, ds, dy int, du []float32, n, planes int) {
	dense(dst, dy, ds, du, n, g.off, g.w, 3, 3, n, planes, true)
}

// Row is a row of planes that lie Stride floats apart.
type Row struct {
	X      []float32
	Stride int
}

// WinogradIn evaluates, for a tile of output, its six rows x of each plane at the
// points:
//
//	for p < planes, i < n, x0 to x5 = x[0..5].X[p*x[0..5].Stride + i]:
//		dst[p*ds + 0*dk + i] = x4 - (a²+b²)*x2 + a²*b²*x0
//		dst[p*ds + 1*dk + i] = (x4 - b²*x2) + a*(x3 - b²*x1)
//		dst[p*ds + 2*dk + i] = (x4 - b²*x2) - a*(x3 - b²*x1)
//		dst[p*ds + 3*dk + i] = (x4 - a²*x2) + b*(x3 - a²*x1)
//		dst[p*ds + 4*dk + i] = (x4 - a²*x2) - b*(x3 - a²*x1)
//		dst[p*ds + 5*dk + i] = x5 - (a²+b²)*x3 + a²*b²*x1
func WinogradIn(dst []float32, ds, dk int, x *[WinogradPoints]Row, n, planes int) {
	winogradIn(dst, ds, dk, x, n, planes)
}

func winogradInGeneric(dst []float32, ds, dk int, x *[WinogradPoints]Row, n, planes int) {
	for p := range planes {
		row := func(j int) []float32 { return x[j].X[p*x[j].Stride:][:n] }
		to := func(k int) []float32 { return dst[p*ds+k*dk:][:n] }
		outer(to(0), row(0), row(2), row(4))
		outer(to(5), row(1), row(3), row(5))
		pair(to(1), to(2), row(1), row(2), row(3), row(4), wgBB, wgA)
		pair(to(3), to(4), row(1), row(2), row(3), row(4), wgAA, wgB)
	}
}

func outer(d, x0, x2, x4 []float32) {
	for i, v := range x4 {
		d[i] = v - (wgAA+wgBB)*x2[i] + wgAA*wgBB*x0[i]
	}
}

func pair(d, e, x1, x2, x3, x4 []float32, square, point float32) {
	for i, v := range x4 {
		even, odd := v-square*x2[i], point*(x3[i]-square*x1[i])
		d[i], e[i] = even+odd, even-odd
	}
}

// WinogradGradIn evaluates, for a tile, the gradients x of its four rows of output
// in each plane at the points, as the gradients of the products that WinogradAct
// interpolates:
//
//	for p < planes, i < n, x0 to x3 = x[0..3].X[p*x[0..3].Stride + i]:
//		dst[p*ds + 0*dk + i] = x0
//		dst[p*ds + 1*dk + i] = (x0 + a²*x2) + a*(x1 + a²*x3)
//		dst[p*ds + 2*dk + i] = (x0 + a²*x2) - a*(x1 + a²*x3)
//		dst[p*ds + 3*dk + i] = (x0 + b²*x2) + b*(x1 + b²*x3)
//		dst[p*ds + 4*dk + i] = (x0 + b²*x2) - b*(x1 + b²*x3)
//		dst[p*ds + 5*dk + i] = x3
//
// The gradients of the weights at the points are sums of products of these with
// what WinogradIn makes.
func WinogradGradIn(dst []float32, ds, dk int, x *[WinogradRows]Row, n, planes int) {
	winogradGradIn(dst, ds, dk, x, n, planes)
}

func winogradGradInGeneric(dst []float32, ds, dk int, x *[WinogradRows]Row, n, planes int) {
	for p := range planes {
		row := func(j int) []float32 { return x[j].X[p*x[j].Stride:][:n] }
		to := func(k int) []float32 { return dst[p*ds+k*dk:][:n] }
		copy(to(0), row(0))
		copy(to(5), row(3))
		gradPair(to(1), to(2), row(0), row(1), row(2), row(3), wgAA, wgA)
		gradPair(to(3), to(4), row(0), row(1), row(2), row(3), wgBB, wgB)
	}
}

func gradPair(d, e, x0, x1, x2, x3 []float32, square, point float32) {
	for i, v := range x0 {
		even, odd := v+square*x2[i], point*(x1[i]+square*x3[i])
		d[i], e[i] = even+odd, even-odd
	}
}

// WinogradEnd is what WinogradAct does beyond the convolution: sums begin with
// Bias[o] or, where there are rows in Start, with Start[o*SS + (r-skip)*SP + i],
// and end with the PReLU of Slope, which must be finite. Nil leaves out. Start may
// be dst itself.
type WinogradEnd struct {
	Bias, Slope []float32
	Start       []float32
	SS, SP      int
}

// WinogradSlack is how many floats beyond the n of a row WinogradAct may read, in
// v.
const WinogradSlack = 64

// WinogradScratch is how many floats WinogradAct needs for rows of n.
func WinogradScratch(n int) int { return max(n, 32*16) * WinogradPoints }

// WinogradAct makes rows skip up to but not including rows, counted from the
// first of a tile on, from what WinogradIn made of the planes and WinogradTaps of
// the weights:
//
//	for o < oc, t tiles, i < n:
//		for k < WinogradPoints: m_k = sum over q < len(off) of w[(k*len(off)+q)*ws+o] * v[off[q] + t*vt + k*vk + i]
//		y_0 = m_0 + (m_1+m_2) + (m_3+m_4)
//		y_1 = a*(m_1-m_2) + b*(m_3-m_4)
//		y_2 = a²*(m_1+m_2) + b²*(m_3+m_4)
//		y_3 = a³*(m_1-m_2) + b³*(m_3-m_4) + m_5
//		for r < 4: u = start of row 4*t+r + y_r
//			dst[o*ds + (4*t+r-skip)*dp + i] = Slope[o]*u if u < 0, else u, where that is wanted
//
// scratch has WinogradScratch(n) floats.
func WinogradAct(dst []float32, ds, dp int, v []float32, vk, vt int, off []int32, w []float32, ws, oc, n, skip, rows int, e *WinogradEnd, scratch []float32) {
	winogradAct(dst, ds, dp, v, vk, vt, off, w, ws, oc, n, skip, rows, e, scratch)
}

func winogradActGeneric(dst []float32, ds, dp int, v []float32, vk, vt int, off []int32, w []float32, ws, oc, n, skip, rows int, e *WinogradEnd, scratch []float32) {
	m := func(k int) []float32 { return scratch[k*n:][:n] }
	for r := 0; r < rows; r += WinogradRows {
		t := r / WinogradRows
		for o := range oc {
			for k := range WinogradPoints {
				denseGeneric(m(k), 0, 0, v[t*vt+k*vk:], 0, off, w[k*len(off)*ws+o:], ws, 1, n, 1, false)
			}
			for j := max(skip-r, 0); j < min(rows-r, WinogradRows); j++ {
				d := dst[o*ds+(r+j-skip)*dp:][:n]
				e.start(d, o, r+j-skip)
				winogradOut(d, m, j)
				if e.Slope != nil {
					preluGeneric(d, e.Slope[o])
				}
			}
		}
	}
}

// start sets d to what row r of dst of output o begins with.
func (e *WinogradEnd) start(d []float32, o, r int) {
	if e.Start != nil {
		copy(d, e.Start[o*e.SS+r*e.SP:][:len(d)])
		return
	}
	var b float32
	if e.Bias != nil {
		b = e.Bias[o]
	}
	for i := range d {
		d[i] = b
	}
}

// winogradOut adds row j of a tile to d.
func winogradOut(d []float32, m func(k int) []float32, j int) {
	fa := [WinogradRows]float32{1, wgA, wgAA, wgA * wgAA}[j]
	fb := [WinogradRows]float32{1, wgB, wgBB, wgB * wgBB}[j]
	sign := float32(1 - 2*(j%2))
	m1, m2, m3, m4 := m(1), m(2), m(3), m(4)
	for i, v := range m1 {
		d[i] += fa*(v+sign*m2[i]) + fb*(m3[i]+sign*m4[i])
	}
	if j == 0 || j == WinogradRows-1 {
		for i, v := range m(j / 3 * 5) {
			d[i] += v
		}
	}
}
