package op

import (
	"bytes"
	"unsafe"

	G "gorgonia.org/gorgonia"
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

// Chain makes f, in evaluation, run op before part by part as well, f's
// only input, which nobody else reads; before then does nothing when it is
// done. It reports whether that can be.
func (f *Fused) Chain(before G.Op) bool {
	p, ok := before.(*Fused)
	if _, dw := f.lin.(*Depthwise); !ok || !dw || f.train || p.train || p.env != f.env || len(p.chain) >= longest {
		return false
	}
	f.chain = append(append(f.chain, p.chain...), p)
	p.held = true
	return true
}

// evaluate runs the block forward with norm and PReLU folded in, in bands of
// rows. What is in a row does not depend on the bands.
func (f *Fused) evaluate(in [][]float32) {
	if f.changed(in[f.nx:]) {
		f.fold(in[f.nx:f.nx+f.nw], in[f.nx+f.nw:])
	}
	if f.held {
		return
	}
	h, align := f.out[2], f.lin.align()
	for _, p := range f.chain {
		align = max(align, p.lin.align())
	}
	f.bands = min(f.env.Threads(), h/align)
	if f.b >= f.env.Threads() {
		f.bands = 1
	}
	if f.band == nil {
		f.band = func(s *scratch, i int) {
			k := i % f.bands
			f.pull(s, i/f.bands, h/align*k/f.bands*align, h/align*(k+1)/f.bands*align)
		}
	}
	f.env.run(f.b*f.bands, f.band)
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
	f.lin.fold(ws, a)
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
