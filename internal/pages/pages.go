// Package pages has memory for what the kernels read and write, in large pages where the
// system has them: with small ones a net has more pages than the processor keeps addresses of
// at a time.
package pages

// Floats returns zeros, at least n of them: as many as the pages that it takes have, where
// these are large.
func Floats(n int) []float32 { return floats(n) }
