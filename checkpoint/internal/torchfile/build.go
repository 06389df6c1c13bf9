package torchfile

import (
	"fmt"

	"csnet/checkpoint/internal/dtype"
)

// tuple makes a tuple of the top one, two or three values, or of all above the
// mark.
func (m *machine) tuple(op byte) error {
	if op == opTuple {
		vs, err := m.popMark()
		if err != nil {
			return err
		}
		return m.push(tuple(vs))
	}
	vs := make(tuple, int(op)-opTuple1+1)
	for i := len(vs) - 1; i >= 0; i-- {
		v, err := m.pop()
		if err != nil {
			return err
		}
		vs[i] = v
	}
	return m.push(vs)
}

// fill appends to the list or sets items of the dict under the values.
func (m *machine) fill(op byte) error {
	var vs []value
	var err error
	if op == opAppends || op == opSetItems {
		vs, err = m.popMark()
	} else {
		n := 1
		if op == opSetItem {
			n = 2
		}
		vs = make([]value, n)
		for i := n - 1; i >= 0 && err == nil; i-- {
			vs[i], err = m.pop()
		}
	}
	if err != nil {
		return err
	}
	target, err := m.pop()
	if err != nil {
		return err
	}
	switch t := target.(type) {
	case *list:
		if op == opAppend || op == opAppends {
			t.items = append(t.items, vs...)
			return m.push(t)
		}
	case *dict:
		if op == opSetItem || op == opSetItems {
			if err := t.set(vs); err != nil {
				return err
			}
			return m.push(t)
		}
	}
	return fmt.Errorf("cannot fill %s this way", target.kind())
}

// set adds keys and values, which alternate in vs.
func (d *dict) set(vs []value) error {
	if len(vs)%2 != 0 {
		return fmt.Errorf("key without a value")
	}
	for i := 0; i < len(vs); i += 2 {
		switch vs[i].(type) {
		case text, integer:
			d.pairs = append(d.pairs, pair{vs[i], vs[i+1]})
		default:
			return fmt.Errorf("key is %s, must be a string or an integer", vs[i].kind())
		}
	}
	return nil
}

// reduce "calls" one of the two callable names.
func (m *machine) reduce() error {
	argv, err := m.pop()
	if err != nil {
		return err
	}
	fn, err := m.pop()
	if err != nil {
		return err
	}
	args, ok := argv.(tuple)
	if !ok {
		return fmt.Errorf("arguments are %s, must be a tuple", argv.kind())
	}
	switch fn {
	case orderedDict:
		d, err := newOrderedDict(args)
		if err != nil {
			return err
		}
		return m.push(d)
	case rebuildTensor:
		t, err := newTensor(args)
		if err != nil {
			return err
		}
		return m.push(t)
	case rebuildParam: // (tensor, requires_grad, hooks)
		if len(args) == 3 {
			if t, ok := args[0].(*tensor); ok {
				return m.push(t)
			}
		}
		return fmt.Errorf("_rebuild_parameter takes a tensor and two more, has %d arguments", len(args))
	}
	return fmt.Errorf("%s is not callable here", fn.kind())
}

// newOrderedDict is OrderedDict() or OrderedDict([(key, value), ...]).
func newOrderedDict(args tuple) (*dict, error) {
	d := &dict{}
	if len(args) == 0 {
		return d, nil
	}
	items, ok := args[0].(*list)
	if !ok || len(args) > 1 {
		return nil, fmt.Errorf("OrderedDict takes nothing or one list of pairs")
	}
	for _, it := range items.items {
		var kv []value
		switch it := it.(type) {
		case tuple:
			kv = it
		case *list:
			kv = it.items
		}
		if len(kv) != 2 {
			return nil, fmt.Errorf("OrderedDict takes nothing or one list of pairs")
		}
		if err := d.set(kv); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// newTensor is _rebuild_tensor_v2(storage, offset, size, stride, requires_grad,
// hooks[, metadata]).
func newTensor(args tuple) (*tensor, error) {
	if len(args) < 6 || len(args) > 7 {
		return nil, fmt.Errorf("_rebuild_tensor_v2 has %d arguments, must be 6 or 7", len(args))
	}
	store, ok := args[0].(view)
	if !ok {
		return nil, fmt.Errorf("_rebuild_tensor_v2: first argument is %s, must be a storage", args[0].kind())
	}
	offset, ok := args[1].(integer)
	if !ok || offset < 0 {
		return nil, fmt.Errorf("_rebuild_tensor_v2: offset is %s, must be an integer from 0", args[1].kind())
	}
	size, err := sides(args[2])
	if err != nil {
		return nil, fmt.Errorf("_rebuild_tensor_v2: size: %w", err)
	}
	stride, err := sides(args[3])
	if err != nil {
		return nil, fmt.Errorf("_rebuild_tensor_v2: stride: %w", err)
	}
	if len(size) != len(stride) {
		return nil, fmt.Errorf("_rebuild_tensor_v2: %d sizes and %d strides", len(size), len(stride))
	}
	return &tensor{view: store, offset: int(offset), size: size, stride: stride}, nil
}

// sides reads a tuple of integers from 0.
func sides(v value) ([]int, error) {
	t, ok := v.(tuple)
	if !ok || len(t) > 16 {
		return nil, fmt.Errorf("is %s of %d, must be a tuple of at most 16", v.kind(), len(t))
	}
	out := make([]int, len(t))
	for i, d := range t {
		n, ok := d.(integer)
		if !ok || n < 0 {
			return nil, fmt.Errorf("entry %d is %s, must be an integer from 0", i, d.kind())
		}
		out[i] = int(n)
	}
	return out, nil
}

// persistent makes a storage of ("storage", type, key, device, numel[, view]);
// a view is None or (key, offset, numel). The device is ignored.
func (m *machine) persistent() error {
	v, err := m.pop()
	if err != nil {
		return err
	}
	id, ok := v.(tuple)
	if !ok || len(id) < 5 || len(id) > 6 || id[0] != text("storage") {
		return fmt.Errorf("persistent id is %s, must be a storage's", v.kind())
	}
	name, _ := id[1].(global)
	kind, ok := storageKind(name)
	if !ok {
		return fmt.Errorf("storage type is %s, must be one of floating-point numbers or LongStorage", id[1].kind())
	}
	key, isText := id[2].(text)
	numel, isInt := id[4].(integer)
	if !isText || !isInt || numel < 0 {
		return fmt.Errorf("storage has key %s and count %s, must be a string and an integer from 0", id[2].kind(), id[4].kind())
	}
	s := m.storages[string(key)]
	if s == nil {
		s = &storage{key: string(key), dtype: kind, numel: int(numel)}
		m.storages[s.key] = s
	}
	if s.dtype != kind || s.numel != int(numel) {
		return fmt.Errorf("storage %s is %d values of %s here, %d of %s before", s.key, numel, kind, s.numel, s.dtype)
	}
	part := view{store: s, limit: s.numel}
	if len(id) == 6 {
		if err := part.narrow(id[5]); err != nil {
			return err
		}
	}
	return m.push(part)
}

// storageKind is the type of numbers in a storage of this class.
func storageKind(class global) (kind string, ok bool) {
	switch class {
	case floatStorage:
		return dtype.F32, true
	case doubleStorage:
		return dtype.F64, true
	case halfStorage:
		return dtype.F16, true
	case brainStorage:
		return dtype.BF16, true
	case longStorage:
		return "I64", true
	}
	return "", false
}

// narrow makes the view the part that (key, offset, count) says.
func (w *view) narrow(v value) error {
	if v == (none{}) {
		return nil
	}
	part, ok := v.(tuple)
	if !ok || len(part) != 3 {
		return fmt.Errorf("storage view is %s, must be None or (key, offset, count)", v.kind())
	}
	begin, ok1 := part[1].(integer)
	n, ok2 := part[2].(integer)
	if !ok1 || !ok2 || begin < 0 || n < 0 || int(begin) > w.store.numel || int(n) > w.store.numel-int(begin) {
		return fmt.Errorf("storage view does not lie within the %d values of storage %s", w.store.numel, w.store.key)
	}
	w.begin, w.limit = int(begin), int(n)
	return nil
}

// build sets attributes of an object: only those of a dict, and they are
// dropped (a state dict's _metadata).
func (m *machine) build() error {
	state, err := m.pop()
	if err != nil {
		return err
	}
	target, err := m.pop()
	if err != nil {
		return err
	}
	if _, ok := target.(*dict); !ok {
		return fmt.Errorf("sets attributes of %s, allowed on an OrderedDict only", target.kind())
	}
	if _, ok := state.(*dict); !ok {
		return fmt.Errorf("attributes are %s, must be a dict", state.kind())
	}
	return m.push(target)
}
