package server

import (
	"errors"
	"io"
	"sync/atomic"
)

// errFull says that the photos of all requests together take all the memory that
// they may.
var errFull = errors.New("the photos of other requests take all the memory there is for them, try again in a moment")

// budget bounds the bytes of photos and answers that all requests hold together, so
// that the memory of the server does not grow with how many come at once. Only bytes
// that have come are counted: who sends slowly holds little.
type budget struct {
	most int64
	held atomic.Int64
}

// share is what one request holds of a budget.
type share struct {
	of *budget
	n  int64
}

// add counts n more bytes, if they are to be had.
func (s *share) add(n int64) bool {
	if s.of.held.Add(n) > s.of.most {
		s.of.held.Add(-n)
		return false
	}
	s.n += n
	return true
}

// force counts n more bytes whether they are to be had or not: of an answer that is
// there already. New photos are then refused until it is gone.
func (s *share) force(n int64) {
	s.of.held.Add(n)
	s.n += n
}

// free gives everything back.
func (s *share) free() {
	s.of.held.Add(-s.n)
	s.n = 0
}

// reader counts what is read from in. Its error is errFull where there is no room.
func (s *share) reader(in io.Reader) io.Reader { return &countedReader{in, s} }

type countedReader struct {
	in io.Reader
	s  *share
}

func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	if n > 0 && !r.s.add(int64(n)) {
		return 0, errFull
	}
	return n, err
}
