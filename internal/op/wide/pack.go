package wide

// pack writes the weights w (Out, C, K, K) to packed [channel][tap][output], scaled.
// Output o of part i of the outputs.
func (t *term) pack(w []float32, i int) {
	lo, hi := cut(t.Out, i, parts), cut(t.Out, i+1, parts)
	k2, n := t.K*t.K, len(t.taps)
	for o := lo; o < hi; o++ {
		row := w[o*t.C*k2:][:t.C*k2]
		for c := range t.C {
			for j, tap := range t.taps {
				t.packed[(c*n+j)*t.Out+o] = row[c*k2+tap] * t.Scale
			}
		}
	}
}

// turn writes part i of the weights of the way back, scaled: [output][tap][channel], or of
// a gathered term [output][channel][tap].
func (t *term) turn(w []float32, i int) {
	lo, hi := cut(t.Out, i, parts), cut(t.Out, i+1, parts)
	k2, n := t.K*t.K, len(t.taps)
	for o := lo; o < hi; o++ {
		row, to := w[o*t.C*k2:][:t.C*k2], t.turned[o*n*t.C:][:n*t.C]
		for c := range t.C {
			for j, tap := range t.taps {
				at := j*t.C + c
				if t.gathered() {
					at = c*n + j
				}
				to[at] = row[c*k2+tap] * t.Scale
			}
		}
	}
}

// unpack adds part i of the packed gradient to dw (Out, C, K, K).
func (t *term) unpack(dw []float32, i int) {
	lo, hi := cut(t.Out, i, parts), cut(t.Out, i+1, parts)
	k2, n := t.K*t.K, len(t.taps)
	for o := lo; o < hi; o++ {
		row := dw[o*t.C*k2:][:t.C*k2]
		for c := range t.C {
			for j, tap := range t.taps {
				row[c*k2+tap] += t.grad[(c*n+j)*t.Out+o] * t.Scale
			}
		}
	}
}
