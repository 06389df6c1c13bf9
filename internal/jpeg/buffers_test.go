package jpeg

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// Files decoded one after another in the same memory, in drawn orders, cut ones between
// them, give what each gives alone: the pixels, or the error.
func TestBuffers(t *testing.T) {
	all := files(t)
	names := slices.Sorted(maps.Keys(all))
	var b Buffers
	decoded := 0
	for round := range 400 {
		file := all[names[(7*round+round/len(names))%len(names)]]
		if round%5 == 4 {
			file = file[:len(file)/2+round]
		}
		scale := []int{1, 2, 4, 8}[round/3%4]
		got, err := b.Decode(file, scale)
		want, wantErr := Decode(file, scale)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("round %d: %v, alone %v", round, err, wantErr)
		}
		if err != nil {
			continue
		}
		decoded++
		if d := same(got, want); d != "" {
			t.Fatalf("round %d: %s", round, d)
		}
	}
	if decoded < 300 {
		t.Errorf("%d of 400 were decoded", decoded)
	}
	file := drawn(t, 400, 300, 90, false)
	decode := func() {
		if _, err := b.Decode(file, 1); err != nil {
			t.Fatal(err)
		}
	}
	decode()
	if n := testing.AllocsPerRun(5, decode); n > 25 {
		t.Errorf("%v allocations", n)
	}
}
