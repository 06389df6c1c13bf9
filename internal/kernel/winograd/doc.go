// Package winograd holds 3x3 convolutions by Winograd's F(4, 3) over the rows, and
// the transforms of their gradients. Package kernel explains the names.
package winograd
