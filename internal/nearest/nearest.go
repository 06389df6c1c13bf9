// Package nearest finds what a misspelt word was meant to be.
package nearest

import "strings"

// tooLong is the length of a word, in bytes, that is no misspelling of anything.
const tooLong = 64

// Of returns the option fewest edits away from s, letter case aside; empty when
// even that one has little in common with it: more than half of the letters of s,
// and more than two, would have to change.
func Of(s string, options []string) string {
	s = strings.ToLower(s)
	if len(s) > tooLong {
		return ""
	}
	best, at := "", max(2, len(s)/2)+1
	for _, o := range options {
		if d := Distance(s, strings.ToLower(o)); d < at {
			best, at = o, d
		}
	}
	return best
}

// Distance counts the insertions, deletions, replacements and swaps of
// neighbouring bytes that make b of a (optimal string alignment).
func Distance(a, b string) int {
	before, last, row := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, append([]int(nil), last...)
	}
	return last[len(b)]
}
