//go:build !unix

package main

import "context"

// untilUSR1 returns ctx: there is no SIGUSR1 here.
func untilUSR1(ctx context.Context) (context.Context, func()) { return ctx, func() {} }
