package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// guard is the bit pattern of words that no kernel may use or change: a NaN
// that arithmetic does not make.
const guard = 0x7fc0dead

// memory hands out slices of exactly n floats, all guard words, with guard
// words or an unreadable page on both sides.
type memory struct {
	name string
	// make returns a slice that starts skew floats off a 64-byte boundary,
	// where the kind of memory allows it, and a check of the words around it.
	make func(t testing.TB, n, skew int) ([]float32, func(testing.TB))
}

func guardWords() memory {
	return memory{"words", func(t testing.TB, n, skew int) ([]float32, func(testing.TB)) {
		const pad = 80
		all := make([]float32, n+2*pad)
		for i := range all {
			all[i] = math.Float32frombits(guard)
		}
		in := all[pad+skew:][:n:n]
		return in, func(t testing.TB) {
			t.Helper()
			for i, v := range all {
				if (i < pad+skew || i >= pad+skew+n) && math.Float32bits(v) != guard {
					t.Fatalf("word %d of a slice of %d was overwritten by %v", i-pad-skew, n, v)
				}
			}
		}
	}}
}

// eachLevel runs f at every level of the machine and on every kind of memory;
// plain Go, whose indices are checked, on one.
func eachLevel(t *testing.T, f func(t *testing.T, m memory)) {
	defer Limit(AVX512)
	for l := Plain; l <= best(); l++ {
		for i, m := range memories() {
			if l == Plain && i > 0 {
				continue
			}
			t.Run(fmt.Sprintf("%v/%s", l, m.name), func(t *testing.T) {
				if got := Limit(l); got != l {
					t.Fatalf("Limit(%v) = %v", l, got)
				}
				f(t, m)
			})
		}
	}
}

// vector is a slice of test data in guarded memory.
type vector struct {
	data  []float32
	check func(testing.TB)
}

func (m memory) vector(t testing.TB, n, skew int) vector {
	d, check := m.make(t, n, skew)
	return vector{d, check}
}

// random fills all of v.
func (v vector) random(r *rand.Rand) vector {
	for i := range v.data {
		v.data[i] = float32(r.NormFloat64())
	}
	return v
}

// plane fills rows of n floats, pitch apart, from at on: what lies between
// stays guard words.
func (v vector) plane(r *rand.Rand, at, pitch, n, rows int) {
	for y := range rows {
		for x := range n {
			v.data[at+y*pitch+x] = float32(r.NormFloat64())
		}
	}
}

// near fails unless got is want to 1e-6 of scale, the sum of the magnitudes of
// all terms. A sum of k terms in float32 is off by at most k*2^-24 of that, by
// about sqrt(k)*2^-24 when rounding goes either way: 1e-6 leaves the tests'
// sums a factor of five, and a wrong or missing term is far outside it.
func near(t testing.TB, what string, got, want, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-6*scale+1e-37) {
		t.Fatalf("%s = %v, want %v, scale %v", what, got, want, scale)
	}
}

// same fails unless got equals want within rounding, and guard words stayed.
func same(t testing.TB, what string, got, want, scale []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(want[i]) == guard {
			if math.Float32bits(got[i]) != guard {
				t.Fatalf("%s[%d] = %v was not to be written", what, i, got[i])
			}
			continue
		}
		if !(math.Abs(float64(got[i])-float64(want[i])) <= 1e-6*float64(scale[i])+1e-37) {
			t.Fatalf("%s[%d] = %v, want %v, scale %v", what, i, got[i], want[i], scale[i])
		}
	}
}

// magnitudes is a copy of x without signs; guard words stay.
func magnitudes(x []float32) []float32 {
	m := make([]float32, len(x))
	for i, v := range x {
		m[i] = v
		if math.Float32bits(v) != guard {
			m[i] = float32(math.Abs(float64(v)))
		}
	}
	return m
}

func clone(x []float32) []float32 { return append([]float32(nil), x...) }

func newRand(seed int) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 7)) }
