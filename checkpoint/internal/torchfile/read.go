// Package torchfile reads the tensors of a state dict from PyTorch's files
// without running anything: the old stream of pickles (torch.save before 1.6)
// and the zip that replaced it.
//
// Source: torch/serialization.py, _legacy_save and _save.
package torchfile

import (
	"bytes"
	"fmt"
	"slices"

	"csnet/checkpoint/internal/dtype"
)

// MaxValues bounds the float values of all tensors together.
const MaxValues = 1 << 26

// Tensor is one tensor of floating-point numbers in row-major order, or an int64
// one without its values.
type Tensor struct {
	DType string // in the file: F32, F64, F16, BF16 or I64
	Shape []int  // empty for a scalar
	Data  []float32
}

// LooksZip reports whether raw starts as a zip file.
func LooksZip(raw []byte) bool { return bytes.HasPrefix(raw, []byte("PK\x03\x04")) }

// Looks reports whether raw starts as one of PyTorch's files does.
func Looks(raw []byte) bool {
	return LooksZip(raw) || bytes.HasPrefix(raw, []byte("\x80\x02\x8a\x0a"+magic))
}

// Read returns the tensors of the file's state dict by name: of the dict under
// "state_dict", "model_state_dict", "model" or "net" where there is one, else of
// the file's own dict. Errors carry
// the opcode and the offset at which reading stopped.
func Read(raw []byte) (map[string]Tensor, error) {
	read := readStream
	if LooksZip(raw) {
		read = readZip
	}
	root, err := read(raw)
	if err != nil {
		return nil, err
	}
	d, ok := root.(*dict)
	if !ok {
		return nil, fmt.Errorf("file holds %s, must be a dict of tensors or one with a state_dict", root.kind())
	}
	for _, key := range []string{"state_dict", "model_state_dict", "model", "net"} {
		if inner := d.get(key); inner != nil {
			if d, ok = inner.(*dict); !ok {
				return nil, fmt.Errorf("%s is %s, must be a dict of tensors", key, inner.kind())
			}
			break
		}
	}
	return stateDict(d)
}

func stateDict(d *dict) (map[string]Tensor, error) {
	out := make(map[string]Tensor, len(d.pairs))
	left := MaxValues
	for _, p := range d.pairs {
		name, ok := p.key.(text)
		if !ok {
			return nil, fmt.Errorf("state dict has %s for a name, must be a string", p.key.kind())
		}
		t, ok := p.val.(*tensor)
		if !ok {
			return nil, fmt.Errorf("state dict: %q is %s, must be a tensor", string(name), p.val.kind())
		}
		if _, ok := out[string(name)]; ok {
			return nil, fmt.Errorf("state dict: %q is there twice", string(name))
		}
		v, err := t.values(&left)
		if err != nil {
			return nil, fmt.Errorf("state dict: %q: %w", string(name), err)
		}
		out[string(name)] = v
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("state dict is empty")
	}
	return out, nil
}

// values gathers the tensor's values in row-major order, whatever its strides,
// and takes them off the budget left.
func (t *tensor) values(left *int) (Tensor, error) {
	s := t.store
	out := Tensor{DType: s.dtype, Shape: t.size}
	if slices.Contains(t.size, 0) {
		return out, nil // its strides mean nothing
	}
	n, last := 1, t.offset
	for d, size := range t.size {
		if n > MaxValues/size {
			return out, fmt.Errorf("shape %v has more than %d values", t.size, MaxValues)
		}
		n *= size
		if size > 1 && t.stride[d] > t.limit {
			return out, fmt.Errorf("stride %v leaves the %d values of storage %s", t.stride, t.limit, s.key)
		}
		last += (size - 1) * t.stride[d]
	}
	if s.raw == nil {
		return out, fmt.Errorf("storage %s is not in the file", s.key)
	}
	if t.offset > t.limit || last >= t.limit {
		return out, fmt.Errorf("shape %v, stride %v, offset %d leaves the %d values of storage %s", t.size, t.stride, t.offset, t.limit, s.key)
	}
	if dtype.Width(s.dtype) == 0 {
		return out, nil
	}
	if *left -= n; *left < 0 {
		return out, fmt.Errorf("more than %d values in all", MaxValues)
	}
	out.Data = make([]float32, n)
	idx := make([]int, len(t.size))
	for i := range out.Data {
		at := t.begin + t.offset
		for d, k := range idx {
			at += k * t.stride[d]
		}
		out.Data[i] = dtype.At(s.dtype, s.raw, at)
		for d := len(idx) - 1; d >= 0; d-- {
			if idx[d]++; idx[d] < t.size[d] {
				break
			}
			idx[d] = 0
		}
	}
	return out, nil
}
