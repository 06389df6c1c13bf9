package op

// each is what a Fused op does to every image of a batch, in training. Maps and
// gradients are those that the op was given last.
type each struct{ forward, sums, backward, again func(s *scratch, i int) }

func (f *Fused) imageForward(s *scratch, i int) {
	e := f.epilogue(i)
	f.lin.forward(e.z, f.inputs(s, i), s, e)
}

// imageSums makes the sums of the norm's gradient.
func (f *Fused) imageSums(_ *scratch, i int) {
	for c := range f.c {
		at := (i*f.c + c) * f.hw
		f.norm.actSums(i, c, f.dy[at:at+f.hw], f.y[at:at+f.hw], true)
	}
}

func (f *Fused) imageBackward(s *scratch, i int) {
	xs := f.inputsAgain(s, i)
	f.lin.backward(f.part(i), f.gradients(s, xs, i), xs, f.outGrad(i), s)
}

// imageAgain makes the value again.
func (f *Fused) imageAgain(s *scratch, i int) {
	n := f.c * f.hw
	f.lin.forward(f.y[i*n:(i+1)*n], f.inputsAgain(s, i), s, epilogue{far: f.env.far(len(f.y))})
}

// image returns image i of input map k, x.
func (f *Fused) image(x []float32, k, i int) input {
	n := len(x) / f.b
	return input{x: x[i*n : (i+1)*n], hw: n / f.in[k][1]}
}

// inputs lists image i of the input maps.
func (f *Fused) inputs(s *scratch, i int) []input {
	s.xs = s.xs[:0]
	for k, x := range f.xs[:f.nx] {
		in := f.image(x, k, i)
		if f.train && f.srcs[k] != nil {
			in.norm = f.srcs[k]
		}
		s.xs = append(s.xs, in)
	}
	return s.xs
}

// inputsAgain is inputs after the forward run, without the value of via.
func (f *Fused) inputsAgain(s *scratch, i int) []input {
	ins := f.inputs(s, i)
	if v := f.via; v != nil {
		x := v.image(v.xs[0], 0, i)
		x.norm = v.srcs[0]
		s.via = virtual{conv: v.lin.(*Depthwise), in: x}
		ins[0] = input{x: x.x, hw: x.hw, norm: v.norm, via: &s.via}
	}
	return ins
}

// gradients lists image i of the input maps' gradients.
func (f *Fused) gradients(s *scratch, xs []input, i int) []gradient {
	s.dxs = s.dxs[:0]
	for k, d := range f.dxs[:f.nx] {
		g := gradient{store: f.store[k], last: f.last[k], in: xs[k], image: i, far: f.env.far(len(d))}
		if d != nil {
			n := len(d) / f.b
			g.d = d[i*n : (i+1)*n]
		}
		s.dxs = append(s.dxs, g)
	}
	return s.dxs
}

// epilogue is what follows the convolution of image i in training.
func (f *Fused) epilogue(i int) epilogue {
	n := f.c * f.hw
	return epilogue{z: f.y[i*n : (i+1)*n], c: f.c, hw: f.hw, image: i, norm: f.norm, bias: f.bs, far: f.env.far(len(f.y))}
}

// part is where image i's weight gradients go, cleared.
func (f *Fused) part(i int) []float32 {
	gs := f.lin.gradSize()
	part := f.parts[i*gs : (i+1)*gs]
	clear(part)
	return part
}

// outGrad is the gradient of image i of the output.
func (f *Fused) outGrad(i int) outGrad {
	n := f.c * f.hw
	o := outGrad{g: f.dy[i*n : (i+1)*n], norm: f.norm, hw: f.hw}
	if !f.unkept {
		o.z = f.y[i*n : (i+1)*n]
	}
	return o
}
