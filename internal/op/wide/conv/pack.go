package conv

import (
	"csnet/internal/op"
	"csnet/internal/op/wide/matmul"
)

// matrix tells where the elements of the matrix (Out, channel and tap) lie in a wide term's
// weights (Out, C, K, K).
func (t *term) matrix(fold *fold) matmul.Matrix {
	m := matmul.Matrix{Rows: apart(t.Out, t.C*t.K*t.K), Columns: t.channelsTaps(t.C, t.K*t.K), Scale: t.Scale}
	if fold != nil {
		m.RowScale = fold.scale[t.At:][:t.Out]
	}
	return m
}

// apart lists n places that lie step apart.
func apart(n, step int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = int32(i * step)
	}
	return s
}

// channelsTaps lists the taps of n channels that lie step apart.
func (t *term) channelsTaps(n, step int) []int32 {
	s := make([]int32, 0, n*len(t.taps))
	for c := range n {
		for _, tap := range t.taps {
			s = append(s, int32(c*step+tap))
		}
	}
	return s
}

// pack writes part i of the weights w (Out, C, K, K) of a narrow term to packed, scaled:
// [channel][tap][output].
func (t *term) pack(w []float32, fold *fold, i int) {
	lo, hi := op.Cut(t.Out, i, op.Parts), op.Cut(t.Out, i+1, op.Parts)
	k2, n := t.K*t.K, len(t.taps)
	for o := lo; o < hi; o++ {
		row, f := w[o*t.C*k2:][:t.C*k2], t.Scale*fold.of(t.At+o)
		for c := range t.C {
			for j, tap := range t.taps {
				t.packed[(c*n+j)*t.Out+o] = row[c*k2+tap] * f
			}
		}
	}
}
