package wide

import "csnet/internal/kernel/pointwise"

// finite is whether the values of an output are, found out while it is there: what training
// keeps of it may be overwritten when somebody asks.
type finite struct {
	y     []float32
	parts [parts]bool // part i holds a NaN or an Inf
	part  func(thread, i int)
}

// look examines y, unless parameters are frozen: then nobody asks.
func (f *finite) look(e *Env, y []float32) {
	if e.Frozen {
		return
	}
	if f.y = y; f.part == nil {
		f.part = func(_, i int) {
			s := pointwise.Sum(f.y[cut(len(f.y), i, parts):cut(len(f.y), i+1, parts)])
			f.parts[i] = s-s != 0
		}
	}
	e.Run(parts, f.part)
}

// all reports whether all values were finite.
func (f *finite) all() bool { return f.parts == [parts]bool{} }
