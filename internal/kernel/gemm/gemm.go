package gemm

import "csnet/internal/kernel"

// Mul is a product of matrices, the packed a (m outputs by k) by the k rows of b:
//
//	for o < m, i < n:
//		s = 0
//		for t < k: s += A[o][t] * b.X[t*b.Pitch + i]
//		dst.X[o*dst.Stride + i] = s, or dst + s if acc
//
// a holds A as Pack leaves it. The sum of the k products is taken by itself before it is
// added to dst.
func Mul(dst *kernel.Planes, a []float32, m int, b *kernel.Planes, n, k int, acc bool) {
	MulEnd(dst, a, m, b, n, k, acc, &End{})
}

// End is what MulEnd does to the sums before it writes them. The zero value does nothing.
type End struct {
	More  []float32 // where it has values: value i of output o, at More[o*dst.Stride + i], is added
	Shift []float32 // where it has values: Shift[o] is added
	ReLU  bool      // values below 0 become 0
}

// MulEnd is Mul with an end.
func MulEnd(dst *kernel.Planes, a []float32, m int, b *kernel.Planes, n, k int, acc bool, e *End) {
	if m > 0 && n > 0 && k > 0 {
		mul(dst, a, m, b, n, k, acc, e)
	}
}

// mulGeneric is the plain twin of MulEnd.
func mulGeneric(dst *kernel.Planes, a []float32, m int, b *kernel.Planes, n, k int, acc bool, e *End) {
	blocks := Blocks(m)
	for j := range blocks {
		first, end := Block(m, j), Block(m, j+1)
		rows := end - first
		for o := first; o < end; o++ {
			row := dst.X[o*dst.Stride:][:n]
			if !acc {
				clear(row)
			}
			for i := range row {
				var s float32
				for t := range k {
					s += a[first*k+t*rows+o-first] * b.X[t*b.Pitch+i]
				}
				row[i] += s
			}
			e.finish(row, o, o*dst.Stride)
		}
	}
}

// finish does to a row of output o, whose values in More begin at that place, what MulEnd says.
func (e *End) finish(row []float32, o, at int) {
	for i := range row {
		if len(e.More) > 0 {
			row[i] += e.More[at+i]
		}
		if len(e.Shift) > 0 {
			row[i] += e.Shift[o]
		}
		if e.ReLU && row[i] < 0 {
			row[i] = 0
		}
	}
}

// Blocks is into how many blocks of outputs m outputs are cut.
func Blocks(m int) int {
	most := mostRows(kernel.Current())
	return (m + most - 1) / most
}

// Block is the first output of block j.
func Block(m, j int) int { return m * j / max(Blocks(m), 1) }

// Pack writes the rows from first to end of a matrix of k columns, which lie stride floats
// apart in w, multiplied by scale, for Mul with m = end-first:
//
//	dst = block by block of outputs, for t < k, for o in the block: scale * w[o*stride + t]
func Pack(dst, w []float32, m, k, stride int, scale float32) {
	for j := range Blocks(m) {
		first, end := Block(m, j), Block(m, j+1)
		rows := end - first
		to := dst[first*k:][:rows*k]
		for o := range rows {
			at := o
			for _, v := range w[(first+o)*stride:][:k] {
				to[at] = v * scale
				at += rows
			}
		}
	}
}

// mostRows is how many outputs a block has at most.
func mostRows(level kernel.Level) int {
	if level == kernel.AVX2 {
		return 6
	}
	return 8
}
