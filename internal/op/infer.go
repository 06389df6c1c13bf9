package op

import (
	"bytes"
	"slices"
	"unsafe"
)

// inferEpilogue is what follows a convolution in evaluation, per output channel: the
// weights times scale, plus bias, then the PReLU. Nil: 1, 0, none.
type inferEpilogue struct{ scale, bias, slope []float32 }

// of returns the factor of output o's weights.
func (a *inferEpilogue) of(o int) float32 {
	if a.scale == nil {
		return 1
	}
	return a.scale[o]
}

// from is a from output o on.
func (a *inferEpilogue) from(o int) inferEpilogue {
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
		f.packParams(in[f.nx:f.nx+f.nw], in[f.nx+f.nw:])
	}
	f.packed = true
	if f.absorbedBy != nil {
		return
	}
	if f.segment == nil {
		f.runAlone()
	}
	if g := f.segment; g.members[len(g.members)-1].Fused == f {
		g.env.run(f.b*g.parts, g.runPart)
		if g.copySeams != nil {
			g.env.run(f.b*g.parts, g.copySeams)
		}
	}
}

// runAlone makes the op a segment by itself.
func (f *Fused) runAlone() {
	n := f.nx
	if f.absorbed != nil {
		n = f.absorbed.nx
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

// packParams packs weights and norm for evaluation.
func (f *Fused) packParams(ws, rest [][]float32) {
	var a inferEpilogue
	switch {
	case f.norm != nil:
		f.norm.set(rest)
		f.norm.useRunning()
		a = inferEpilogue{scale: f.norm.a, bias: f.norm.b, slope: f.norm.slope}
	case f.bias:
		a.bias = rest[0]
	}
	f.infer.packInfer(ws, a)
}

// changed reports whether the parameters, the running statistics among them,
// are others than at the last call, bit by bit.
func (f *Fused) changed(vs [][]float32) bool {
	f.params = append(f.params[:0], vs...)
	if f.norm != nil {
		f.params = append(f.params, f.norm.Mean, f.norm.Var)
	}
	vs = f.params
	n, same := 0, true
	for _, v := range vs {
		end := n + len(v)
		same = same && end <= len(f.packedParams) && bytes.Equal(bytesOf(v), bytesOf(f.packedParams[n:end]))
		n = end
	}
	if same {
		return false
	}
	f.packedParams = f.packedParams[:0]
	for _, v := range vs {
		f.packedParams = append(f.packedParams, v...)
	}
	return true
}

// bytesOf is the memory of v.
func bytesOf(v []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}

// JoinsSegment reports whether the op belongs in the segment of the op before it in a
// run: the layers of a block do, and dense convolutions that follow each other,
// after the pools that they read.
func (f *Fused) JoinsSegment(before *Fused) bool {
	switch f.infer.(type) {
	case *Depthwise:
		return true
	case *OctConv:
		_, pool := before.infer.(*pooling)
		_, ok := before.infer.(*OctConv)
		return ok || pool
	case *pooling:
		_, ok := before.infer.(*pooling)
		return ok
	}
	return false
}
