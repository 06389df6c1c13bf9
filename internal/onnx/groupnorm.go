package onnx

import (
	"fmt"

	"csnet/model"
)

// groupNorm is the group norm of octave k over y, or y itself where the net has batch
// norms, which are folded into the convolutions. It is made of plain operators, for not
// all programs know a norm of groups: the channels of a group are laid below one another
// as rows of one map, whose mean and variance are taken.
func (t translator) groupNorm(l model.Layer, k int, y string) string {
	if l.Norm != model.GroupNorm {
		return y
	}
	name := fmt.Sprintf("%s.norm%d", l.Name, k)
	gamma, beta := t.get(l, model.Slot{Role: model.Gamma, Octave: k}), t.get(l, model.Slot{Role: model.Beta, Octave: k})
	c, groups := int64(len(gamma)), int64(t.spec.Norm.Groups)
	eps := t.floats(name+".eps", []int{1}, []float64{t.spec.Norm.Eps})
	mean := func(out, x string) string { // row by row: a long sum in 32 bits loses digits
		x = t.node("ReduceMean", out+".rows", []string{x}, ints("axes", 3), integer("keepdims", 1))
		return t.node("ReduceMean", out, []string{x}, ints("axes", 2), integer("keepdims", 1))
	}
	x := t.node("Reshape", name+".groups", []string{y, t.integers(fmt.Sprintf("groups%d", groups), 0, groups, -1, 0)})
	centred := t.node("Sub", name+".centred", []string{x, mean(name+".mean", x)})
	variance := mean(name+".var", t.node("Mul", name+".squares", []string{centred, centred}))
	deviation := t.node("Sqrt", name+".deviation", []string{t.node("Add", name+".shifted", []string{variance, eps})})
	x = t.node("Div", name+".unit", []string{centred, deviation})
	x = t.node("Reshape", name+".channels", []string{x, t.integers(fmt.Sprintf("channels%d", c), 0, c, -1, 0)})
	x = t.node("Mul", name+".scaled", []string{x, t.floats(name+".gamma", []int{int(c), 1, 1}, gamma)})
	return t.node("Add", name, []string{x, t.floats(name+".beta", []int{int(c), 1, 1}, beta)})
}
