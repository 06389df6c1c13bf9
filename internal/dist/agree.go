package dist

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// RankError is what went wrong on one rank, as all ranks are told.
type RankError struct {
	Rank int
	Host string // "" when not known
	Err  error  // on another rank its text
}

func (e *RankError) Error() string {
	if e.Host == "" {
		return fmt.Sprintf("rank %d: %v", e.Rank, e.Err)
	}
	return fmt.Sprintf("rank %d (%s): %v", e.Rank, e.Host, e.Err)
}

func (e *RankError) Unwrap() error { return e.Err }

// What a rank says in Agree.
const (
	fine = iota
	cancelled
	failed
)

// textLength is how much of an error is told to the other ranks.
const textLength = 1024

// Agree tells all ranks how this one stands, so that they go on or end together: nil
// when all are well; a RankError, of the lowest rank in trouble, where one has an
// error; context.Canceled where one was cancelled. A nil Group gives err back.
func (g *Group) Agree(err error) error {
	if g == nil {
		return err
	}
	states := make([]byte, g.Size())
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled):
		states[g.Rank()] = cancelled
	default:
		states[g.Rank()] = failed
	}
	if err := g.Gather(states); err != nil {
		return err
	}
	stop := false
	for rank, s := range states {
		if s == failed {
			return g.failure(rank, err)
		}
		stop = stop || s == cancelled
	}
	if stop {
		return context.Canceled
	}
	return nil
}

// failure tells all ranks the error of one.
func (g *Group) failure(rank int, err error) error {
	e := &RankError{Rank: rank}
	texts := make([]byte, 2*textLength*g.Size())
	mine := texts[2*textLength*g.Rank():][:2*textLength]
	if err != nil {
		copy(mine[:textLength-1], err.Error())
	}
	copy(mine[textLength:2*textLength-1], g.host)
	if err := g.Gather(texts); err != nil {
		return err
	}
	its := texts[2*textLength*rank:]
	e.Host = untilZero(its[textLength:])
	if e.Err = err; rank != g.Rank() {
		e.Err = errors.New(untilZero(its))
	}
	return e
}

func untilZero(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// Clock gives all ranks what rank 0 has: one clock, on which decisions that depend on
// time are taken alike.
func (g *Group) Clock(seconds float64) (float64, error) {
	if g == nil {
		return seconds, nil
	}
	v := []float64{seconds}
	err := g.call(8, func() error { return g.comm.Bcast(Bytes(v), 0) })
	return v[0], err
}

// Hosts lists the ranks' hosts, cut to 64 bytes.
func (g *Group) Hosts() ([]string, error) {
	const n = 64
	all := make([]byte, n*g.Size())
	copy(all[n*g.Rank():][:n-1], g.host)
	err := g.Gather(all)
	var out []string
	for ; len(all) > 0; all = all[n:] {
		out = append(out, untilZero(all))
	}
	return out, err
}

// Same finds out whether all ranks have the same facts, as name and value. The error,
// a RankError of the first rank that differs from rank 0, names the first fact that
// does and both values.
func (g *Group) Same(facts [][2]string) error {
	if g == nil || g.Size() == 1 {
		return nil
	}
	var text []byte
	for _, f := range facts {
		for _, s := range f {
			text = binary.LittleEndian.AppendUint32(text, uint32(len(s)))
			text = append(text, s...)
		}
	}
	length := []uint64{uint64(len(text))}
	if err := g.call(8, func() error { return g.comm.Bcast(Bytes(length), 0) }); err != nil {
		return err
	}
	first := make([]byte, length[0])
	copy(first, text)
	if err := g.call(len(first), func() error { return g.comm.Bcast(first, 0) }); err != nil {
		return err
	}
	return g.Agree(differs(facts, first))
}

// differs compares facts with those of rank 0, packed.
func differs(facts [][2]string, first []byte) error {
	next := func() string {
		if len(first) < 4 {
			return ""
		}
		n := int(binary.LittleEndian.Uint32(first))
		s := first[4:][:n]
		first = first[4+n:]
		return string(s)
	}
	for _, f := range facts {
		name, value := next(), next()
		if name != f[0] {
			return fmt.Errorf("%s is not asked for on rank 0", f[0])
		}
		if value != f[1] {
			return fmt.Errorf("%s is %q here, %q on rank 0", name, f[1], value)
		}
	}
	if len(first) > 0 {
		return fmt.Errorf("%s is not asked for here", next())
	}
	return nil
}
