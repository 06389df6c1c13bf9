package data

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// Source is a training set of several, and its share of what is trained on.
type Source struct {
	Dir   string
	Share float64 // of the pictures of an epoch, in proportion to the others'; 0 = as many as it has
}

// ParseSource reads DIR or DIR:SHARE. A folder of the whole name is that folder.
func ParseSource(s string) (Source, error) {
	i := strings.LastIndexByte(s, ':')
	if info, err := os.Stat(s); i < 0 || err == nil && info.IsDir() {
		return Source{Dir: s}, nil
	}
	share, err := strconv.ParseFloat(s[i+1:], 64)
	if err != nil {
		return Source{Dir: s}, nil // the colon belongs to the path
	}
	if !(share > 0) || math.IsInf(share, 0) {
		return Source{}, fmt.Errorf("data: %s: share is %v, must be above 0", s, share)
	}
	return Source{s[:i], share}, nil
}

// Part is a run of pairs from one set in LoaderOptions.Pairs.
type Part struct {
	Pairs int     // how many, in order
	Share float64 // of the pictures of an epoch, in proportion to the others'
}

// Mix makes the parts of several sets with n pairs each. Without any share it is nil:
// every pair comes once in an epoch. Errors: shares for some sets and not for others.
func Mix(sources []Source, n []int) ([]Part, error) {
	var parts []Part
	given := 0
	for i, s := range sources {
		if s.Share > 0 {
			given++
		}
		parts = append(parts, Part{n[i], s.Share})
	}
	switch {
	case given == 0:
		return nil, nil
	case given < len(sources):
		return nil, fmt.Errorf("data: %d of %d sets have a share; give one to all (DIR:SHARE) or to none", given, len(sources))
	}
	return parts, nil
}

// quotas deals n places of an epoch out to parts in proportion to their shares, the
// largest remainders first.
func quotas(parts []Part, n int) []int {
	sum := 0.0
	for _, p := range parts {
		sum += p.Share
	}
	out, left := make([]int, len(parts)), n
	rest := make([]float64, len(parts))
	for i, p := range parts {
		exact := p.Share / sum * float64(n)
		out[i] = int(exact)
		rest[i] = exact - float64(out[i])
		left -= out[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rest {
			if rest[i] > rest[best] {
				best = i
			}
		}
		out[best]++
		rest[best] = -1
	}
	return out
}

// mixedOrder gives the pairs of an epoch by index: of each part its quota, taken from its
// own endless sequence of shuffled rounds where the epoch before left off, so that
// all of its pairs come equally often; then all of them shuffled.
func mixedOrder(order []int, parts []Part, n int, seed uint64, epoch int) []int {
	order = order[:0]
	first := 0
	var round []int
	for i, quota := range quotas(parts, n) {
		size, at := parts[i].Pairs, -1
		for k := range quota {
			pos := epoch*quota + k
			if r := pos / size; r != at {
				round, at = shuffled(round, size, seed+uint64(i+1)*0x9e3779b97f4a7c15, r), r
			}
			order = append(order, first+round[pos%size])
		}
		first += size
	}
	by := shuffled(nil, n, seed, epoch)
	out := make([]int, n)
	for i, k := range by {
		out[i] = order[k]
	}
	return out
}
