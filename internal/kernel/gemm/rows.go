package gemm

import "csnet/internal/kernel"

// RowColumns is of what MulRows's columns are a multiple.
const RowColumns = 16

// MulRows is a product of matrices whose second factor is packed, with n columns, a multiple
// of RowColumns:
//
//	for i < m, j < n:
//		s = 0
//		for t < k: s += a.X[i*a.Pitch + t] * B[t][j]
//		dst.X[i*dst.Pitch + j] = s, or dst + s if acc
//
// b holds B as PackRows leaves it. The sum of the k products is taken by itself before it is
// added to dst.
func MulRows(dst, a *kernel.Planes, b []float32, m, n, k int, acc bool) {
	if m > 0 && n > 0 && k > 0 {
		mulRows(dst, a, b, m, n, k, acc)
	}
}

// mulRowsGeneric is the plain twin of MulRows.
func mulRowsGeneric(dst, a *kernel.Planes, b []float32, m, n, k int, acc bool) {
	for i := range m {
		row, x := dst.X[i*dst.Pitch:][:n], a.X[i*a.Pitch:][:k]
		for j := range row {
			var s float32
			for t, v := range x {
				s += v * b[RowPlace(n, k, t, j)]
			}
			if acc {
				s += row[j]
			}
			row[j] = s
		}
	}
}

// RowPlace is where a packed matrix of k rows and n columns has row t of column j. The columns
// lie panel by panel, the rows of a panel one after the other.
func RowPlace(n, k, t, j int) int {
	level := kernel.Current()
	from, to := panel(level, n, panelOf(level, n, j))
	return from*k + t*(to-from) + j - from
}

// panels is into how many panels n columns are cut.
func panels(level kernel.Level, n int) int {
	most := mostColumns(level)
	return (n + most - 1) / most
}

// panel returns the columns of panel p.
func panel(level kernel.Level, n, p int) (from, to int) {
	lanes, all := rowLanes(level), panels(level, n)
	vectors := n / lanes
	return vectors * p / all * lanes, vectors * (p + 1) / all * lanes
}

// panelOf is the panel that has column j.
func panelOf(level kernel.Level, n, j int) int {
	p := j * panels(level, n) / n
	for {
		switch from, to := panel(level, n, p); {
		case j < from:
			p--
		case j >= to:
			p++
		default:
			return p
		}
	}
}

// rowLanes is of what the columns of a panel are a multiple.
func rowLanes(level kernel.Level) int {
	if level == kernel.AVX2 {
		return 8
	}
	return RowColumns
}

// mostColumns is how many columns a panel has at most.
func mostColumns(level kernel.Level) int {
	if level == kernel.AVX2 {
		return 16
	}
	return 48
}
