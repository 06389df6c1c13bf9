// Package tiles runs convolutions of many channels over maps with the channels of a pixel side
// by side (Map), where parameters do not change: those of 3x3 by Winograd (Conv), and those to
// small maps as one product of matrices (Small).
//
// Winograd's F(4, 3) in both directions takes a quarter of the multiplications: the map is cut
// into tiles of 4x4 outputs, evaluated at 36 points, at each of which the sums over channels
// are a product of matrices with the weights, and interpolated. With a dilation d the pixels d
// apart are a map by themselves.
//
// A Conv or Small says into which tasks its steps are cut, which does not depend on the number
// of threads; who runs them is the caller's affair. The arithmetic is
// internal/kernel/winograd2d's and internal/kernel/gemm's.
package tiles
