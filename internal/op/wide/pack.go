package wide

// This file says where the elements of the matrices lie that a term's weights (Out, C, K, K)
// are.

// forwardMatrix is (Out, channel and tap).
func (t *term) forwardMatrix(fold *fold) matrix {
	m := matrix{rows: apart(t.Out, t.C*t.K*t.K), columns: t.channelsTaps(t.C, t.K*t.K), scale: t.Scale}
	if fold != nil {
		m.rowScale = fold.scale[t.At:][:t.Out]
	}
	return m
}

// backMatrix is that of the way back: (channel, output and tap), or of a strided term
// (channel and tap, output).
func (t *term) backMatrix(fold *fold) matrix {
	k2 := t.K * t.K
	m := matrix{rows: apart(t.C, k2), columns: t.channelsTaps(t.Out, t.C*k2), scale: t.Scale}
	every := len(t.taps)
	if t.gathered() {
		m.rows, m.columns, every = t.channelsTaps(t.C, k2), apart(t.Out, t.C*k2), 1
	}
	if fold != nil {
		m.columnScale = make([]float32, len(m.columns))
		for i := range m.columnScale {
			m.columnScale[i] = fold.scale[t.At+i/every]
		}
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

// pack writes the weights w (Out, C, K, K) to packed [channel][tap][output], scaled.
// Output o of part i of the outputs.
func (t *term) pack(w []float32, fold *fold, i int) {
	lo, hi := cut(t.Out, i, parts), cut(t.Out, i+1, parts)
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

// turn writes part i of the weights of the way back, scaled: [output][tap][channel], or of
// a gathered term [output][channel][tap].
func (t *term) turn(w []float32, fold *fold, i int) {
	lo, hi := cut(t.Out, i, parts), cut(t.Out, i+1, parts)
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

// unpack adds part i of the packed gradient to dw (Out, C, K, K).
func (t *term) unpack(dw []float32, fold *fold, i int) {
	lo, hi := cut(t.Out, i, parts), cut(t.Out, i+1, parts)
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
