package checkpoint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"csnet/model"
)

// basePrefix stands before the names of a backbone's tensors in a CSF net.
const basePrefix = string(model.Base) + "."

// mostUnfit is how many tensors that do not fit an error names.
const mostUnfit = 8

// ReadBackbone fills the backbone of the net s, whose tensors are p, from a file of
// torch.save or safetensors with torchvision's or Res2Net's names; a prefix that wrappers or
// a CSF net put before them is dropped. No code of the file is run. It returns the names of
// the tensors that no backbone has, the classifier's and counters aside; p is changed only
// where there is no error.
//
// Errors: a net without a backbone; tensors that are missing or of another shape, which are
// listed with both shapes.
func ReadBackbone(path string, s model.Spec, p *model.Params) (left []string, err error) {
	if s.Kind != model.KindCSF {
		return nil, fmt.Errorf("checkpoint: the net has no backbone that %s could fill", path)
	}
	raw, err := readFile(path)
	if err != nil {
		return nil, err
	}
	f, err := readForeign(raw)
	if err == nil {
		left, err = f.fillBackbone(s, p)
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	return left, nil
}

// fillBackbone copies the backbone's tensors to p.
func (r *foreignNet) fillBackbone(s model.Spec, p *model.Params) (left []string, err error) {
	ts := withoutPrefix(r.tensors)
	get := func(name string) (string, bool) {
		for _, n := range []string{name, strings.TrimPrefix(name, basePrefix)} {
			if _, ok := ts[n]; ok {
				return n, true
			}
		}
		return "", false
	}
	used, found := map[string]bool{}, map[string][]float32{}
	var unfit []string
	for _, e := range layout(s) {
		if !strings.HasPrefix(e.name, basePrefix) {
			continue
		}
		name, ok := get(e.name)
		if !ok {
			unfit = append(unfit, fmt.Sprintf("%s %v is missing", strings.TrimPrefix(e.name, basePrefix), e.shape))
			continue
		}
		used[name] = true
		t := ts[name]
		if !slices.Equal(t.Shape, e.shape) {
			unfit = append(unfit, fmt.Sprintf("%s has shape %v, must have %v", name, t.Shape, e.shape))
			continue
		}
		path := e.parts[0].path
		if err := checkValues(name, p.Get(path).Role, t.Data); err != nil {
			return nil, err
		}
		found[path] = t.Data
	}
	if n := len(unfit); n > 0 {
		some := strings.Join(unfit[:min(n, mostUnfit)], "; ")
		if n > mostUnfit {
			some += fmt.Sprintf("; and %d more", n-mostUnfit)
		}
		return nil, fmt.Errorf("is no %s: %d of its tensors do not fit: %s", s.Backbone, n, some)
	}
	for path, data := range found {
		copy(p.Get(path).Data, data)
	}
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		if !used[name] && !strings.HasPrefix(name, "fc.") {
			left = append(left, name)
		}
	}
	return left, nil
}
