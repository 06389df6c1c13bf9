// Package model describes a CSNet without running it: how many channels each
// layer has in each octave (Spec), the configuration it is made from (Arch), its
// layers, the names and shapes of its tensors, their values (Params), and what
// the net costs in parameters and multiply-adds (Cost).
//
// Everything here is a plain value of the standard library. Package graph turns
// a Spec with its Params into a net that runs; packages checkpoint and prune
// read and change nets by this description alone.
package model
