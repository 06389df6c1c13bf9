package model

import "fmt"

// OctWeight is the name of a gOctConv's weight slice from input octave i to
// output octave j: w01.
func OctWeight(i, j int) string {
	if i > 9 || j > 9 {
		return fmt.Sprintf("w%d_%d", i, j)
	}
	return fmt.Sprintf("w%d%d", i, j)
}
