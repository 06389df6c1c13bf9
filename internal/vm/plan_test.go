package vm

import (
	"testing"

	"pgregory.net/rapid"
)

// Buffers in use at one time never share memory, whatever their sizes and
// spans, and the arena is not below what must lie in it at any one time.
func TestPlaceKeepsBuffersApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.IntRange(1, 40).Draw(t, "end")
		drawSpan := rapid.Custom(func(t *rapid.T) span {
			from := rapid.IntRange(0, end).Draw(t, "from")
			return span{from, rapid.IntRange(from, end).Draw(t, "to")}
		})
		bufs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *buffer {
			return &buffer{
				size:  rapid.SampledFrom([]int{0, 1, 15, 16, 17, 100, 1000}).Draw(t, "size"),
				spans: rapid.SliceOfN(drawSpan, 1, 2).Draw(t, "spans"),
			}
		}), 0, 40).Draw(t, "buffers")
		total := place(bufs)
		sum, bound := 0, lowerBound(bufs)
		for i, a := range bufs {
			if a.at < 0 || a.at+a.size > total || a.at%align != 0 {
				t.Fatalf("buffer %d of %d floats at %d in an arena of %d", i, a.size, a.at, total)
			}
			sum += (a.size + align - 1) / align * align
			for k, b := range bufs[:i] {
				if overlap(a.spans, b.spans) && a.at < b.at+b.size && b.at < a.at+a.size {
					t.Fatalf("buffers %d and %d share memory and time", i, k)
				}
			}
		}
		if total < bound || total > sum {
			t.Fatalf("arena of %d floats, must be at least %d and at most %d", total, bound, sum)
		}
	})
}

// overlap says it moment by moment.
func overlap(a, b []span) bool {
	at := map[int]bool{}
	for _, s := range a {
		for k := s.from; k <= s.to; k++ {
			at[k] = true
		}
	}
	for _, s := range b {
		for k := s.from; k <= s.to; k++ {
			if at[k] {
				return true
			}
		}
	}
	return false
}

// lowerBound is the most that is in use at one time.
func lowerBound(bufs []*buffer) int {
	use, most := map[int]int{}, 0
	for _, b := range bufs {
		at := map[int]bool{}
		for _, s := range b.spans {
			for k := s.from; k <= s.to; k++ {
				if !at[k] {
					at[k] = true
					use[k] += b.size
					most = max(most, use[k])
				}
			}
		}
	}
	return most
}
