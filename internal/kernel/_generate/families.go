package main

import "fmt"

// family is kernels that belong together: in a package below internal/kernel they
// have a file of stubs and, for each instruction set, one of assembly, or several
// where it would be large. Without a package they belong to internal/kernel itself.
type family struct {
	pkg   string
	name  string
	parts func(s *isa) []part
}

// part is what one file of assembly holds.
type part struct {
	suffix string // of the family's name
	build  func(s *isa)
}

// families are all kernels.
func families() []family {
	return []family{
		{"dense", "dense", whole(eachOutputs(dense))},
		{"dense", "denseact", byOutputs(denseAct)},
		{"dense", "densegrad", whole(denseGrads)},
		{"dense", "densetall", whole(func(s *isa) {
			denseTall(s, 1)
			denseTall(s, 2)
		})},
		{"gemm", "gemm", func(*isa) []part { return []part{{"", gemms}, {"rows", gemmRowTiles}} }},
		{"depthwise", "depthwise", whole(func(s *isa) {
			depthwise(s, float32s)
			depthwise(s, float16s)
			depthwiseGrad(s)
		})},
		{"depthwise", "depthwiseact", depthwiseActs},
		{"winograd", "winogradin", whole(func(s *isa) {
			winogradIn(s)
			winogradGradIn(s)
		})},
		{"winograd", "winogradact", byOutputs(winogradAct)},
		{"winograd2d", "tile", whole(func(s *isa) {
			winograd2dIn(s)
			winograd2dOut(s)
			transpose(s)
		})},
		{"channels", "channels", whole(func(s *isa) {
			acrossChannels(s)
			blendChannels(s, false)
			blendChannels(s, true)
			scoreChannels(s)
		})},
		{"pointwise", "norm", whole(norms)},
		{"pointwise", "copy", whole(copies)},
		{"half", "half", whole(halves)},
		{"resample", "pool", whole(pools)},
		{"resample", "upsample", whole(upsamplings)},
		{"pixels", "pixels", pixels},
		{"pointwise", "loss", whole(func(s *isa) {
			bce(s)
			bceGrad(s)
		})},
		{"pointwise", "sigmoid", whole(sigmoid)},
		{"pointwise", "adam", whole(adam)},
		{"", "peak", whole(peak)},
	}
}

// whole is a family with one file of assembly for an instruction set.
func whole(build func(s *isa)) func(s *isa) []part {
	return func(*isa) []part { return []part{{"", build}} }
}

// eachOutputs builds the kernels for all numbers of outputs.
func eachOutputs(build func(s *isa, outputs int)) func(s *isa) {
	return func(s *isa) {
		for n := 1; n <= s.denseMax; n++ {
			build(s, n)
		}
	}
}

// byOutputs is a family with a file for every four numbers of outputs.
func byOutputs(build func(s *isa, outputs int)) func(s *isa) []part {
	return func(s *isa) []part {
		var parts []part
		for from := 1; from <= s.denseMax; from += 4 {
			to := min(from+3, s.denseMax)
			parts = append(parts, part{fmt.Sprintf("%dto%d", from, to), func(s *isa) {
				for n := from; n <= to; n++ {
					build(s, n)
				}
			}})
		}
		return parts
	}
}

func denseGrads(s *isa) {
	for oc := 1; oc <= s.gradMax; oc++ {
		for taps := 1; taps <= gradTaps; taps++ {
			denseGrad(s, oc, taps)
		}
	}
}

func depthwiseActs(s *isa) []part {
	parts := []part{{"", func(s *isa) { depthwiseAct(s, false) }}}
	if s.wide {
		parts = append(parts, part{"stream", func(s *isa) { depthwiseAct(s, true) }})
	}
	return parts
}

func norms(s *isa) {
	sum(s)
	moments(s)
	normAct(s, float32s)
	actSums(s, float32s)
	actNormGrad(s, float32s, float32s)
	for _, stream := range []bool{false, true} {
		momentsStore(s, float32s, stream)
		actSumsStore(s, float32s, float32s, stream)
	}
}

// halves are the kernels on the maps and gradients of mixed precision.
func halves(s *isa) {
	normAct(s, float16s)
	actSums(s, float16s)
	narrow(s, float16s)
	narrowStream(s, float16s)
	momentsStore(s, float16s, false)
	momentsStore(s, float16s, true)
	s.eachNative(func() {
		actNormGrad(s, bfloat16s, float16s)
		add(s, bfloat16s)
		narrow(s, bfloat16s)
		narrowStream(s, bfloat16s)
		actSumsStore(s, float16s, bfloat16s, false)
		actSumsStore(s, float16s, bfloat16s, true)
	})
}

func copies(s *isa) {
	copyRows(s)
	add(s, float32s)
	stream(s)
	if !s.wide { // once, for both
		prefetch(s)
	}
}

func pools(s *isa) {
	maxPool(s, 2)
	maxPool(s, 4)
	avgPool2(s)
	for _, add := range []bool{true, false} {
		maxPoolGrad(s, 2, add)
		maxPoolGrad(s, 4, add)
		avgPool2Grad(s, add)
	}
	deinterleave(s)
	evens(s)
	maximum(s)
}

func upsamplings(s *isa) {
	for i := range upFactors {
		upRow(s, i)
		across(s, i)
		upGrad(s, i)
	}
}
