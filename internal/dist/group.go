package dist

import (
	"fmt"
	"sync"
	"time"
)

// Group is a Comm as a computation uses it: it says what a rank waits for, when the
// others do not come, and counts what is exchanged. A nil *Group is one process alone.
type Group struct {
	comm  Comm
	watch *watchdog // nil: none
	clock func() float64
	used  Traffic
	host  string
}

// Options of a Group.
type Options struct {
	Host string // this rank's, for errors
	// Timeout is how long a rank waits for the others; then Expired is called, once,
	// from another goroutine, and must end the process: the rank itself still waits.
	// 0: for ever.
	Timeout time.Duration
	Expired func(why string)
	Seconds func() float64 // a clock, for Traffic; nil: no times
}

// Traffic counts collective calls, the bytes that this rank sent to others in them,
// and the seconds it was in them.
type Traffic struct {
	Calls   int
	Bytes   int64
	Seconds float64
}

// NewGroup returns the group of c.
func NewGroup(c Comm, o Options) *Group {
	g := &Group{comm: c, clock: o.Seconds, host: o.Host}
	if o.Timeout > 0 && o.Expired != nil {
		g.watch = newWatchdog(c.Rank(), o)
	}
	return g
}

// Rank is the rank's number, from 0.
func (g *Group) Rank() int {
	if g == nil {
		return 0
	}
	return g.comm.Rank()
}

// Size is the number of ranks.
func (g *Group) Size() int {
	if g == nil {
		return 1
	}
	return g.comm.Size()
}

// At says which step the calls to come belong to, For what they are for.
func (g *Group) At(step int) {
	if g != nil && g.watch != nil {
		g.watch.at(step)
	}
}

// For is At of what the next calls are for.
func (g *Group) For(what string) {
	if g != nil && g.watch != nil {
		g.watch.purpose(what)
	}
}

// Traffic is what was exchanged so far.
func (g *Group) Traffic() Traffic {
	if g == nil {
		return Traffic{}
	}
	return g.used
}

// call runs a collective call that sends so many bytes, watched and counted.
func (g *Group) call(sent int, f func() error) error {
	if g.watch != nil {
		g.watch.begin()
		defer g.watch.end()
	}
	began := 0.0
	if g.clock != nil {
		began = g.clock()
	}
	err := f()
	g.used.Calls++
	g.used.Bytes += int64(sent)
	if g.clock != nil {
		g.used.Seconds += g.clock() - began
	}
	return err
}

// Gather is Comm.Gather; a nil Group has nothing to do.
func (g *Group) Gather(all []byte) error {
	if g == nil {
		return nil
	}
	return g.call(len(all)/g.Size()*(g.Size()-1), func() error { return g.comm.Gather(all) })
}

// Exchange is Comm.Exchange.
func (g *Group) Exchange(out []byte, n []int, in []byte, m []int) error {
	return g.call(len(out)-n[g.Rank()], func() error { return g.comm.Exchange(out, n, in, m) })
}

// GatherV is Comm.GatherV.
func (g *Group) GatherV(all []byte, n []int) error {
	return g.call(n[g.Rank()]*(g.Size()-1), func() error { return g.comm.GatherV(all, n) })
}

// Close is Comm.Close.
func (g *Group) Close(err error) error {
	if g == nil {
		return nil
	}
	if g.watch != nil {
		g.watch.begin()
		defer g.watch.end()
	}
	return g.comm.Close(err)
}

// watchdog notices that a call takes too long.
type watchdog struct {
	rank    int
	timeout time.Duration
	timer   *time.Timer

	mu   sync.Mutex
	step int
	what string
}

func newWatchdog(rank int, o Options) *watchdog {
	w := &watchdog{rank: rank, timeout: o.Timeout, step: -1}
	host := ""
	if o.Host != "" {
		host = " (" + o.Host + ")"
	}
	w.timer = time.AfterFunc(o.Timeout, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		where := ""
		if w.step >= 0 {
			where = fmt.Sprintf(" at step %d", w.step)
		}
		if w.what != "" {
			where += " (" + w.what + ")"
		}
		o.Expired(fmt.Sprintf("rank %d%s has waited %v for the others%s: one of them has stopped or is cut off", w.rank, host, o.Timeout, where))
	})
	w.timer.Stop()
	return w
}

func (w *watchdog) begin() { w.timer.Reset(w.timeout) }
func (w *watchdog) end()   { w.timer.Stop() }

func (w *watchdog) at(step int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.step = step
}

func (w *watchdog) purpose(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.what = what
}
