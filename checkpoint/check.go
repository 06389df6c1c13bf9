package checkpoint

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csnet/checkpoint/internal/safetensors"
	"csnet/model"
)

// maxSpec is how many bytes of JSON a spec may take.
const maxSpec = 1 << 20

// checkSpec validates a spec that may be hostile: every count is bounded, so
// that shapes and their products cannot overflow.
func checkSpec(s model.Spec) error {
	bound := func(what string, n int) error {
		if n < 0 || n > model.MaxChannels {
			return fmt.Errorf("spec: %s has %d channels, must be 0 to %d", what, n, model.MaxChannels)
		}
		return nil
	}
	if err := bound("input", s.Input); err != nil {
		return err
	}
	if s.Norm.Eps > 1 {
		return fmt.Errorf("spec: norm has eps %g, must be at most 1", s.Norm.Eps)
	}
	if s.Head != nil {
		if err := bound("head out", s.Head.Out); err != nil {
			return err
		}
		for k, bs := range s.Head.MS {
			for _, b := range bs {
				if err := bound(fmt.Sprintf("head MSBlock %d", k), b); err != nil {
					return err
				}
			}
		}
	}
	return s.Validate()
}

// tensorCount returns len(s.Tensors()) without making them.
func tensorCount(s model.Spec) int {
	n := 0
	present := func(cs []int) int {
		return len(slices.DeleteFunc(slices.Clone(cs), func(c int) bool { return c == 0 }))
	}
	for _, l := range s.Layers() {
		out, norm := present(l.Out), 5
		if l.Norm == model.GroupNorm {
			norm = 3
		}
		if l.Balanced {
			n++
		}
		switch l.Op {
		case model.OpConvNorm:
			n += 5
		case model.OpConv:
			n += 2
		case model.OpDepthwise:
			n += (1 + norm) * out
		case model.OpMSBlock:
			n += present(l.Branches) + norm*out
		case model.OpOctConv:
			n += out * (present(l.In) + norm)
		}
	}
	return n
}

// checkValues reports the first value that no net can run with.
func checkValues(name string, role model.Role, data []float32) error {
	if i := notFinite(data); i >= 0 {
		return fmt.Errorf("tensor %s: value %d is %v, must be finite", name, i, data[i])
	}
	if role == model.Var {
		for i, v := range data {
			if v < 0 {
				return fmt.Errorf("tensor %s: variance %d is %v, must be 0 or more", name, i, v)
			}
		}
	}
	return nil
}

func checkMoments(name string, m, v []float32) error {
	if i := notFinite(m); i >= 0 {
		return fmt.Errorf("tensor %s%s: value %d is %v, must be finite", momentM, name, i, m[i])
	}
	return checkValues(momentV+name, model.Var, v)
}

// notFinite returns the index of the first NaN or infinity, -1 when all are
// finite.
func notFinite(data []float32) int {
	return slices.IndexFunc(data, func(v float32) bool { return v-v != 0 })
}

// flush sets denormal values to 0: weights that died in training end there, and
// x86 is slow at them.
func flush(data []float32) {
	for i, v := range data {
		if math.Abs(float64(v)) < 0x1p-126 && v != 0 {
			data[i] = 0
		}
	}
}

// values returns the F32 tensor called name, which must have this shape.
func values(f *safetensors.File, name string, shape []int) ([]float32, error) {
	e, ok := f.Get(name)
	switch {
	case !ok:
		return nil, fmt.Errorf("tensor %s %v is missing", name, shape)
	case e.DType != "F32":
		return nil, fmt.Errorf("tensor %s has dtype %s, must be F32", name, e.DType)
	case !slices.Equal(e.Shape, shape):
		return nil, fmt.Errorf("tensor %s has shape %v, the net that spec describes needs %v", name, e.Shape, shape)
	}
	return e.F32(), nil
}

// has reports whether f holds a tensor whose name begins with prefix.
func has(f *safetensors.File, prefix string) bool {
	return slices.ContainsFunc(f.Entries, func(e safetensors.Entry) bool { return strings.HasPrefix(e.Name, prefix) })
}
