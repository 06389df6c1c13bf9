package prenorm

// Epilogue is what follows the convolution of one image: the moments of each channel for
// the norm, or a bias, or nothing.
type Epilogue struct {
	Z       Values // the convolution's result (C, H, W)
	C, Area int
	Image   int
	Norm    *Norm
	Bias    []float32
	Stream  bool // the result is written past the caches
}

// Direct reports whether the convolution writes its result to Z itself. Otherwise it
// writes parts of it to memory of its own, and they go to Z by Store.
func (e *Epilogue) Direct() bool { return e.Z.H() == nil && !e.Stream }

// Store writes z, a part of channel c from value from on, to Z. Where it is that part of Z
// already nothing happens.
func (e *Epilogue) Store(c, from int, z []float32) { storeValues(e.Z, c*e.Area+from, z, e.Stream) }

// Whole takes channel c, which z holds.
func (e *Epilogue) Whole(c int, z []float32) {
	e.Add(c, z, true)
	e.Finish(c)
}

// Add takes a part of channel c; first says that it is the first one.
func (e *Epilogue) Add(c int, z []float32, first bool) {
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
func (e *Epilogue) Finish(c int) {
	if e.Norm != nil {
		e.Norm.centre(e.Image, c)
	}
}

// StoreAll takes all channels, which z holds one after the other, and writes them to Z.
func (e *Epilogue) StoreAll(z []float32) {
	for c := range e.C {
		v := z[c*e.Area:][:e.Area]
		e.Whole(c, v)
		e.Store(c, 0, v)
	}
}

// FinishAll ends the parts of all channels.
func (e *Epilogue) FinishAll() {
	for c := range e.C {
		e.Finish(c)
	}
}
