package prune

import (
	"fmt"

	"csnet/model"
)

// cut says which rows (first axis) and columns (second axis) of a tensor stay;
// nil is all.
type cut struct{ rows, cols []int }

// cutter returns the cut of every tensor of the net by path.
func (n *net) cutter(keeps [][]int) map[string]cut {
	cuts := map[string]cut{}
	stay := func(group int) []int {
		if group == free {
			return nil
		}
		return append([]int{}, keeps[group]...) // empty, not nil, when none stays
	}
	for li, l := range n.layers {
		w := n.wires[li]
		switch l.Op {
		case model.OpOctConv:
			for j, out := range w.out {
				for i, in := range w.in {
					cuts[l.Name+"."+model.OctWeight(i, j)] = cut{stay(out), stay(in)}
				}
			}
		case model.OpDepthwise:
			for k, g := range w.out {
				cuts[fmt.Sprintf("%s.w%d", l.Name, k)] = cut{rows: stay(g)}
			}
		case model.OpMSBlock:
			for d, rows := range branches(l.Branches, keeps[w.out[0]]) {
				cuts[fmt.Sprintf("%s.w%d", l.Name, d)] = cut{append([]int{}, rows...), stay(w.in[0])}
			}
		case model.OpConv:
			cuts[l.Name+".w"] = cut{cols: stay(w.in[0])}
			cuts[l.Name+".bias"] = cut{}
			continue
		}
		for k, g := range w.out {
			for _, r := range []model.Role{model.Gamma, model.Beta, model.Mean, model.Var} {
				cuts[fmt.Sprintf("%s.norm%d.%s", l.Name, l.Octave+k, r)] = cut{rows: stay(g)}
			}
			cuts[fmt.Sprintf("%s.slope%d", l.Name, l.Octave+k)] = cut{rows: stay(g)}
		}
	}
	return cuts
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
