package op

import "csnet/internal/kernel"

// epilogue is what follows the convolution of one image: in evaluation norm
// and PReLU in place, or a bias; in training the moments of each plane.
type epilogue struct {
	z     []float32 // (c, hw)
	c, hw int
	image int
	norm  *Norm
	train bool
	bias  []float32
}

// plane takes channel c, which is complete.
func (e epilogue) plane(c int) {
	z := e.z[c*e.hw:][:e.hw]
	switch {
	case e.norm == nil:
		e.shift(c, z)
	case e.train:
		e.norm.moments(e.image, c, z)
	default:
		e.act(c, z)
	}
}

// band takes floats from to to of every channel, end follows the last band.
func (e epilogue) band(from, to int) {
	for c := range e.c {
		z := e.z[c*e.hw+from : c*e.hw+to]
		switch {
		case e.norm == nil:
			e.shift(c, z)
		case !e.train:
			e.act(c, z)
		}
	}
}

func (e epilogue) end() {
	if e.norm != nil && e.train {
		for c := range e.c {
			e.plane(c)
		}
	}
}

func (e epilogue) act(c int, z []float32) {
	n := e.norm
	kernel.NormAct(z, z, n.a[c], n.b[c], n.slope[c])
}

func (e epilogue) shift(c int, z []float32) {
	if e.bias == nil {
		return
	}
	b := e.bias[c]
	for i := range z {
		z[i] += b
	}
}
