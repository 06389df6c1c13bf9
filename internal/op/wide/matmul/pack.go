package matmul

import "csnet/internal/kernel/gemm"

// Matrix tells where in a slice of weights the elements of the m x k matrix lie: row r and
// column t at Rows[r] + Columns[t]. Scale multiplies all; RowScale and ColumnScale, where
// they are not nil, have a factor for each row and for each column.
type Matrix struct {
	Rows, Columns         []int32
	Scale                 float32
	RowScale, ColumnScale []float32
}

// PackedFloats is the size of the packed matrix.
func (p *Product) PackedFloats() int { return p.m * p.k }

// PackTasks is the number of tasks of Pack.
func (p *Product) PackTasks() int { return p.groups * p.Sums() }

// Pack writes part i, one of PackTasks, of the matrix that lies in w to dst, PackedFloats
// large, as Multiply takes it.
func (p *Product) Pack(dst, w []float32, m *Matrix, i int) {
	lo, hi := p.Group(i / p.Sums())
	from := i % p.Sums() * SumLength
	to := min(from+SumLength, p.k)
	dst = dst[lo*p.k+from*(hi-lo):]
	at := 0
	for b := range gemm.Blocks(hi - lo) {
		first, end := lo+gemm.Block(hi-lo, b), lo+gemm.Block(hi-lo, b+1)
		rows := m.Rows[first:end]
		var factors [8]float32
		for r := range rows {
			factors[r] = m.Scale
			if m.RowScale != nil {
				factors[r] *= m.RowScale[first+r]
			}
		}
		for t, off := range m.Columns[from:to] {
			f := float32(1)
			if m.ColumnScale != nil {
				f = m.ColumnScale[from+t]
			}
			block := dst[at:][:len(rows)]
			for r, row := range rows {
				block[r] = f * factors[r] * w[row+off]
			}
			at += len(rows)
		}
	}
}
