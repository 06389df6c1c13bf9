package prenorm

import "csnet/internal/op"

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

// Room returns memory for values [from, from+n) of all channels, of Z itself where that is
// Direct, and the distance between channels.
func (e *Epilogue) Room(from, n int, a *op.Arena) (z []float32, stride int) {
	if e.Direct() {
		return e.Z.F()[from:], e.Area
	}
	return a.Get(e.C * n), n
}

// Add takes a part of channel c before Store does; first says that it is the first one.
func (e *Epilogue) Add(c int, z []float32, first bool) {
	if e.Norm != nil {
		if first {
			e.Norm.guess(e.Image, c, z)
		}
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

// Store writes z, a part of channel c from value from on, to Z, unless it is that part of Z
// already, and adds it to the channel's moments.
func (e *Epilogue) Store(c, from int, z []float32) {
	to := e.Z.Cut(c*e.Area+from, len(z))
	if e.Norm != nil && !e.Norm.Frozen {
		e.Norm.moments(e.Image, c, z, to, e.Stream)
		return
	}
	storeValues(to, z, e.Stream)
}

// Finish ends the parts of channel c.
func (e *Epilogue) Finish(c int) {
	if e.Norm != nil {
		e.Norm.centre(e.Image, c)
	}
}

// Whole takes channel c, which z holds.
func (e *Epilogue) Whole(c int, z []float32) {
	e.Add(c, z, true)
	e.Store(c, 0, z)
	e.Finish(c)
}

// StoreAll takes all channels, which z holds one after the other.
func (e *Epilogue) StoreAll(z []float32) {
	e.Z.Touch()
	for c := range e.C {
		e.Whole(c, z[c*e.Area:][:e.Area])
	}
}

// FinishAll ends the parts of all channels.
func (e *Epilogue) FinishAll() {
	for c := range e.C {
		e.Finish(c)
	}
}
