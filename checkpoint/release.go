package checkpoint

import (
	"fmt"
	"slices"

	"csnet/model"
)

// ReleaseTensor is a tensor as the authors' release lays it out.
type ReleaseTensor struct {
	Shape []int
	Data  []float32 // row-major
}

// ReleaseParams returns the tensors of the net, taken from the release's ones
// by name: a gOctConv's stacked weight is cut into its slices. get reports
// whether it has a name; a name of an absent octave may be missing or hold no
// values. The same cut works for gradients. Errors: a name that is missing or
// of another shape (both shapes are named).
func ReleaseParams(s model.Spec, get func(name string) (ReleaseTensor, bool)) (*model.Params, error) {
	data := map[string][]float32{}
	for _, e := range layout(s) {
		t, ok := get(e.name)
		if len(e.parts) == 0 {
			if ok && len(t.Data) > 0 {
				return nil, fmt.Errorf("tensor %s has shape %v, its octave is absent", e.name, t.Shape)
			}
			continue
		}
		if !ok {
			return nil, fmt.Errorf("tensor %s %v is missing", e.name, e.shape)
		}
		if !slices.Equal(t.Shape, e.shape) || len(t.Data) != product(e.shape) {
			return nil, fmt.Errorf("tensor %s has shape %v and %d values, the net needs %v", e.name, t.Shape, len(t.Data), e.shape)
		}
		for _, p := range e.parts {
			data[p.path] = p.gather(t.Data)
		}
	}
	var ts []*model.Tensor
	for _, t := range s.Tensors() {
		ts = append(ts, &model.Tensor{Path: t.Path, Role: t.Role, Shape: t.Shape, Data: data[t.Path]})
	}
	return model.NewParams(ts)
}

// ToReleaseArrays returns values by path (weights, gradients, ...) in the
// release's layout and under its names: the slices of a gOctConv stacked into
// one tensor, an absent octave's norm and slopes with shape (0). A tensor is
// left out where values has nil, or a slice of another length, for any part of
// it: so gradients, which running statistics have none of, come out without
// them.
func ToReleaseArrays(s model.Spec, values func(path string) []float32) map[string]ReleaseTensor {
	out := map[string]ReleaseTensor{}
	for _, e := range layout(s) {
		if t, ok := e.stack(values); ok {
			out[e.name] = t
		}
	}
	return out
}

// stack makes the release's tensor of ours.
func (e entry) stack(values func(path string) []float32) (ReleaseTensor, bool) {
	t := ReleaseTensor{Shape: e.shape, Data: make([]float32, product(e.shape))}
	for _, p := range e.parts {
		own := values(p.path)
		if len(own) != p.len() {
			return t, false
		}
		p.scatter(own, t.Data)
	}
	return t, true
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
