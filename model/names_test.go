package model_test

import (
	"slices"
	"testing"

	"csnet/model"
)

// The names of layers and tensors are part of every checkpoint: they are
// written out here once more.
func TestNames(t *testing.T) {
	a := model.DefaultArch()
	a.Width, a.Blocks, a.Multipliers, a.Dilations = 0.2, []int{1, 2}, []float64{1, 1, 2}, []int{1, 2}
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	var layers []string
	for _, l := range s.Layers() {
		layers = append(layers, l.Name+" "+l.BlockName()+" "+string(l.Part))
	}
	want := []string{
		"stage0.0.mix stage0.0 mix", "stage0.0.dw1 stage0.0 dw1", "stage0.0.dw2 stage0.0 dw2",
		"stage1.0.mix stage1.0 mix", "stage1.0.dw1 stage1.0 dw1", "stage1.0.dw2 stage1.0 dw2",
		"stage2.0.mix stage2.0 mix", "stage2.0.dw1 stage2.0 dw1", "stage2.0.dw2 stage2.0 dw2",
		"stage2.1.mix stage2.1 mix", "stage2.1.dw1 stage2.1 dw1", "stage2.1.dw2 stage2.1 dw2",
		"csf.fuse csf.fuse fuse", "csf.ms0 csf.ms0 ms", "csf.out csf.out out", "cls cls cls",
	}
	if !slices.Equal(layers, want) {
		t.Errorf("layers are\n%q, must be\n%q", layers, want)
	}
	names := map[model.Part][]string{}
	for _, x := range s.Tensors() {
		names[x.Part] = append(names[x.Part], x.Path)
	}
	norm := func(layer, octave string) []string {
		n := layer + ".norm" + octave + "."
		return []string{n + "gamma", n + "beta", n + "mean", n + "var", layer + ".slope" + octave}
	}
	for _, c := range []struct {
		part model.Part
		want []string
	}{
		{model.Mix, slices.Concat([]string{"stage0.0.mix.w00"}, norm("stage0.0.mix", "0"), []string{"stage0.0.mix.w01"}, norm("stage0.0.mix", "1"), []string{"stage1.0.mix.w00", "stage1.0.mix.w10"})},
		{model.DW2, slices.Concat([]string{"stage0.0.dw2.w0"}, norm("stage0.0.dw2", "0"), []string{"stage0.0.dw2.w1"})},
		{model.Fuse, slices.Concat([]string{"csf.fuse.w00"}, norm("csf.fuse", "0"))},
		{model.MS, slices.Concat([]string{"csf.ms0.w0", "csf.ms0.w1"}, norm("csf.ms0", "0"))},
		{model.Out, slices.Concat([]string{"csf.out.w00"}, norm("csf.out", "0"))},
		{model.Cls, []string{"cls.w", "cls.bias"}},
	} {
		got := names[c.part]
		if got = got[:min(len(got), len(c.want))]; !slices.Equal(got, c.want) {
			t.Errorf("%s: tensors are\n%q, must be\n%q", c.part, got, c.want)
		}
	}
	// With more than ten octaves two digits could be read in two ways.
	if got := model.TensorName(model.OpOctConv, model.Slot{Role: model.Weight, In: 1, Octave: 11}); got != "w1_11" {
		t.Errorf("the weight from octave 1 to 11 is %s, must be w1_11", got)
	}
}
