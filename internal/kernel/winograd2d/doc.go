// Package winograd2d holds the transforms of 3x3 convolutions by Winograd's F(4, 3) in both
// directions: 4x4 outputs of 36 products a channel instead of 144. The sums over channels
// between them are products of matrices (gemm.MulRows), so it suits layers of many channels.
// Maps lie with the channels of a pixel side by side, which Transpose makes of planes.
// Package kernel explains the names, package winograd the points.
package winograd2d
