// Package tiles runs 3x3 convolutions of many channels by Winograd's F(4, 3) in both
// directions, with a quarter of the multiplications: a map with the channels of a pixel side
// by side (Map) is cut into tiles of 4x4 outputs, evaluated at 36 points, at each of which the
// sums over channels are a product of matrices with the weights, and interpolated. With a
// dilation d the pixels d apart are a map by themselves.
//
// A Conv says into which tasks the steps are cut, which does not depend on the number of
// threads; who runs them is the caller's affair. The arithmetic is internal/kernel/winograd2d's
// and internal/kernel/gemm's.
package tiles
