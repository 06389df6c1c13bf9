//go:build unix

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// untilUSR1 returns a context that ends with SIGUSR1 too, which schedulers send before
// a job's time is up, and how to stop listening.
func untilUSR1(ctx context.Context) (context.Context, func()) {
	ctx, stop := signal.NotifyContext(ctx, os.Signal(syscall.SIGUSR1))
	return ctx, stop
}
