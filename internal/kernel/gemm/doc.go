// Package gemm multiplies matrices: the weights of a convolution, packed, by rows of
// values that lie anywhere. Package kernel explains the names.
package gemm
