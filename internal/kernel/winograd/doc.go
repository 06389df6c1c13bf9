// Package winograd holds 3x3 convolutions by Winograd's F(4, 3) over the rows, the
// transforms of their gradients, and those of F(2, 3). Package kernel explains the names.
package winograd
