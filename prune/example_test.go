package prune_test

import (
	"fmt"

	"csnet/model"
	"csnet/prune"
)

// A plan names the channels that go; Spec counts what is left, Apply makes the small
// net's tensors. Nothing is changed in the net that the plan is for.
func ExampleNewPlan() {
	spec, err := model.DefaultArch().Spec()
	if err != nil {
		fmt.Println(err)
		return
	}
	params, err := spec.NewParams(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Training with dynamic weight decay drives gammas to 0; here it is done by hand.
	clear(params.Get("stage1.0.mix.norm0.gamma").Data[:4])
	threshold := 1e-20
	plan, err := prune.NewPlan(spec, params, prune.Options{Threshold: &threshold})
	if err != nil {
		fmt.Println(err)
		return
	}
	small, tensors, err := plan.Apply(spec, params)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d channels go\n", plan.Removed, plan.Prunable)
	fmt.Printf("%v => %v channels in stage1.0\n", spec.Stages[1].Blocks[0].Out, small.Stages[1].Blocks[0].Out)
	fmt.Printf("%d => %d parameters; the tensors fit: %v\n", spec.ParamCount(), small.ParamCount(), small.CheckParams(tensors) == nil)
	// Output:
	// 4 of 1235 channels go
	// [10 10] => [6 10] channels in stage1.0
	// 210985 => 210717 parameters; the tensors fit: true
}
