package data

import (
	"crypto/sha256"
	"encoding/binary"
)

// sameContent lists photos whose pixels an earlier photo has too.
func (in *Inspection) sameContent(dir string) []Problem {
	var out []Problem
	first := make(map[Sum]string)
	for _, p := range in.Pairs {
		if earlier, ok := first[p.Sum]; ok {
			out = append(out, Problem{SameContent, p.Image, "has the same pixels as " + relative(dir, earlier), SeverityWarning})
		} else {
			first[p.Sum] = p.Image
		}
	}
	return out
}

// Copies counts the pairs of b whose photo has the pixels of one of a, and gives an
// example. Pairs whose photos were not looked at count as unlike all.
func Copies(a, b []Pair) (n int, example [2]Pair) {
	known := make(map[Sum]Pair)
	for _, p := range a {
		if p.Sum != (Sum{}) {
			known[p.Sum] = p
		}
	}
	for _, p := range b {
		if other, ok := known[p.Sum]; ok {
			if n++; n == 1 {
				example = [2]Pair{other, p}
			}
		}
	}
	return n, example
}

// contentSum is a hash of a photo's size and pixels.
func contentSum(p *Photo) (sum Sum) {
	h := sha256.New()
	var size [16]byte
	binary.LittleEndian.PutUint64(size[:8], uint64(p.W))
	binary.LittleEndian.PutUint64(size[8:], uint64(p.H))
	h.Write(size[:])
	h.Write(p.Pix)
	h.Sum(sum[:0])
	return sum
}
