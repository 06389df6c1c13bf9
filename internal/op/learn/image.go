package learn

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/half"
	"csnet/internal/op/learn/conv"
	"csnet/internal/op/learn/prenorm"
)

// The methods here are what an op does to image i of a batch. Maps and gradients are those
// that it was given last.

// forwardImage makes the output.
func (o *Op) forwardImage(s *scratch, i int) {
	o.conv.Forward(o.inputs(s, i), o.epilogue(i), &s.Scratch)
}

// sumImage takes the sums of the norm's gradient.
func (o *Op) sumImage(s *scratch, i int) {
	g := o.outGradOf(s, i)
	wide := s.Get(o.area)
	for c := range o.c {
		d := g.G.Cut(c*o.area, o.area)
		x := d.F()
		if h := d.H(); h != nil {
			clear(wide)
			half.Add(wide, h)
			x = wide
		}
		o.norm.GradSums(i, c, x, g.Z.Cut(c*o.area, o.area), prenorm.Grads{}, false, true)
	}
}

// backwardImage gives the gradients.
func (o *Op) backwardImage(s *scratch, i int) {
	xs := o.inputsAfterForward(s, i)
	o.conv.Backward(o.part(i), o.inGrads(s, xs, i), xs, o.outGradOf(s, i), &s.Scratch)
}

// recomputeImage makes the output again.
func (o *Op) recomputeImage(s *scratch, i int) {
	e := o.epilogue(i)
	e.Norm, e.Bias = nil, nil
	o.conv.Forward(o.inputsAfterForward(s, i), e, &s.Scratch)
}

// input returns image i of input map k.
func (o *Op) input(k, i int) prenorm.Map {
	n := o.In[k].TotalSize() / o.batch
	return prenorm.Map{Z: prenorm.Image[kernel.Float16](o.Xs[k], o.halfInput(k), i, n), Area: n / o.In[k][1], Norm: o.sources[k]}
}

// halfInput reports whether input map k, and its gradient, lie in 16 bits.
func (o *Op) halfInput(k int) bool { return o.env.Mixed && o.sources[k] != nil }

// output is where the output lies.
func (o *Op) output(i int) prenorm.Values {
	return prenorm.Image[kernel.Float16](o.Y, o.half, i, o.c*o.area)
}

// inputs lists the input maps.
func (o *Op) inputs(s *scratch, i int) []prenorm.Map {
	s.maps = s.maps[:0]
	for k := range o.maps {
		s.maps = append(s.maps, o.input(k, i))
	}
	return s.maps
}

// inputsAfterForward is inputs where the output of dropped is no longer there.
func (o *Op) inputsAfterForward(s *scratch, i int) []prenorm.Map {
	xs := o.inputs(s, i)
	if v := o.dropped; v != nil {
		s.recomputed.Conv, s.recomputed.In, s.recomputed.Half = v.depthwise(), v.input(0, i), v.half
		xs[0] = prenorm.Map{Z: s.recomputed.In.Z, Area: s.recomputed.In.Area, Norm: v.norm, Recompute: &s.recomputed}
	}
	return xs
}

// inGrads lists where the gradients of the input maps xs go.
func (o *Op) inGrads(s *scratch, xs []prenorm.Map, i int) []prenorm.InGrad {
	s.inGrads = s.inGrads[:0]
	for k, d := range o.Dxs[:o.maps] {
		g := prenorm.InGrad{Store: o.store[k], Last: o.last[k], In: xs[k], Image: i, Stream: o.env.Streams(len(d))}
		g.Deferred = o.defersGrad
		if d != nil {
			g.D = prenorm.Image[kernel.BFloat16](d, o.halfInput(k), i, o.In[k].TotalSize()/o.batch)
		}
		s.inGrads = append(s.inGrads, g)
	}
	return s.inGrads
}

// epilogue is what follows the convolution.
func (o *Op) epilogue(i int) prenorm.Epilogue {
	return prenorm.Epilogue{Z: o.output(i), C: o.c, Area: o.area, Image: i, Norm: o.norm, Bias: o.bias, Stream: o.env.Streams(len(o.Y))}
}

// part is where the weights' gradients go, cleared.
func (o *Op) part(i int) []float32 {
	n := o.conv.GradSize()
	part := o.parts[i*n : (i+1)*n]
	clear(part)
	return part
}

// outGradOf is the gradient of the output.
func (o *Op) outGradOf(s *scratch, i int) prenorm.OutGrad {
	g := prenorm.OutGrad{Norm: o.norm, Area: o.area}
	if r := o.gradMaker; r != nil {
		n := r.c * r.area
		s.pixelGrad = conv.PixelGrad{Conv: r.conv.(*conv.Oct), G: r.outGrad[i*n : (i+1)*n], Half: o.half, S: &s.Scratch}
		g.Made = &s.pixelGrad
	} else {
		g.G = prenorm.Image[kernel.BFloat16](o.outGrad, o.half, i, o.c*o.area)
	}
	if !o.outputDropped {
		g.Z = o.output(i)
	}
	return g
}
