package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"csnet/data"
	"csnet/eval"
	"csnet/internal/dist"
	"csnet/internal/synth"
)

// watchedNet gives an even map and calls at with how many it has given.
type watchedNet struct {
	given int
	at    func(given int) error
}

func (n *watchedNet) Logits(_ []float32, h, w int) ([]float32, error) {
	n.given++
	return make([]float32, h*w), n.at(n.given)
}

func (n *watchedNet) Close() error { return nil }

// What ends a validation on one rank ends it on all, wherever it comes: before a net is
// made, while pictures are scored, while one rank alone draws those to show. A rank that
// went on would take what the others say next for its own.
func TestValidationEndsOnAllRanks(t *testing.T) {
	small, large := pairsOf(t, 32), pairsOf(t, 520) // of large pictures maps are made again
	broken := errors.New("no memory")
	for _, c := range []struct {
		name string
		set  data.Set
		made error                       // of rank 0's net
		at   func(given int, end func()) // as rank 0's net gives a map
		want func(err error) bool
	}{
		{"well", small, nil, func(int, func()) {}, func(err error) bool { return err == nil }},
		{"no net", small, broken, nil, func(err error) bool { return err != nil && strings.Contains(err.Error(), "rank 0") }},
		{"ended in the second picture", small, nil, endAt(2), func(err error) bool { return errors.Is(err, context.Canceled) }},
		{"ended in the first picture to show", large, nil, endAt(5), func(err error) bool { return errors.Is(err, context.Canceled) }},
	} {
		var wg sync.WaitGroup
		errs, next := make([]error, 2), make([]error, 2)
		for rank, comm := range dist.NewLocal(2) {
			wg.Go(func() {
				ctx, end := context.WithCancel(context.Background())
				defer end()
				j := &trainJob{group: dist.NewGroup(comm, dist.Options{Host: "here"}), own: ctx, threads: 1}
				net, o := &watchedNet{at: func(int) error { return nil }}, eval.ValidateOptions{Size: 32, Threads: 1}
				if rank == 0 && c.at != nil {
					o.Show, net.at = 2, func(given int) error { c.at(given, end); return nil }
				}
				o.NewNet = func() (eval.Net, error) {
					if rank == 0 && c.made != nil {
						return nil, c.made
					}
					return net, nil
				}
				_, errs[rank] = j.validate(context.Background(), c.set.Pairs, o)
				next[rank] = j.group.Gather(make([]byte, 16)) // what comes next, of other bytes
			})
		}
		wg.Wait()
		for rank, err := range errs {
			if !c.want(err) || next[rank] != nil {
				t.Errorf("%s: rank %d: %v, then %v", c.name, rank, err, next[rank])
			}
		}
	}
}

// pairsOf is a set of eight drawn pictures.
func pairsOf(t *testing.T, side int) data.Set {
	t.Helper()
	dir := t.TempDir()
	if err := synth.Write(t.Context(), dir, 1, 8, side, nil); err != nil {
		t.Fatal(err)
	}
	set, err := data.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// endAt ends the rank as it gives map n.
func endAt(n int) func(int, func()) {
	return func(given int, end func()) {
		if given == n {
			end()
		}
	}
}
