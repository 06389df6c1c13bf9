package op

import "csnet/internal/kernel/pointwise"

// Finite reports whether all values are.
func Finite(xs []float32) bool {
	for _, x := range xs {
		if x-x != 0 {
			return false
		}
	}
	return true
}

// FiniteCheck is whether the values of an op's output were finite, found out while it is
// there: what training keeps of it may be overwritten when somebody asks.
type FiniteCheck struct {
	y     []float32
	parts [Parts]bool // part i holds a NaN or an Inf
	part  func(thread, i int)
}

// Look examines y, unless parameters are frozen: then nobody asks.
func (f *FiniteCheck) Look(e *Env, y []float32) {
	if e.Frozen {
		return
	}
	if f.y = y; f.part == nil {
		f.part = func(_, i int) {
			s := pointwise.Sum(f.y[Cut(len(f.y), i, Parts):Cut(len(f.y), i+1, Parts)])
			f.parts[i] = s-s != 0
		}
	}
	e.Run(Parts, f.part)
}

// OK reports whether all values were finite at the last Look.
func (f *FiniteCheck) OK() bool { return f.parts == [Parts]bool{} }
