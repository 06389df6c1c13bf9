// Package wide holds the ops of the nets beyond CSNet's own dialect: the dialects
// resize and octave of gOctConv, group norm, and the layers of large backbones. They
// read whole maps and write a whole map, one after the other, and serve training and
// evaluation alike; the engines infer and learn, which fuse the layers of CSNet's
// dialect, know nothing of them.
//
// Here are the small ops; the convolutions are in conv below, and the products of matrices
// as which they run in matmul. Each op's file is evaluation; its backward pass, DoDiff and
// what it alone needs, is in the file beside it whose name ends in grad.
//
// Maps are (B, C, H, W). Sums run in an order that shapes set: images one after the
// other, and within an image cuts that no thread decides.
package wide
