package dist

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
)

// NewLocal returns the ranks of a group of p goroutines of this process.
func NewLocal(p int) []Comm {
	h := &hub{posts: make([]post, p)}
	h.turn = sync.NewCond(&h.mu)
	ranks := make([]Comm, p)
	for i := range ranks {
		ranks[i] = &local{hub: h, rank: i}
	}
	return ranks
}

// hub is where the goroutines meet.
type hub struct {
	mu      sync.Mutex
	turn    *sync.Cond
	arrived int
	round   int
	wrong   error // ranks do not call the same
	left    error // a rank has left
	posts   []post
}

// post is what a rank shows the others in a round.
type post struct {
	what string // the method
	buf  []byte
	n    []int
}

type local struct {
	hub  *hub
	rank int
}

func (l *local) Rank() int { return l.rank }
func (l *local) Size() int { return len(l.hub.posts) }

// meet shows p, where it is not nil, and waits until all ranks have come here.
func (l *local) meet(p *post) error {
	h := l.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := cmp.Or(h.wrong, h.left); err != nil {
		return err
	}
	if p != nil {
		h.posts[l.rank] = *p
	}
	if h.arrived++; h.arrived == len(h.posts) {
		h.compare()
		h.arrived = 0
		h.round++
		h.turn.Broadcast()
		return h.wrong
	}
	round := h.round
	for h.round == round && h.left == nil {
		h.turn.Wait()
	}
	if h.round == round {
		return h.left
	}
	return h.wrong // a rank that has left since was here before
}

// compare breaks the group where ranks do not call the same.
func (h *hub) compare() {
	first := h.posts[0]
	for r, o := range h.posts {
		if o.what != first.what || len(o.buf) != len(first.buf) && o.n == nil {
			h.wrong = fmt.Errorf("dist: rank %d calls %s of %d bytes, rank 0 %s of %d", r, o.what, len(o.buf), first.what, len(first.buf))
		}
	}
}

// share shows p, lets take read what the others show, and waits until all have.
func (l *local) share(p post, take func(r int, of post)) error {
	if err := l.meet(&p); err != nil {
		return err
	}
	for r := range l.hub.posts {
		take(r, l.hub.posts[r])
	}
	return l.meet(nil) // nobody reads any more
}

func (l *local) Gather(all []byte) error {
	n := len(all) / l.Size()
	return l.share(post{"gather", all, nil}, func(r int, of post) {
		if r != l.rank {
			copy(all[r*n:(r+1)*n], of.buf[r*n:])
		}
	})
}

func (l *local) GatherV(all []byte, n []int) error {
	at := 0
	return l.share(post{"gatherv", all, nil}, func(r int, of post) {
		if r != l.rank {
			copy(all[at:at+n[r]], of.buf[at:])
		}
		at += n[r]
	})
}

func (l *local) Exchange(out []byte, n []int, in []byte, m []int) error {
	at := 0
	return l.share(post{"exchange", out, n}, func(r int, of post) {
		from := 0
		for d := range l.rank {
			from += of.n[d]
		}
		copy(in[at:at+m[r]], of.buf[from:from+of.n[l.rank]])
		at += m[r]
	})
}

func (l *local) Bcast(b []byte, root int) error {
	return l.share(post{"bcast", b, nil}, func(r int, of post) {
		if r == root && r != l.rank {
			copy(b, of.buf)
		}
	})
}

// Close with an error, and Close while others wait, ends their waiting.
func (l *local) Close(err error) error {
	h := l.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.left == nil {
		if err == nil {
			err = errors.New("has left")
		}
		h.left = fmt.Errorf("dist: rank %d: %w", l.rank, err)
		h.turn.Broadcast()
	}
	return nil
}
