package model_test

import (
	"errors"
	"strings"
	"testing"

	"csnet/model"
)

// An error names the configuration key that decides what is wrong, and says
// what was found and what is allowed.
func TestErrorKeys(t *testing.T) {
	arch := func(change func(*model.Arch)) error {
		a := model.DefaultArch()
		change(&a)
		_, err := a.Spec()
		return err
	}
	spec := func(change func(*model.Spec)) error {
		s, err := model.DefaultArch().Spec()
		if err != nil {
			t.Fatal(err)
		}
		change(&s)
		return s.Validate()
	}
	for _, c := range []struct {
		err       error
		key, text string
	}{
		{arch(func(a *model.Arch) { a.Width = 0 }), "net.width", "model: net.width is 0, must give a base width round(20 width) of 1 to 4096"},
		{arch(func(a *model.Arch) { a.Blocks = []int{3, 0, 6, 4} }), "net.blocks[1]", "model: net.blocks[1] is 0, must be 1 to 1000"},
		{arch(func(a *model.Arch) { a.Blocks = nil }), "net.blocks", "is empty"},
		{arch(func(a *model.Arch) { a.Multipliers[4] = 0.01 }), "net.multipliers[4]", "gives 0 channels, must give 1 to 65536"},
		{arch(func(a *model.Arch) { a.Split = []float64{1, -1} }), "net.split[1]", "is -1, must be 0 or more"},
		{arch(func(a *model.Arch) { a.Head = []int{1, 2} }), "net.head", "has 2 widths, must have 3"},
		{arch(func(a *model.Arch) { a.Head = []int{0, 0, 0} }), "net.head", "model: spec: head: fuse: all octaves are absent"},
		{arch(func(a *model.Arch) { a.Dilations = []int{1, 2000} }), "net.dilations", "model: spec: head: dilation is 2000, must be 1 to 1024"},
		{arch(func(a *model.Arch) { a.Norm = "layer" }), "net.norm", `norm is "layer"`},
		{arch(func(a *model.Arch) { a.Eps = 0 }), "net.eps", "norm eps is 0, must be above 0"},
		{arch(func(a *model.Arch) {
			a.Blocks, a.Multipliers, a.Split, a.ExtractorOnly = []int{3}, []float64{1, 1}, []float64{0, 1}, true
		}), "net.split", "the last block's octave 0 is absent"},
		{spec(func(s *model.Spec) { s.Dialect = "max" }), "net.dialect", `dialect is "max"`},
		{spec(func(s *model.Spec) { s.Stages[1].Blocks[2].Out = []int{0, 0} }), "net.split", "model: spec: stage 1, block 2: all octaves are absent"},
		{spec(func(s *model.Spec) { s.Stages[1].Blocks[2].Kernel = 5 }), "net", "model: spec: stage 1, block 2: kernel is 5, must be 1 or 3"},
		{spec(func(s *model.Spec) { s.Stages[0].Blocks[0].Out = make([]int, 13) }), "net.split", "all octaves are absent"},
		{spec(func(s *model.Spec) { s.Stages[4].Blocks[0].Out = append([]int{1}, make([]int, 12)...) }), "net.blocks", "13 octaves after 3 halvings, more than 11"},
		{spec(func(s *model.Spec) { s.Stages[2].Blocks = nil }), "net.blocks", "stage 2 has no blocks"},
		{spec(func(s *model.Spec) { s.Head.Taps = []int{1, 2, 9} }), "net.head", "taps are [1 2 9]"},
	} {
		var e *model.Error
		if !errors.As(c.err, &e) {
			t.Errorf("error %v has no key, must have %s", c.err, c.key)
			continue
		}
		if e.Key != c.key || !strings.Contains(e.Error(), c.text) {
			t.Errorf("error is %q at %s, must say %q at %s", e.Error(), e.Key, c.text, c.key)
		}
	}
}
