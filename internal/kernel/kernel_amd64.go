//go:build amd64 && !noasm

package kernel

import "math"

//go:generate sh -c "cd _generate && go run . .."

// slack is how many rows further down a plane must reach, with either pitch,
// so that a whole vector over the end of a row of n stays inside it.
func slack(n, lanes, xp, gp int) int {
	pitch := min(xp, gp)
	if pitch <= 0 {
		return math.MaxInt32
	}
	return (lanes - 1 - (n-1)%lanes + pitch - 1) / pitch
}

// first returns the address of x[0], nil without.
func first(x []float32) *float32 {
	if len(x) == 0 {
		return nil
	}
	return &x[0]
}

// at returns the address of x[i], nil without.
func at[T any](x []T, i int, there bool) *T {
	if !there {
		return nil
	}
	return &x[i]
}

// checkPlanes panics, as an index would, unless every tap's plane lies in x.
func checkPlanes(x []float32, xp int, off []int32, n, rows int) {
	lo, hi := off[0], off[0]
	for _, f := range off {
		lo, hi = min(lo, f), max(hi, f)
	}
	_, _ = x[lo], x[int(hi)+(rows-1)*xp+n-1]
}

// lanes is how many floats a register of the level holds.
func (l Level) lanes() int {
	switch l {
	case AVX512:
		return 16
	case AVX2:
		return 8
	}
	return 1
}
