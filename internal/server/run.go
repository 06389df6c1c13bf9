package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Ending says how Run ends.
type Ending struct {
	// Drain is how long new requests are still taken after the signal, at most,
	// while /readyz says 503 and every answer closes its connection: so that nobody
	// sends a request into a connection that is just being closed. It ends when no
	// connection is open.
	Drain time.Duration
	// Grace is how long requests at work may take after that.
	Grace time.Duration
}

// Run serves on a listener until ctx ends, and then answers every request that it has taken.
// Errors: the listener's; requests that were still at work after Ending.Grace.
func (s *Server) Run(ctx context.Context, on net.Listener, e Ending) error {
	var open atomic.Int64
	l, canEnd := on.(*net.TCPListener)
	ours := &listener{TCPListener: l}
	if canEnd {
		on = ours
	}
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: s.o.Upload + s.o.Timeout + time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 16,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				open.Add(1)
			case http.StateClosed, http.StateHijacked:
				open.Add(-1)
			}
		},
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(on) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.ending.Store(true)
	drained, stop := context.WithTimeout(context.WithoutCancel(ctx), e.Drain)
	defer stop()
	for tick := time.NewTicker(10 * time.Millisecond); open.Load() > 0 && drained.Err() == nil; {
		select {
		case <-tick.C:
		case <-drained.Done():
		}
	}
	ended := canEnd && ours.end()
	if ended {
		if err := <-failed; !errors.Is(err, errDrained) {
			return err
		}
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.Grace)
	defer cancel()
	if err := h.Shutdown(grace); err != nil {
		return fmt.Errorf("requests were still at work after %v: %w", e.Grace, err)
	}
	if ended {
		return nil
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
