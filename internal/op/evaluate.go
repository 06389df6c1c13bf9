package op

import (
	"bytes"
	"slices"
	"unsafe"
)

// act is what follows a convolution in evaluation, per output channel: the
// weights times scale, plus bias, then the PReLU. Nil: 1, 0, none.
type act struct{ scale, bias, slope []float32 }

// of returns the factor of output o's weights.
func (a *act) of(o int) float32 {
	if a.scale == nil {
		return 1
	}
	return a.scale[o]
}

// from is a from output o on.
func (a *act) from(o int) act {
	b := *a
	for _, s := range []*[]float32{&b.scale, &b.bias, &b.slope} {
		if *s != nil {
			*s = (*s)[o:]
		}
	}
	return b
}

// evaluate runs the op forward with norm and PReLU folded in, or its whole
// segment when it is the last one there.
func (f *Fused) evaluate(in [][]float32) {
	if !(f.packed && f.env.Frozen) && f.changed(in[f.nx:]) {
		f.fold(in[f.nx:f.nx+f.nw], in[f.nx+f.nw:])
	}
	f.packed = true
	if f.outer != nil {
		return
	}
	if f.segment == nil {
		f.alone()
	}
	if g := f.segment; g.members[len(g.members)-1].Fused == f {
		g.env.run(f.b*g.parts, g.part)
		if g.seam != nil {
			g.env.run(f.b*g.parts, g.seam)
		}
	}
}

// alone makes the op a segment by itself.
func (f *Fused) alone() {
	n := f.nx
	if f.inner != nil {
		n = f.inner.nx
	}
	NewSegment([]*Fused{f}, [][]int{slices.Repeat([]int{-1}, n)}, []bool{true}, 0).Bind()
}

// Rerun runs the op forward on the inputs of the last Do, in evaluation.
func (f *Fused) Rerun() bool {
	if f.train || !f.packed {
		return false
	}
	f.evaluate(f.xs)
	return true
}

// fold packs weights and norm for evaluation.
func (f *Fused) fold(ws, rest [][]float32) {
	var a act
	switch {
	case f.norm != nil:
		f.norm.set(rest)
		f.norm.running()
		a = act{scale: f.norm.a, bias: f.norm.b, slope: f.norm.slope}
	case f.bias:
		a.bias = rest[0]
	}
	f.eval.fold(ws, a)
}

// changed reports whether the parameters, the running statistics among them,
// are others than at the last call, bit by bit.
func (f *Fused) changed(vs [][]float32) bool {
	f.watched = append(f.watched[:0], vs...)
	if f.norm != nil {
		f.watched = append(f.watched, f.norm.Mean, f.norm.Var)
	}
	vs = f.watched
	n, same := 0, true
	for _, v := range vs {
		end := n + len(v)
		same = same && end <= len(f.folded) && bytes.Equal(octets(v), octets(f.folded[n:end]))
		n = end
	}
	if same {
		return false
	}
	f.folded = f.folded[:0]
	for _, v := range vs {
		f.folded = append(f.folded, v...)
	}
	return true
}

// octets is the memory of v.
func octets(v []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}

// Joins reports whether the op belongs in the segment of the op before it in a
// run: the layers of a block do, and dense convolutions that follow each other,
// after the pools that they read.
func (f *Fused) Joins(before *Fused) bool {
	switch f.eval.(type) {
	case *Depthwise:
		return true
	case *OctConv:
		_, pool := before.eval.(*pool)
		_, ok := before.eval.(*OctConv)
		return ok || pool
	case *pool:
		_, ok := before.eval.(*pool)
		return ok
	}
	return false
}
