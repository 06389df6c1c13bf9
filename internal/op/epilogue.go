package op

// trainEpilogue is what follows the convolution of one image in training: the
// moments of each plane, or a bias.
type trainEpilogue struct {
	z      []float32 // (c, hw)
	c, hw  int
	image  int
	norm   *Norm
	bias   []float32
	stream bool // the batch's map leaves the caches before anybody reads it
}

// plane takes channel c, which is complete.
func (e trainEpilogue) plane(c int) {
	e.whole(c, e.z[c*e.hw:][:e.hw])
}

// whole takes channel c, which z holds.
func (e trainEpilogue) whole(c int, z []float32) {
	e.add(c, z, true)
	e.finish(c)
}

// add takes some of channel c, the first of it with first.
func (e trainEpilogue) add(c int, z []float32, first bool) {
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

// finish ends the parts of channel c.
func (e trainEpilogue) finish(c int) {
	if e.norm != nil {
		e.norm.centre(e.image, c)
	}
}

// all takes all channels.
func (e trainEpilogue) all() {
	for c := range e.c {
		e.plane(c)
	}
}

// finishAll ends the parts of all channels.
func (e trainEpilogue) finishAll() {
	for c := range e.c {
		e.finish(c)
	}
}
