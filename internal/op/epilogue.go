package op

// epilogue is what follows the convolution of one image in training: the
// moments of each plane, or a bias.
type epilogue struct {
	z     []float32 // (c, hw)
	c, hw int
	image int
	norm  *Norm
	bias  []float32
	far   bool // the batch's map leaves the caches before anybody reads it
}

// plane takes channel c, which is complete.
func (e epilogue) plane(c int) {
	e.take(c, e.z[c*e.hw:][:e.hw])
}

// take takes channel c, which z holds.
func (e epilogue) take(c int, z []float32) {
	e.part(c, z, true)
	e.close(c)
}

// part takes some of channel c, the first of it with first.
func (e epilogue) part(c int, z []float32, first bool) {
	if e.norm != nil {
		e.norm.moments(e.image, c, z, first)
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

// close ends the parts of channel c.
func (e epilogue) close(c int) {
	if e.norm != nil {
		e.norm.centre(e.image, c)
	}
}

// planes takes all channels.
func (e epilogue) planes() {
	for c := range e.c {
		e.plane(c)
	}
}

// closeAll ends the parts of all channels.
func (e epilogue) closeAll() {
	for c := range e.c {
		e.close(c)
	}
}
