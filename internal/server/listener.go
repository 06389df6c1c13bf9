package server

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// errDrained says that a listener was told to end and has no connection left.
var errDrained = errors.New("server: the listener has ended")

// quiet is how long nothing new may come before a listener that ends is done: longer
// than a handshake that had begun takes on most ways.
const quiet = 100 * time.Millisecond

// listener is one that can end without a loss. Closing a listening socket resets the
// connections that wait in its queue, whose clients believe themselves connected and
// have often sent their request already. So it first turns new ones away, takes
// those that wait, and is closed then.
type listener struct {
	net.Listener
	deadline func(time.Time) error // nil: it cannot be told to end
	ending   atomic.Bool
}

func newListener(l net.Listener) *listener {
	out := &listener{Listener: l}
	if t, ok := l.(*net.TCPListener); ok {
		out.deadline = t.SetDeadline
	}
	return out
}

// Accept returns the next connection, and errDrained once the listener ends and none
// is left.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err == nil || !l.ending.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return c, err
		}
		// The time is over, or was over before a look into the queue.
		if !waiting(l.Listener) {
			time.Sleep(quiet)
			if !waiting(l.Listener) {
				return nil, errDrained
			}
		}
		if err := l.deadline(time.Now().Add(quiet)); err != nil { //nolint:forbidigo // a server keeps its time
			return nil, err
		}
	}
}

// end makes Accept take what waits and then return errDrained. It reports false
// where that cannot be had and the listener is simply to be closed.
func (l *listener) end() bool {
	if l.deadline == nil {
		return false
	}
	turnAway(l.Listener)
	l.ending.Store(true)
	return l.deadline(time.Unix(1, 0)) == nil
}
