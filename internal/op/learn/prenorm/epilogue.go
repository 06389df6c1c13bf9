package prenorm

// Epilogue is what follows the convolution of one image: the moments of each channel for
// the norm, or a bias, or nothing.
type Epilogue struct {
	Z       []float32 // the convolution's result (C, H, W)
	C, Area int
	Image   int
	Norm    *Norm
	Bias    []float32
	Stream  bool // the result is written past the caches
}

// Channel takes channel c, which is complete in Z.
func (e Epilogue) Channel(c int) { e.Whole(c, e.Z[c*e.Area:][:e.Area]) }

// Whole takes channel c, which z holds.
func (e Epilogue) Whole(c int, z []float32) {
	e.Add(c, z, true)
	e.Finish(c)
}

// Add takes a part of channel c; first says that it is the first one.
func (e Epilogue) Add(c int, z []float32, first bool) {
	if e.Norm != nil {
		e.Norm.moments(e.Image, c, z, first)
		return
	}
	if e.Bias == nil {
		return
	}
	b := e.Bias[c]
	for i := range z {
		z[i] += b
	}
}

// Finish ends the parts of channel c.
func (e Epilogue) Finish(c int) {
	if e.Norm != nil {
		e.Norm.centre(e.Image, c)
	}
}

// All takes all channels, which are complete in Z.
func (e Epilogue) All() {
	for c := range e.C {
		e.Channel(c)
	}
}

// FinishAll ends the parts of all channels.
func (e Epilogue) FinishAll() {
	for c := range e.C {
		e.Finish(c)
	}
}
