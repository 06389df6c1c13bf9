//go:build amd64 && !noasm

package pointwise

import (
	"math"

	"csnet/internal/kernel"
)

func bce(x, y []float32) (s float64) {
	y = y[:len(x)]
	n := lossPairs(len(x))
	if n > 0 {
		callBce(kernel.Current(), &x[0], &y[0], n, &s)
	}
	return s + bceGeneric(x[n:], y[n:])
}

func bceGrad(dx, x, y []float32, scale float64) {
	dx, y = dx[:len(x)], y[:len(x)]
	n := lossPairs(len(x))
	if n > 0 {
		callBceGrad(kernel.Current(), &dx[0], &x[0], &y[0], n, scale)
	}
	bceGradGeneric(dx[n:], x[n:], y[n:], scale)
}

func sigmoids(dst, x []float32) {
	n := lossPairs(len(x))
	if n > 0 {
		callSigmoid(kernel.Current(), &dst[0], &x[0], n)
	}
	sigmoidsGeneric(dst[n:], x[n:])
}

// lossPairs is how many of n pairs the vector kernels take, which work in float64:
// whole halves of a register. The plain loop takes the rest.
func lossPairs(n int) int {
	level := kernel.Current()
	if level == kernel.Plain {
		return 0
	}
	half := level.Lanes() / 2
	return n / half * half
}

// adamLeast is the least magnitude whose float32 is no denormal: half a unit of the last
// place below tiny, and rounded to even.
const adamLeast = tiny - 0x1p-150

func adam(w, g, m, v []float32, s AdamStep) {
	n := lossPairs(len(w))
	if n > 0 {
		factors := [...]float64{s.Rate, s.Beta1, 1 - s.Beta1, s.Beta2, 1 - s.Beta2, s.Root2, s.Eps, s.L2, adamLeast, math.Float64frombits(1<<63 - 1)}
		callAdam(kernel.Current(), &w[0], &g[0], &m[0], &v[0], n, &factors[0])
	}
	adamGeneric(w[n:], g[n:], m[n:], v[n:], s)
}
