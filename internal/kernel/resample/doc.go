// Package resample holds what changes the size of planes: pools, padding, bilinear
// upsampling, and the gradients of these. Package kernel explains the names.
package resample
