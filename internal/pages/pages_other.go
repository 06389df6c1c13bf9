//go:build !linux

package pages

func floats(n int) []float32 { return make([]float32, n) }
