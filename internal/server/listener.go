package server

import (
	"context"
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
	*net.TCPListener
	ending atomic.Bool
}

// Listen listens on an address, HOST:PORT. Multipath TCP is off, so that on Linux the
// listener can turn connections away when the server ends.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	var c net.ListenConfig
	c.SetMultipathTCP(false)
	return c.Listen(ctx, "tcp", addr)
}

// Accept returns the next connection, and errDrained once the listener ends and none
// is left.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.TCPListener.Accept()
		if err == nil || !l.ending.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return c, err
		}
		// The time is over, or was over before a look into the queue.
		if !waiting(l.TCPListener) {
			time.Sleep(quiet)
			if !waiting(l.TCPListener) {
				return nil, errDrained
			}
		}
		if err := l.SetDeadline(time.Now().Add(quiet)); err != nil { //nolint:forbidigo // a server keeps its time
			return nil, err
		}
	}
}

// end turns new connections away and makes Accept take those that wait and then
// return errDrained. It reports false where that cannot be had and the listener is
// simply to be closed.
func (l *listener) end() bool {
	if !turnAway(l.TCPListener) {
		return false
	}
	l.ending.Store(true)
	return l.SetDeadline(time.Unix(1, 0)) == nil
}
