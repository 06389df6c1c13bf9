package winograd

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/pointwise"
)

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
	Rows   = 4 // of output in a tile
	Points = Rows + 2
)

// The points, their squares and cubes, and what else the transforms multiply by.
const (
	wgA, wgB   = 5. / 8, 3. / 2
	wgAA, wgBB = wgA * wgA, wgB * wgB
)

// Taps evaluates the vertical taps g at the points, for ConvAct.
func Taps(g0, g1, g2 float32) [Points]float32 {
	even, odd := func(square float64) float64 { return float64(g0) + square*float64(g2) }, float64(g1)
	a, b := 2*wgAA*(wgAA-wgBB), 2*wgBB*(wgBB-wgAA)
	return [Points]float32{
		float32(float64(g0) / (wgAA * wgBB)),
		float32((even(wgAA) + wgA*odd) / a), float32((even(wgAA) - wgA*odd) / a),
		float32((even(wgBB) + wgB*odd) / b), float32((even(wgBB) - wgB*odd) / b),
		g2,
	}
}

// tapFactors are what a vertical tap's gradient is of those at the points: Taps
// transposed, [point][tap].
func tapFactors() []float32 {
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

// TapGrads makes gradients of vertical taps of those at the points, which lie some
// floats apart.
type TapGrads struct {
	off []int32
	w   []float32
}

// NewTapGrads returns it for points pitch floats apart.
func NewTapGrads(pitch int) TapGrads {
	g := TapGrads{w: tapFactors()}
	for k := range Points {
		g.off = append(g.off, int32(k*pitch))
	}
	return g
}

// Add adds to the gradients of the taps what those at the points give. Tap y of
// plane p is row y of it in dst; du holds the points pitch floats apart, in each the
// planes n apart:
//
//	for p < planes, y < 3, i < n:
//		dst.X[p*dst.Stride + y*dst.Pitch + i] += sum over k of Taps' factor of tap y at point k, times du[k*pitch + p*n + i]
func (g TapGrads) Add(dst *kernel.Planes, du []float32, n, planes int) {
	taps := kernel.Planes{X: dst.X, Stride: dst.Pitch, Pitch: dst.Stride} // the taps are the outputs, the planes the rows
	dense.Conv(&taps, kernel.Rows(du, n), g.off, kernel.Packed(g.w, 3), n, planes, true)
}

// Row is a row of planes that lie Stride floats apart.
type Row struct {
	X      []float32
	Stride int
}

// In evaluates, for a tile of output, its six rows x of each plane at the points.
// Point k of plane p is row k of it in dst, x0 to x5 are x[0..5].X[p*x[0..5].Stride + i]:
//
//	for p < planes, i < n:
//		row 0 of dst: x4 - (a²+b²)*x2 + a²*b²*x0
//		row 1 of dst: (x4 - b²*x2) + a*(x3 - b²*x1)
//		row 2 of dst: (x4 - b²*x2) - a*(x3 - b²*x1)
//		row 3 of dst: (x4 - a²*x2) + b*(x3 - a²*x1)
//		row 4 of dst: (x4 - a²*x2) - b*(x3 - a²*x1)
//		row 5 of dst: x5 - (a²+b²)*x3 + a²*b²*x1
func In(dst *kernel.Planes, x *[Points]Row, n, planes int) {
	in(dst, x, n, planes)
}

func inGeneric(dst *kernel.Planes, x *[Points]Row, n, planes int) {
	for p := range planes {
		row := func(j int) []float32 { return x[j].X[p*x[j].Stride:][:n] }
		to := func(k int) []float32 { return dst.X[p*dst.Stride+k*dst.Pitch:][:n] }
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

// GradIn evaluates, for a tile, the gradients x of its four rows of output in each
// plane at the points, as the gradients of the products that ConvAct interpolates.
// Point k of plane p is row k of it in dst, x0 to x3 are x[0..3].X[p*x[0..3].Stride + i]:
//
//	for p < planes, i < n:
//		row 0 of dst: x0
//		row 1 of dst: (x0 + a²*x2) + a*(x1 + a²*x3)
//		row 2 of dst: (x0 + a²*x2) - a*(x1 + a²*x3)
//		row 3 of dst: (x0 + b²*x2) + b*(x1 + b²*x3)
//		row 4 of dst: (x0 + b²*x2) - b*(x1 + b²*x3)
//		row 5 of dst: x3
//
// The gradients of the weights at the points are sums of products of these with
// what In makes.
func GradIn(dst *kernel.Planes, x *[Rows]Row, n, planes int) {
	gradIn(dst, x, n, planes)
}

func gradInGeneric(dst *kernel.Planes, x *[Rows]Row, n, planes int) {
	for p := range planes {
		row := func(j int) []float32 { return x[j].X[p*x[j].Stride:][:n] }
		to := func(k int) []float32 { return dst.X[p*dst.Stride+k*dst.Pitch:][:n] }
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

// End is what ConvAct does beyond the convolution: sums begin with Bias[o] or, where
// there is a Start, with row r-skip of plane o of it, and end with the PReLU of Slope,
// which must be finite. Nil leaves out. Start may be dst itself.
type End struct {
	Bias, Slope []float32
	Start       kernel.Planes
	Scratch     []float32 // Scratch(n) floats
}

// Slack is how many floats beyond the n of a row ConvAct may read, in v.
const Slack = 64

// Scratch is how many floats ConvAct needs for rows of n.
func Scratch(n int) int { return max(n, 32*16) * Points }

// ConvAct makes rows skip up to but not including rows, counted from the first of a
// tile on, from what In made of the planes and Taps of the weights. Point k of tile t
// is row k of plane t in v:
//
//	for o < w.Outputs, t tiles, i < n:
//		for k < Points: m_k = sum over q < len(off) of w.W[(k*len(off)+q)*w.Stride+o] * v.X[off[q] + t*v.Stride + k*v.Pitch + i]
//		y_0 = m_0 + (m_1+m_2) + (m_3+m_4)
//		y_1 = a*(m_1-m_2) + b*(m_3-m_4)
//		y_2 = a²*(m_1+m_2) + b²*(m_3+m_4)
//		y_3 = a³*(m_1-m_2) + b³*(m_3-m_4) + m_5
//		for r < 4: u = start of row 4*t+r + y_r
//			row 4*t+r-skip of plane o of dst at i = Slope[o]*u if u < 0, else u, where that is wanted
func ConvAct(dst, v *kernel.Planes, off []int32, w *kernel.Weights, n, skip, rows int, e *End) {
	convAct(dst, v, off, w, n, skip, rows, e)
}

func convActGeneric(dst, v *kernel.Planes, off []int32, w *kernel.Weights, n, skip, rows int, e *End) {
	m := func(k int) []float32 { return e.Scratch[k*n:][:n] }
	for r := 0; r < rows; r += Rows {
		t := r / Rows
		for o := range w.Outputs {
			for k := range Points {
				point := kernel.Planes{X: v.X[t*v.Stride+k*v.Pitch:]}
				one := kernel.Weights{W: w.W[k*len(off)*w.Stride+o:], Stride: w.Stride, Outputs: 1}
				dense.ConvGeneric(&kernel.Planes{X: m(k)}, &point, off, &one, n, 1, false)
			}
			for j := max(skip-r, 0); j < min(rows-r, Rows); j++ {
				d := dst.X[o*dst.Stride+(r+j-skip)*dst.Pitch:][:n]
				e.start(d, o, r+j-skip)
				addRow(d, m, j)
				if e.Slope != nil {
					pointwise.PReLU(d, e.Slope[o])
				}
			}
		}
	}
}

// start sets d to what row r of dst of output o begins with.
func (e *End) start(d []float32, o, r int) {
	if e.Start.X != nil {
		copy(d, e.Start.X[o*e.Start.Stride+r*e.Start.Pitch:][:len(d)])
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

// addRow adds row j of a tile to d.
func addRow(d []float32, m func(k int) []float32, j int) {
	fa := [Rows]float32{1, wgA, wgAA, wgA * wgAA}[j]
	fb := [Rows]float32{1, wgB, wgBB, wgB * wgBB}[j]
	sign := float32(1 - 2*(j%2))
	m1, m2, m3, m4 := m(1), m(2), m(3), m(4)
	for i, v := range m1 {
		d[i] += fa*(v+sign*m2[i]) + fb*(m3[i]+sign*m4[i])
	}
	if j == 0 || j == Rows-1 {
		for i, v := range m(j / 3 * 5) {
			d[i] += v
		}
	}
}
