// Package kernel holds the arithmetic on []float32 that the ops are made of.
// It knows nothing of csnet. The doc comment of a kernel is its reference
// loop. Slices are trusted: the public layers check, the kernels index.
//
// Planes are row-major; a pitch is the distance between rows in floats.
// Reductions run in an order that depends on sizes alone.
package kernel
