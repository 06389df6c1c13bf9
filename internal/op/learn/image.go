package learn

import "csnet/internal/op/learn/prenorm"

// The methods here are what an op does to image i of a batch. Maps and gradients are those
// that it was given last.

// forwardImage makes the output.
func (o *Op) forwardImage(s *scratch, i int) {
	e := o.epilogue(i)
	o.conv.Forward(e.Z, o.inputs(s, i), e, &s.Scratch)
}

// sumImage takes the sums of the norm's gradient.
func (o *Op) sumImage(_ *scratch, i int) {
	for c := range o.c {
		at := (i*o.c + c) * o.area
		o.norm.GradSums(i, c, o.outGrad[at:at+o.area], o.Y[at:at+o.area], true)
	}
}

// backwardImage gives the gradients.
func (o *Op) backwardImage(s *scratch, i int) {
	xs := o.inputsAfterForward(s, i)
	o.conv.Backward(o.part(i), o.inGrads(s, xs, i), xs, o.outGradOf(i), &s.Scratch)
}

// recomputeImage makes the output again.
func (o *Op) recomputeImage(s *scratch, i int) {
	n := o.c * o.area
	o.conv.Forward(o.Y[i*n:(i+1)*n], o.inputsAfterForward(s, i), prenorm.Epilogue{Stream: o.env.Streams(len(o.Y))}, &s.Scratch)
}

// input returns image i of input map k.
func (o *Op) input(k, i int) prenorm.Map {
	x := o.Xs[k]
	n := len(x) / o.batch
	return prenorm.Map{X: x[i*n : (i+1)*n], Area: n / o.In[k][1], Norm: o.sources[k]}
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
		s.recomputed.Conv, s.recomputed.In = v.depthwise(), v.input(0, i)
		xs[0] = prenorm.Map{X: s.recomputed.In.X, Area: s.recomputed.In.Area, Norm: v.norm, Recompute: &s.recomputed}
	}
	return xs
}

// inGrads lists where the gradients of the input maps xs go.
func (o *Op) inGrads(s *scratch, xs []prenorm.Map, i int) []prenorm.InGrad {
	s.inGrads = s.inGrads[:0]
	for k, d := range o.Dxs[:o.maps] {
		g := prenorm.InGrad{Store: o.store[k], Last: o.last[k], In: xs[k], Image: i, Stream: o.env.Streams(len(d))}
		if d != nil {
			n := len(d) / o.batch
			g.D = d[i*n : (i+1)*n]
		}
		s.inGrads = append(s.inGrads, g)
	}
	return s.inGrads
}

// epilogue is what follows the convolution.
func (o *Op) epilogue(i int) prenorm.Epilogue {
	n := o.c * o.area
	return prenorm.Epilogue{Z: o.Y[i*n : (i+1)*n], C: o.c, Area: o.area, Image: i, Norm: o.norm, Bias: o.bias, Stream: o.env.Streams(len(o.Y))}
}

// part is where the weights' gradients go, cleared.
func (o *Op) part(i int) []float32 {
	n := o.conv.GradSize()
	part := o.parts[i*n : (i+1)*n]
	clear(part)
	return part
}

// outGradOf is the gradient of the output.
func (o *Op) outGradOf(i int) prenorm.OutGrad {
	n := o.c * o.area
	g := prenorm.OutGrad{G: o.outGrad[i*n : (i+1)*n], Norm: o.norm, Area: o.area}
	if !o.outputDropped {
		g.Z = o.Y[i*n : (i+1)*n]
	}
	return g
}
