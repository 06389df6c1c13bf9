package data

import (
	"crypto/sha256"
	"encoding/binary"
)

// sameContent lists photos whose pixels an earlier photo has too.
func (in *Inspection) sameContent(dir string) []Problem {
	var out []Problem
	first := make(map[Sum]string)
	for i, p := range in.Pairs {
		if earlier, ok := first[in.Sums[i]]; ok {
			out = append(out, Problem{SameContent, p.Image, "has the same pixels as " + relative(dir, earlier), SeverityWarning})
		} else {
			first[in.Sums[i]] = p.Image
		}
	}
	return out
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
