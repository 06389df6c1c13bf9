//go:build amd64 && !noasm

package channels

import "csnet/internal/kernel"

func across(dst, src []float32, l *Line, n int) {
	level, pixels := kernel.Current(), len(l.At)/2
	if level == kernel.Plain || pixels == 0 || n <= 0 {
		acrossGeneric(dst, src, l, n)
		return
	}
	check(n)
	_, _ = dst[pixels*n-1], l.F[2*pixels-1]
	for _, at := range l.At {
		_, _ = src[at], src[int(at)+n-1]
	}
	callAcross(level, &dst[0], &src[0], &l.At[0], &l.F[0], pixels, n)
}

func mix(dst, x, y []float32, fx, fy float32, add bool) {
	level, n := kernel.Current(), len(dst)
	if level == kernel.Plain || n == 0 {
		mixGeneric(dst, x, y, fx, fy, add)
		return
	}
	check(n)
	_, _ = x[n-1], y[n-1]
	callBlend(level, add, &dst[0], &x[0], &y[0], n, fx, fy)
}

func score(dst, z []float32, s *Scorer) {
	level, n := kernel.Current(), len(s.A)
	if level == kernel.Plain || n == 0 || len(dst) == 0 {
		scoreGeneric(dst, z, s)
		return
	}
	check(n)
	_, _, _, _ = z[len(dst)*n-1], s.B[n-1], s.Above[n-1], s.Below[n-1]
	callScore(level, &dst[0], &z[0], &s.A[0], &s.B[0], &s.Above[0], &s.Below[0], len(dst), n)
}

// check panics, as an index would, unless n is a multiple of Multiple.
func check(n int) {
	if n%Multiple != 0 {
		panic("channels: floats are no multiple of 16")
	}
}
