package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// signalled returns a context that ends with the first SIGINT, SIGTERM or SIGHUP,
// and how to stop listening. A second SIGINT or SIGTERM ends the program at once; a
// second SIGHUP does not: a terminal that closes often sends two. SIGHUP is left
// alone where it is ignored, as under nohup. SIGPIPE is taken, so that writing to a
// broken pipe is an error and not the end.
func signalled() (ctx context.Context, stop func()) {
	ctx, stopFirst := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stopFirst)
	ctx, cancel := context.WithCancel(ctx)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if !signal.Ignored(syscall.SIGHUP) {
		hangup := make(chan os.Signal, 1)
		signal.Notify(hangup, syscall.SIGHUP)
		go func() {
			<-hangup
			cancel()
		}()
	}
	return ctx, func() { cancel(); stopFirst() }
}

// keeper passes on to a standard stream and keeps its first error. broken is
// called when nobody reads the stream any more.
type keeper struct {
	io.Writer
	broken func()

	mu    sync.Mutex
	first error
}

func (k *keeper) Write(b []byte) (int, error) {
	n, err := k.Writer.Write(b)
	if err != nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.first == nil {
			k.first = err
			if errors.Is(err, syscall.EPIPE) {
				k.broken()
			}
		}
	}
	return n, err
}

// Unwrap returns the stream itself, for who asks whether it is a terminal.
func (k *keeper) Unwrap() io.Writer { return k.Writer }

// stream is the stream that w passes on to, or w itself.
func stream(w io.Writer) io.Writer {
	if k, ok := w.(*keeper); ok {
		return k.Unwrap()
	}
	return w
}

// err is what kept results from being written: no result is done that nobody got.
func (k *keeper) err() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.first == nil {
		return nil
	}
	var p *os.PathError
	if errors.As(k.first, &p) {
		return fmt.Errorf("the results could not be written to stdout: %w", p.Err)
	}
	return fmt.Errorf("the results could not be written to stdout: %w", k.first)
}
