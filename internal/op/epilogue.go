package op

// epilogue is what follows the convolution of one image in training: the
// moments of each plane, or a bias.
type epilogue struct {
	z     []float32 // (c, hw)
	c, hw int
	image int
	norm  *Norm
	bias  []float32
}

// plane takes channel c, which is complete.
func (e epilogue) plane(c int) {
	z := e.z[c*e.hw:][:e.hw]
	if e.norm != nil {
		e.norm.moments(e.image, c, z)
		return
	}
	if e.bias == nil {
		return
	}
	b := e.bias[c]
	for i := range z {
		z[i] += b
	}
}

// planes takes all channels.
func (e epilogue) planes() {
	for c := range e.c {
		e.plane(c)
	}
}
