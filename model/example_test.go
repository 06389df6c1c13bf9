package model_test

import (
	"fmt"

	"csnet/model"
)

// A net is described by an Arch, unrolled into a Spec, and counted without
// making a single tensor.
func ExampleSpec_Cost() {
	arch := model.DefaultArch()
	arch.Width = 2 // csnet-x2
	spec, err := arch.Spec()
	if err != nil {
		fmt.Println(err)
		return
	}
	cost := spec.Cost(model.CostSide, model.CostSide)
	fmt.Printf("%d parameters, %.0f million multiply-adds\n", cost.Params, float64(cost.MACs)/1e6)
	first := cost.Layers[0]
	fmt.Printf("%s: %v => %v channels, %d parameters\n", first.Layer.Name, first.Layer.In, first.Layer.Out, first.Params)
	// Output:
	// 788631 parameters, 1516 million multiply-adds
	// stage0.0.mix: [3] => [20 20] channels, 1200 parameters
}

// The tensors of a net are named after the layer, the octaves and the role.
func ExampleSpec_Tensors() {
	spec, err := model.DefaultArch().Spec()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range spec.Tensors() {
		if t.Part == model.Fuse && t.Role == model.Weight && t.Octave == 0 {
			fmt.Printf("%s %v: octave %d to octave %d\n", t.Path, t.Shape, t.In, t.Octave)
		}
	}
	// Output:
	// csf.fuse.w00 [13 40 1 1]: octave 0 to octave 0
	// csf.fuse.w10 [13 80 1 1]: octave 1 to octave 0
	// csf.fuse.w20 [13 80 1 1]: octave 2 to octave 0
}

// A net that cannot be is an error that names the configuration key.
func ExampleError() {
	arch := model.DefaultArch()
	arch.Blocks = []int{3, 0, 6, 4}
	_, err := arch.Spec()
	fmt.Println(err)
	// Output: model: net.blocks[1] is 0, must be 1 to 1000
}
