package data

import "testing"

func TestSizePlan(t *testing.T) {
	p := SizePlan{Sizes{96, 160, 224}, []int{3, 5}}
	for epoch, want := range []int{96, 96, 96, 160, 160, 224, 224} {
		if got := p.At(epoch); got != want {
			t.Errorf("epoch %d trains at %d, want %d", epoch, got, want)
		}
	}
	if p.Last() != 224 || p.Max() != 224 || (SizePlan{Sizes: Sizes{64}}).At(9) != 64 {
		t.Error("last, largest or only size is wrong")
	}
	if got := (SizePlan{Sizes{224, 96}, []int{1}}); got.Last() != 96 || got.Max() != 224 {
		t.Errorf("%+v: last %d, largest %d", got, got.Last(), got.Max())
	}
}
