package op

import (
	"csnet/internal/dist"
	"csnet/internal/pages"
)

// Where several processes (ranks) train one net, each has an equal share of a batch's
// images, in the order of the ranks. Whatever crosses the batch is kept per image, and
// combined by every rank in the order of all images: so a net learns the same bits on
// any number of ranks.

// Images is how many images a batch has on all ranks, of own ones on each.
func (e *Env) Images(own int) int { return own * e.Group.Size() }

// Spread returns memory of n values for each image of a batch on all ranks, and the
// part of it for the own images. Gather fills the rest.
func Spread[T ~float64 | ~[4]float64](e *Env, own, n int) (all, mine []T) {
	all = pages.Of[T](&e.Pages, e.Images(own)*n)
	return all, all[e.Group.Rank()*own*n:][: own*n : own*n]
}

// Gather fills in what the other ranks have of all. what says what it is for.
func Gather[T dist.Number](e *Env, what string, all []T) error {
	if e.Group == nil {
		return nil
	}
	e.Group.For(what)
	return e.Group.Gather(dist.Bytes(all))
}

// deferred is a sum over the images of a batch that Settle makes.
type deferred struct {
	parts []float32 // of the own images, one after the other
	size  int       // of one image's
	sum   func(sum []float32)
}

// Defer has sum called by Settle with the sum over all images of parts, which hold
// size floats for each own image. It returns false where there is one rank: nobody
// will call it then.
func (e *Env) Defer(parts []float32, size int, sum func(sum []float32)) bool {
	if e.Group == nil {
		return false
	}
	e.deferred = append(e.deferred, deferred{parts, size, sum})
	e.deferredSize += size
	return true
}

// settling is the memory of Settle.
type settling struct {
	out, in, sum []float32
	n, m, v      []int // bytes sent, received, gathered
}

// Settle makes all deferred sums. A sum is that of the images in their order, in
// float64, then cut to float32, as one process has it. The vector of all sums is cut
// into a piece for each rank, which adds up the piece of every image that the others
// send it; then all pieces go to everybody.
func (e *Env) Settle() error {
	if e.Group == nil {
		return nil
	}
	defer func() { e.deferred, e.deferredSize = e.deferred[:0], 0 }()
	ranks, rank, total := e.Group.Size(), e.Group.Rank(), e.deferredSize
	own := 0
	if len(e.deferred) > 0 {
		own = len(e.deferred[0].parts) / e.deferred[0].size
	}
	bound := func(r int) int { return total * r / ranks }
	piece := bound(rank+1) - bound(rank)
	s := &e.settling
	s.out, s.in, s.sum = grown(s.out, own*total), grown(s.in, own*ranks*piece), grown(s.sum, total)
	s.n, s.m, s.v = s.n[:0], s.m[:0], s.v[:0]
	at := 0
	for r := range ranks {
		for i := range own {
			at += e.pack(s.out[at:], i, bound(r), bound(r+1))
		}
		s.n = append(s.n, 4*own*(bound(r+1)-bound(r)))
		s.m = append(s.m, 4*own*piece)
		s.v = append(s.v, 4*(bound(r+1)-bound(r)))
	}
	e.Group.For("gradients")
	if err := e.Group.Exchange(dist.Bytes(s.out), s.n, dist.Bytes(s.in), s.m); err != nil {
		return err
	}
	mine := s.sum[bound(rank):bound(rank+1)]
	SumImages(mine, s.in, piece, own*ranks)
	if err := e.Group.GatherV(dist.Bytes(s.sum), s.v); err != nil {
		return err
	}
	at = 0
	for _, d := range e.deferred {
		d.sum(s.sum[at : at+d.size])
		at += d.size
	}
	return nil
}

// pack copies floats from to to of image i's vector, all parts one after the other,
// to dst and returns their number.
func (e *Env) pack(dst []float32, i, from, to int) int {
	n, at := 0, 0 // at: where the part begins in the vector
	for _, d := range e.deferred {
		lo, hi := max(from-at, 0), min(to-at, d.size)
		if lo < hi {
			n += copy(dst[n:], d.parts[i*d.size+lo:i*d.size+hi])
		}
		at += d.size
	}
	return n
}

// SumImages sets dst to the sums of the images' parts, which begin stride floats apart: of
// all images in their order, in float64, then cut to float32.
func SumImages(dst, parts []float32, stride, images int) {
	var sums [256]float64
	for from := 0; from < len(dst); from += len(sums) {
		d := dst[from:min(from+len(sums), len(dst))]
		s := sums[:len(d)]
		clear(s)
		for i := range images {
			for k, v := range parts[i*stride+from:][:len(s)] {
				s[k] += float64(v)
			}
		}
		for k, v := range s {
			d[k] = float32(v)
		}
	}
}

func grown(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
