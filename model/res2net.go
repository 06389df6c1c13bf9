package model

import "fmt"

// res2Net50 is Res2Net-50 v1b, 26w x 4s (Gao et al., 2019): the middle of a block is four
// parts of width 26 p / 64, of which the first three are convolved, each together with the
// result of the part before.
func res2Net50() Backbone {
	return Backbone{
		Name: "res2net50",
		Stem: []Unit{
			{Name: "base.stem0", In: 3, Out: 32, Kernel: 3, Stride: 2},
			{Name: "base.stem1", In: 32, Out: 32, Kernel: 3, Stride: 1, Level: 1},
			{Name: "base.stem2", In: 32, Out: 64, Kernel: 3, Stride: 1, Level: 1},
		},
		Stages: residualStages([4]int{3, 4, 6, 3}, res2Block),
	}
}

func res2Block(name string, in, p, level int, first bool) Residual {
	const parts = 4
	s, w := stride(p, first), 26*p/64
	r := Residual{Parts: parts, Stride: s, First: first, Pooled: true}
	r.Reduce = Unit{Name: name + ".conv1", In: in, Out: parts * w, Kernel: 1, Stride: 1, Level: level}
	for k := range parts - 1 {
		r.Middle = append(r.Middle, Unit{Name: fmt.Sprintf("%s.convs%d", name, k), In: w, Out: w, Kernel: 3, Stride: s, Level: level})
	}
	level += s - 1
	r.Expand = Unit{Name: name + ".conv3", In: parts * w, Out: 4 * p, Kernel: 1, Stride: 1, Level: level}
	if first {
		r.Shortcut = &Unit{Name: name + ".shortcut", In: in, Out: 4 * p, Kernel: 1, Stride: 1, Level: level}
	}
	return r
}
