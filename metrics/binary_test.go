package metrics

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
)

// Sums that were written, read and merged give the digits of one Aggregate.
func TestAggregateBinary(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const w, h, n = 9, 7, 11
	scorer := NewScorer()
	var whole Aggregate
	parts := make([]Aggregate, 3)
	for i := range n {
		pred, mask := make([]uint8, w*h), make([]uint8, w*h)
		for k := range pred {
			pred[k], mask[k] = uint8(rng.Uint32()), uint8(255*(rng.Uint32()%2))
		}
		var im Image
		if err := scorer.Score(pred, mask, w, h, Both, &im); err != nil {
			t.Fatal(err)
		}
		whole.Add(&im)
		parts[i%3].Add(&im)
	}
	var merged Aggregate
	for i := range parts {
		raw, err := parts[i].MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var back Aggregate
		if err := back.UnmarshalBinary(raw); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, parts[i]) || back.Images() != parts[i].images {
			t.Error("other sums after writing and reading")
		}
		merged.Merge(&back)
	}
	x, _ := whole.MarshalBinary()
	y, _ := merged.MarshalBinary()
	if !bytes.Equal(x, y) || !reflect.DeepEqual(whole.Result(), merged.Result()) {
		t.Error("merged sums are not those of the whole")
	}
	var empty, a Aggregate
	raw, err := empty.MarshalBinary()
	if err != nil || a.UnmarshalBinary(raw) != nil || !reflect.DeepEqual(a, empty) {
		t.Errorf("no images: %v", err)
	}
	x[0] = 'x'
	for _, bad := range [][]byte{nil, x[:100], x} {
		if a.UnmarshalBinary(bad) == nil {
			t.Errorf("%d bytes were taken", len(bad))
		}
	}
}
