package checkpoint

import (
	"fmt"

	"csnet/model"
)

// entry is one tensor of the release and the tensors of ours it is made of.
//
// The release stacks a gOctConv's slices into one weight of shape (sum of
// outputs, sum of inputs, k, k): the slice from octave i to octave j lies at
// the rows of output octave j and the columns of input octave i. All other
// tensors are one of ours, whole. An absent octave's norm and slopes have shape
// (0) and no parts.
type entry struct {
	name  string
	shape []int
	parts []part
}

// part is the block of rows and columns of a stacked tensor that holds the
// tensor at path; a column is inner values wide.
type part struct {
	path                 string
	row, rows, col, cols int
	inner                int
	width                int // values per row of the stacked tensor
}

// layout lists the release's tensors of the net in the release's order.
// num_batches_tracked is left out: it is no part of a net (see counters).
func layout(s model.Spec) []entry {
	var es []entry
	for _, l := range s.Layers() {
		name := releaseName(s, l)
		switch l.Op {
		case model.OpConvNorm:
			es = append(es, unit(s, l)...)
		case model.OpOctConv:
			es = append(es, stacked(s, l, name))
			if l.Balanced {
				es = append(es, whole(name+".conv.balance", l.TensorPath(model.Slot{Role: model.Balance}), len(l.Out), sum(l.Out)))
			}
			es = append(es, norms(l, name)...)
		case model.OpDepthwise:
			for o, c := range l.Out {
				if c > 0 {
					es = append(es, whole(fmt.Sprintf("%s.convs.%d.weight", name, o), l.TensorPath(model.Slot{Role: model.Weight, Octave: o}), c, 1, 3, 3))
				}
			}
			es = append(es, norms(l, name)...)
		case model.OpMSBlock:
			for d, c := range l.Branches {
				if c > 0 {
					es = append(es, whole(fmt.Sprintf("%s.msconv.%d.weight", name, d), l.TensorPath(model.Slot{Role: model.Weight, Branch: d}), c, l.In[0], 3, 3))
				}
			}
			es = append(es, norm(name+".bn", l, l.Octave, l.Out[0])...)
			es = append(es, slope(name+".prelu", l, l.Octave, l.Out[0]))
		case model.OpConv:
			es = append(es,
				whole(name+".weight", l.TensorPath(model.Slot{Role: model.Weight}), 1, l.In[0], 1, 1),
				whole(name+".bias", l.TensorPath(model.Slot{Role: model.Bias}), 1))
		}
	}
	return es
}

// releaseName returns the release's name of a layer of ours. In a CSF net the head's
// parts stand at the top.
func releaseName(s model.Spec, l model.Layer) string {
	head := "oct_fuse."
	if s.Kind == model.KindCSF {
		head = ""
	}
	switch l.Part {
	case model.Mix:
		return fmt.Sprintf("stage%d.%d.conv1x1", l.Stage, l.Block)
	case model.DW1:
		return fmt.Sprintf("stage%d.%d.conv3x3_1", l.Stage, l.Block)
	case model.DW2:
		return fmt.Sprintf("stage%d.%d.conv3x3_2", l.Stage, l.Block)
	case model.Fuse:
		return head + "fuse"
	case model.MS:
		return fmt.Sprintf("%sms.convs.%d", head, l.Octave)
	case model.Out:
		return head + "fuse1x1"
	}
	return "cls_layer"
}

// whole is a tensor of the release that is one of ours.
func whole(name, path string, shape ...int) entry {
	n := 1
	for _, d := range shape {
		n *= d
	}
	e := entry{name: name, shape: shape}
	if n > 0 {
		e.parts = []part{{path: path, rows: 1, cols: n, inner: 1, width: n}}
	}
	return e
}

func stacked(s model.Spec, l model.Layer, name string) entry {
	in, k2 := sum(l.In), l.Kernel*l.Kernel
	weight := ".conv.weight"
	if s.Kind == model.KindCSF {
		weight = ".conv.weights"
	}
	e := entry{name: name + weight, shape: []int{sum(l.Out), in, l.Kernel, l.Kernel}}
	row := 0
	for j, cj := range l.Out {
		col := 0
		for i, ci := range l.In {
			if ci > 0 && cj > 0 {
				e.parts = append(e.parts, part{
					path: l.TensorPath(model.Slot{Role: model.Weight, Octave: j, In: i}),
					row:  row, rows: cj, col: col, cols: ci, inner: k2, width: in * k2,
				})
			}
			col += ci
		}
		row += cj
	}
	return e
}

// norms lists the norms, then the slopes, of every declared octave.
func norms(l model.Layer, name string) []entry {
	var es []entry
	for o, c := range l.Out {
		es = append(es, norm(fmt.Sprintf("%s.bns.%d", name, o), l, o, c)...)
	}
	for o, c := range l.Out {
		es = append(es, slope(fmt.Sprintf("%s.prelus.%d", name, o), l, o, c))
	}
	return es
}

func norm(name string, l model.Layer, octave, c int) []entry {
	at := func(r model.Role) string { return l.TensorPath(model.Slot{Role: r, Octave: octave}) }
	es := []entry{whole(name+".weight", at(model.Gamma), c), whole(name+".bias", at(model.Beta), c)}
	if l.Norm == model.GroupNorm {
		return es
	}
	return append(es,
		whole(name+".running_mean", at(model.Mean), c),
		whole(name+".running_var", at(model.Var), c))
}

func slope(name string, l model.Layer, octave, c int) entry {
	return whole(name+".weight", l.TensorPath(model.Slot{Role: model.Slope, Octave: octave}), c)
}

func sum(cs []int) int {
	n := 0
	for _, c := range cs {
		n += c
	}
	return n
}

// gather copies the part out of the stacked values.
func (p part) gather(stacked []float32) []float32 {
	out := make([]float32, 0, p.rows*p.cols*p.inner)
	for r := p.row; r < p.row+p.rows; r++ {
		at := r*p.width + p.col*p.inner
		out = append(out, stacked[at:at+p.cols*p.inner]...)
	}
	return out
}

// scatter copies the part's own values into the stacked ones.
func (p part) scatter(own, stacked []float32) {
	n := p.cols * p.inner
	for r := range p.rows {
		at := (p.row+r)*p.width + p.col*p.inner
		copy(stacked[at:at+n], own[r*n:(r+1)*n])
	}
}

func (p part) len() int { return p.rows * p.cols * p.inner }
