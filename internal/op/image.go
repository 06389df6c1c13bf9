package op

// perImage is what a Fused op does to every image of a batch, in training. Maps and
// gradients are those that the op was given last.
type perImage struct{ forward, sums, backward, recompute func(s *scratch, i int) }

func (f *Fused) imageForward(s *scratch, i int) {
	e := f.epilogue(i)
	f.training.forward(e.z, f.inputs(s, i), s, e)
}

// imageSums makes the sums of the norm's gradient.
func (f *Fused) imageSums(_ *scratch, i int) {
	for c := range f.c {
		at := (i*f.c + c) * f.hw
		f.norm.gradSums(i, c, f.dy[at:at+f.hw], f.y[at:at+f.hw], true)
	}
}

func (f *Fused) imageBackward(s *scratch, i int) {
	xs := f.inputsAfterForward(s, i)
	f.training.backward(f.weightGrads(i), f.gradients(s, xs, i), xs, f.outGrad(i), s)
}

// imageRecompute makes the value again.
func (f *Fused) imageRecompute(s *scratch, i int) {
	n := f.c * f.hw
	f.training.forward(f.y[i*n:(i+1)*n], f.inputsAfterForward(s, i), s, trainEpilogue{stream: f.env.streams(len(f.y))})
}

// mapOf returns image i of input map k, x.
func (f *Fused) mapOf(x []float32, k, i int) input {
	n := len(x) / f.b
	return input{x: x[i*n : (i+1)*n], hw: n / f.in[k][1]}
}

// inputs lists image i of the input maps.
func (f *Fused) inputs(s *scratch, i int) []input {
	s.xs = s.xs[:0]
	for k, x := range f.xs[:f.nx] {
		in := f.mapOf(x, k, i)
		if f.train && f.srcs[k] != nil {
			in.norm = f.srcs[k]
		}
		s.xs = append(s.xs, in)
	}
	return s.xs
}

// inputsAfterForward is inputs after the forward run, without the value of via.
func (f *Fused) inputsAfterForward(s *scratch, i int) []input {
	ins := f.inputs(s, i)
	if v := f.dropped; v != nil {
		x := v.mapOf(v.xs[0], 0, i)
		x.norm = v.srcs[0]
		s.recomputed = recomputedInput{conv: v.training.(*Depthwise), in: x}
		ins[0] = input{x: x.x, hw: x.hw, norm: v.norm, recompute: &s.recomputed}
	}
	return ins
}

// gradients lists image i of the input maps' gradients.
func (f *Fused) gradients(s *scratch, xs []input, i int) []gradient {
	s.dxs = s.dxs[:0]
	for k, d := range f.dxs[:f.nx] {
		g := gradient{store: f.store[k], last: f.last[k], in: xs[k], image: i, stream: f.env.streams(len(d))}
		if d != nil {
			n := len(d) / f.b
			g.d = d[i*n : (i+1)*n]
		}
		s.dxs = append(s.dxs, g)
	}
	return s.dxs
}

// epilogue is what follows the convolution of image i in training.
func (f *Fused) epilogue(i int) trainEpilogue {
	n := f.c * f.hw
	return trainEpilogue{z: f.y[i*n : (i+1)*n], c: f.c, hw: f.hw, image: i, norm: f.norm, bias: f.bs, stream: f.env.streams(len(f.y))}
}

// weightGrads is where image i's weight gradients go, cleared.
func (f *Fused) weightGrads(i int) []float32 {
	gs := f.training.gradSize()
	part := f.partGrads[i*gs : (i+1)*gs]
	clear(part)
	return part
}

// outGrad is the gradient of image i of the output.
func (f *Fused) outGrad(i int) outGrad {
	n := f.c * f.hw
	o := outGrad{g: f.dy[i*n : (i+1)*n], norm: f.norm, hw: f.hw}
	if !f.outputDropped {
		o.z = f.y[i*n : (i+1)*n]
	}
	return o
}
