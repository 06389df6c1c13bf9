// Package kerneltest is what the tests of the kernels share: memory around which
// nothing may be read or written, comparisons, levels, and benchmarks.
package kerneltest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/kernel"
)

// Guard is the bit pattern of words that no kernel may use or change: a NaN
// that arithmetic does not make.
const Guard = 0x7fc0dead

// Memory hands out slices of exactly n floats, all guard words, with guard
// words or an unreadable page on both sides.
type Memory struct {
	name string
	// make returns a slice that starts skew floats off a 64-byte boundary,
	// where the kind of memory allows it, and a check of the words around it.
	make func(t testing.TB, n, skew int) ([]float32, func(testing.TB))
}

// Words reports whether m is plain memory, with guard words.
func (m Memory) Words() bool { return m.name == words }

const words = "words"

func guardWords() Memory {
	return Memory{words, func(t testing.TB, n, skew int) ([]float32, func(testing.TB)) {
		const pad = 80
		all := make([]float32, n+2*pad)
		for i := range all {
			all[i] = math.Float32frombits(Guard)
		}
		in := all[pad+skew:][:n:n]
		return in, func(t testing.TB) {
			t.Helper()
			for i, v := range all {
				if (i < pad+skew || i >= pad+skew+n) && math.Float32bits(v) != Guard {
					t.Fatalf("word %d of a slice of %d was overwritten by %v", i-pad-skew, n, v)
				}
			}
		}
	}}
}

// EachLevel runs f at every level of the machine and on every kind of memory;
// plain Go, whose indices are checked, on one.
func EachLevel(t *testing.T, f func(t *testing.T, m Memory)) {
	best := kernel.Limit(kernel.AVX512)
	defer kernel.Limit(best)
	for l := kernel.Plain; l <= best; l++ {
		for i, m := range memories() {
			if l == kernel.Plain && i > 0 {
				continue
			}
			t.Run(fmt.Sprintf("%v/%s", l, m.name), func(t *testing.T) {
				if got := kernel.Limit(l); got != l {
					t.Fatalf("Limit(%v) = %v", l, got)
				}
				f(t, m)
			})
		}
	}
}

// Vector is a slice of test data in guarded memory.
type Vector struct {
	Data  []float32
	check func(testing.TB)
}

// Vector returns n guard words, skew floats off a 64-byte boundary where m can.
func (m Memory) Vector(t testing.TB, n, skew int) Vector {
	d, check := m.make(t, n, skew)
	return Vector{d, check}
}

// Check fails unless the words around the vector are as they were.
func (v Vector) Check(t testing.TB) {
	t.Helper()
	v.check(t)
}

// Random fills all of v.
func (v Vector) Random(r *rand.Rand) Vector {
	for i := range v.Data {
		v.Data[i] = float32(r.NormFloat64())
	}
	return v
}

// Plane fills rows of n floats, pitch apart, from at on: what lies between
// stays guard words.
func (v Vector) Plane(r *rand.Rand, at, pitch, n, rows int) {
	for y := range rows {
		for x := range n {
			v.Data[at+y*pitch+x] = float32(r.NormFloat64())
		}
	}
}

// Near fails unless got is want to 1e-6 of scale, the sum of the magnitudes of
// all terms. A sum of k terms in float32 is off by at most k*2^-24 of that, by
// about sqrt(k)*2^-24 when rounding goes either way: 1e-6 leaves the tests'
// sums a factor of five, and a wrong or missing term is far outside it.
func Near(t testing.TB, what string, got, want, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-6*scale+1e-37) {
		t.Fatalf("%s = %v, want %v, scale %v", what, got, want, scale)
	}
}

// Same fails unless got equals want within rounding, and guard words stayed.
func Same(t testing.TB, what string, got, want, scale []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(want[i]) == Guard {
			if math.Float32bits(got[i]) != Guard {
				t.Fatalf("%s[%d] = %v was not to be written", what, i, got[i])
			}
			continue
		}
		if !(math.Abs(float64(got[i])-float64(want[i])) <= 1e-6*float64(scale[i])+1e-37) {
			t.Fatalf("%s[%d] = %v, want %v, scale %v", what, i, got[i], want[i], scale[i])
		}
	}
}

// Magnitudes is a copy of x without signs; guard words stay.
func Magnitudes(x []float32) []float32 {
	m := make([]float32, len(x))
	for i, v := range x {
		m[i] = v
		if math.Float32bits(v) != Guard {
			m[i] = float32(math.Abs(float64(v)))
		}
	}
	return m
}

// Clone is a copy of x.
func Clone(x []float32) []float32 { return append([]float32(nil), x...) }

// NewRand is a source of the test data number seed.
func NewRand(seed int) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 7)) }
