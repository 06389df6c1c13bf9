// Package dense holds the convolutions in which every output reads every input
// channel: 1x1 and 3x3, strided, dilated, and their weight gradients. One kernel
// does them all, a sum over taps that lie anywhere; package kernel explains the
// names.
package dense
