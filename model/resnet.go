package model

// resNet50 is ResNet-50 (He et al., 2016) as torchvision has it, with the stride in a
// block's 3x3 convolution.
func resNet50() Backbone {
	return Backbone{
		Name:   "resnet50",
		Stem:   []Unit{{Name: "base.stem0", In: 3, Out: 64, Kernel: 7, Stride: 2}},
		Stages: residualStages([4]int{3, 4, 6, 3}, bottleneck),
	}
}

func bottleneck(name string, in, p, level int, first bool) Residual {
	s := stride(p, first)
	r := Residual{Parts: 1, Stride: s, First: first}
	r.Reduce = Unit{Name: name + ".conv1", In: in, Out: p, Kernel: 1, Stride: 1, Level: level}
	r.Middle = []Unit{{Name: name + ".conv2", In: p, Out: p, Kernel: 3, Stride: s, Level: level}}
	if first {
		r.Shortcut = &Unit{Name: name + ".shortcut", In: in, Out: 4 * p, Kernel: 1, Stride: s, Level: level}
	}
	r.Expand = Unit{Name: name + ".conv3", In: p, Out: 4 * p, Kernel: 1, Stride: 1, Level: level + s - 1}
	return r
}
