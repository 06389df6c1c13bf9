package conv

import (
	"csnet/internal/op"
	"csnet/internal/op/wide/matmul"
)

// matrix tells where the elements of the backward pass's matrix lie in a wide term's weights
// (Out, C, K, K): (channel, output and tap), or of a strided term (channel and tap, output).
func (t *termGrad) matrix(fold *fold) matmul.Matrix {
	k2 := t.K * t.K
	m := matmul.Matrix{Rows: apart(t.C, k2), Columns: t.channelsTaps(t.Out, t.C*k2), Scale: t.Scale}
	every := len(t.taps)
	if t.gathered() {
		m.Rows, m.Columns, every = t.channelsTaps(t.C, k2), apart(t.Out, t.C*k2), 1
	}
	if fold != nil {
		m.ColumnScale = make([]float32, len(m.Columns))
		for i := range m.ColumnScale {
			m.ColumnScale[i] = fold.scale[t.At+i/every]
		}
	}
	return m
}

// turn writes part i of the weights that the gradient of a narrow term's map takes, scaled:
// [output][tap][channel], or of a gathered term [output][channel][tap].
func (t *termGrad) turn(w []float32, fold *fold, i int) {
	lo, hi := op.Cut(t.Out, i, op.Parts), op.Cut(t.Out, i+1, op.Parts)
	k2, n := t.K*t.K, len(t.taps)
	for o := lo; o < hi; o++ {
		row, to, f := w[o*t.C*k2:][:t.C*k2], t.turned[o*n*t.C:][:n*t.C], t.Scale*fold.of(t.At+o)
		for c := range t.C {
			for j, tap := range t.taps {
				at := j*t.C + c
				if t.gathered() {
					at = c*n + j
				}
				to[at] = row[c*k2+tap] * f
			}
		}
	}
}

// unpack adds part i of the packed gradient to dw (Out, C, K, K): of a wide term
// [output][tap][channel], of a narrow one [channel][tap][output].
func (t *termGrad) unpack(dw []float32, fold *fold, i int) {
	lo, hi := op.Cut(t.Out, i, op.Parts), op.Cut(t.Out, i+1, op.Parts)
	k2, n := t.K*t.K, len(t.taps)
	for o := lo; o < hi; o++ {
		row, f := dw[o*t.C*k2:][:t.C*k2], t.Scale*fold.of(t.At+o)
		for c := range t.C {
			for j, tap := range t.taps {
				at := (c*n+j)*t.Out + o
				if t.wide() {
					at = (o*n+j)*t.C + c
				}
				row[c*k2+tap] += t.grad[at] * f
			}
		}
	}
}
