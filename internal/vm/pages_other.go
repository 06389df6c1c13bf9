//go:build !linux

package vm

// floats returns n zeros.
func floats(n int) []float32 { return make([]float32, n) }
