package prune

import "csnet/model"

// cut says which rows (first axis) and columns (second axis) of a tensor stay;
// nil is all.
type cut struct{ rows, cols []int }

// cut returns what stays of tensor t: the rows that make the channels of its
// output octave, the columns that read those of its input octave.
func (n *net) cut(t model.TensorSpec, keeps [][]int) cut {
	stay := func(group int) []int {
		if group == free {
			return nil
		}
		return append([]int{}, keeps[group]...) // empty, not nil, when none stays
	}
	l, w := n.layers[t.Layer], n.wires[t.Layer]
	out := w.out[t.Octave-l.Octave]
	switch {
	case t.Role != model.Weight, l.Op == model.OpDepthwise:
		return cut{rows: stay(out)}
	case l.Op == model.OpMSBlock:
		rows := branches(l.Branches, keeps[out])[t.Branch]
		return cut{append([]int{}, rows...), stay(w.in[t.In])}
	}
	return cut{stay(out), stay(w.in[t.In])}
}

// slice returns the values of t at the given rows and columns.
func slice(t *model.Tensor, rows, cols []int) []float32 {
	nr, nc, inner := t.Shape[0], 1, 1
	if len(t.Shape) > 1 {
		nc = t.Shape[1]
		for _, d := range t.Shape[2:] {
			inner *= d
		}
	}
	if rows == nil {
		rows = count(nr)
	}
	if cols == nil {
		cols = count(nc)
	}
	out := make([]float32, 0, len(rows)*len(cols)*inner)
	for _, r := range rows {
		for _, c := range cols {
			out = append(out, t.Data[(r*nc+c)*inner:][:inner]...)
		}
	}
	return out
}

func count(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// Cut returns what stays of values that stand element by element beside a tensor of
// the unpruned net, such as an optimizer's moments, by the tensor's path. The function
// gives nil for a path of which nothing stays, and for values of another length than
// the tensor's.
func (p *Plan) Cut(spec model.Spec) (func(path string, values []float32) []float32, error) {
	n, err := p.fit(spec, nil)
	if err != nil {
		return nil, err
	}
	keeps := p.keeps()
	cuts, shapes := map[string]cut{}, map[string][]int{}
	for _, t := range n.prunedSpec(keeps).Tensors() {
		cuts[t.Path] = n.cut(t, keeps)
	}
	for _, t := range spec.Tensors() {
		shapes[t.Path] = t.Shape
	}
	return func(path string, values []float32) []float32 {
		c, ok := cuts[path]
		size := 1
		for _, d := range shapes[path] {
			size *= d
		}
		if !ok || len(values) != size {
			return nil
		}
		return slice(&model.Tensor{Shape: shapes[path], Data: values}, c.rows, c.cols)
	}, nil
}
