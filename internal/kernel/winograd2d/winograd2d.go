package winograd2d

// A tile is Tile x Tile outputs, made of Side x Side inputs by Points products.
const (
	Tile   = 4
	Side   = Tile + 2
	Points = Side * Side
)

// The points are 0, ±5/8, ±3/2 and infinity, as those of package winograd.
const (
	pointA, pointB = 5. / 8, 3. / 2
	aa, bb         = pointA * pointA, pointB * pointB
)

// Channels is of what the numbers of channels that In and Out take are multiples.
const Channels = 16

// Scratch is how many floats In and Out need.
const Scratch = Points * Channels

// Taps evaluates the nine weights g of a pair of channels, row by row, at the points: U =
// G g Gᵀ.
func Taps(g *[9]float32) (u [Points]float32) {
	var half [Side][3]float64
	for j := range 3 {
		column := evaluate(float64(g[j]), float64(g[3+j]), float64(g[6+j]))
		for i, v := range column {
			half[i][j] = v
		}
	}
	for i, row := range half {
		for j, v := range evaluate(row[0], row[1], row[2]) {
			u[i*Side+j] = float32(v)
		}
	}
	return u
}

// evaluate is Taps in one direction.
func evaluate(g0, g1, g2 float64) [Side]float64 {
	const a, b, c = 1 / (2 * aa * (aa - bb)), 1 / (2 * bb * (bb - aa)), 1 / (aa * bb)
	p, q := a*(g0+aa*g2), a*pointA*g1
	r, s := b*(g0+bb*g2), b*pointB*g1
	return [Side]float64{c * g0, p + q, p - q, r + s, r - s, g2}
}

// In evaluates a tile of n channels, a multiple of Channels, at the points: with d_ij the
// value at src[i*row + j*column + c] and V = Bᵀ d B,
//
//	for c < n, i < Side, j < Side: dst[(i*Side+j)*point + c] = V_ij
//
// scratch is memory of Scratch floats.
func In(dst []float32, point int, src []float32, row, column, n int, scratch []float32) {
	in(dst, point, src, row, column, n, scratch)
}

func inGeneric(dst []float32, point int, src []float32, row, column, n int) {
	for c := range n {
		var half [Side][Side]float32
		for j := range Side {
			var x [Side]float32
			for i := range x {
				x[i] = src[i*row+j*column+c]
			}
			for i, v := range inLine(x) {
				half[i][j] = v
			}
		}
		for i, x := range half {
			for j, v := range inLine(x) {
				dst[(i*Side+j)*point+c] = v
			}
		}
	}
}

// inLine is In in one direction.
func inLine(x [Side]float32) [Side]float32 {
	p, q := x[4]-bb*x[2], pointA*(x[3]-bb*x[1])
	r, s := x[4]-aa*x[2], pointB*(x[3]-aa*x[1])
	return [Side]float32{
		x[4] - (aa+bb)*x[2] + aa*bb*x[0],
		p + q, p - q, r + s, r - s,
		x[5] - (aa+bb)*x[3] + aa*bb*x[1],
	}
}

// Out interpolates a tile of n channels, a multiple of Channels, from its products at the
// points: with m_ij the value at src[(i*Side+j)*point + c] and Y = Aᵀ m A,
//
//	for c < n, i < Tile, j < Tile: dst[i*row + j*column + c] = Y_ij
//
// scratch is memory of Scratch floats.
func Out(dst []float32, row, column int, src []float32, point, n int, scratch []float32) {
	out(dst, row, column, src, point, n, scratch)
}

func outGeneric(dst []float32, row, column int, src []float32, point, n int) {
	for c := range n {
		var half [Tile][Side]float32
		for j := range Side {
			var m [Side]float32
			for i := range m {
				m[i] = src[(i*Side+j)*point+c]
			}
			for i, v := range outLine(m) {
				half[i][j] = v
			}
		}
		for i, m := range half {
			for j, v := range outLine(m) {
				dst[i*row+j*column+c] = v
			}
		}
	}
}

// outLine is Out in one direction.
func outLine(m [Side]float32) [Tile]float32 {
	e, o, f, p := m[1]+m[2], m[1]-m[2], m[3]+m[4], m[3]-m[4]
	return [Tile]float32{
		m[0] + e + f,
		pointA*o + pointB*p,
		aa*e + bb*f,
		pointA*aa*o + pointB*bb*p + m[5],
	}
}

// Transpose turns a matrix of so many rows and columns round:
//
//	for r < rows, c < columns: dst[c*ds + r] = src[r*ss + c]
func Transpose(dst []float32, ds int, src []float32, ss, rows, columns int) {
	if rows > 0 && columns > 0 {
		_, _ = dst[(columns-1)*ds+rows-1], src[(rows-1)*ss+columns-1]
		turn(dst, ds, src, ss, rows, columns)
	}
}

func transposeGeneric(dst []float32, ds int, src []float32, ss, rows, columns int) {
	for r := range rows {
		at := r
		for _, v := range src[r*ss:][:columns] {
			dst[at] = v
			at += ds
		}
	}
}
