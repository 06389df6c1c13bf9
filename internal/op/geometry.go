package op

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Conv is the geometry of a convolution of one output map: an Oct, a Depthwise, a
// Dilated. It says what is computed from what, without weights and without how; each
// engine makes a convolution of its own from it.
type Conv interface {
	// Output returns the channels and the size of the output map.
	Output() (c, h, w int)
}

// Filter is a dense convolution's weights (Out, In, K, K), which Scale multiplies.
type Filter struct {
	In, Out, K int
	Scale      float32
}

// Taps is the number of weights of one output: In*K*K.
func (f Filter) Taps() int { return f.In * f.K * f.K }

// Size is the number of weights.
func (f Filter) Size() int { return f.Taps() * f.Out }

// Path is what one input octave goes through on its way to an output octave of a
// gOctConv: average pooling of 2x2 (at stride 2), max pooling by Pool, the
// convolution, bilinear upsampling by Up.
type Path struct {
	Filter
	InH, InW int  // the input octave
	Avg      bool // average-pooled first
	Pool     int  // factor of the max pooling, 1: none
	Up       int  // factor of the upsampling, 1: none
	Strided  bool // a true convolution of stride 2
	Pooled   bool // the input is pooled already: another op did it
	H, W     int  // of the convolution's output, before the upsampling
}

// Pointwise reports whether the convolution reads the octave as it is, pixel by
// pixel.
func (p *Path) Pointwise() bool { return p.K == 1 && !p.Strided && !p.Avg && p.Pool == 1 }

// Oct is the geometry of output octave j of a gOctConv: the sum of one path per
// present input octave.
type Oct struct {
	Paths     []Path
	Out, H, W int
}

// Output returns the channels and the size of the output octave.
func (o Oct) Output() (c, h, w int) { return o.Out, o.H, o.W }

// Pointwise reports whether all paths are 1x1 convolutions without stride.
func (o Oct) Pointwise() bool {
	for i := range o.Paths {
		if p := &o.Paths[i]; p.K != 1 || p.Strided || p.Avg {
			return false
		}
	}
	return true
}

// OctIn is one present input octave of a gOctConv.
type OctIn struct {
	Octave, Channels, H, W int
	// Pooled says that the input is pooled already, to the size H x W that the
	// convolution of the output octave reads.
	Pooled bool
}

// NewOct returns the geometry of output octave j with out channels of a gOctConv
// with kernel k (1 or 3) and stride 1 or 2. single says that one input and one output
// octave are declared: a convolution of stride 2 is then truly strided. scale
// multiplies the stored weights.
//
// Errors: no input; sides that a stride or a pooling does not divide; paths whose
// outputs differ in size.
func NewOct(in []OctIn, j, out, k, stride int, single bool, scale float32) (Oct, error) {
	o := Oct{Out: out}
	for _, x := range in {
		p, err := newPath(x, j, out, k, stride, single, scale)
		if err != nil {
			return Oct{}, err
		}
		o.Paths = append(o.Paths, p)
		h, w := p.H*p.Up, p.W*p.Up
		if o.H == 0 {
			o.H, o.W = h, w
		}
		if h != o.H || w != o.W {
			return Oct{}, fmt.Errorf("op: octave %d gives %dx%d, the octaves before it %dx%d", x.Octave, h, w, o.H, o.W)
		}
	}
	if len(o.Paths) == 0 {
		return Oct{}, fmt.Errorf("op: gOctConv without a present input octave")
	}
	return o, nil
}

// newPath returns the path from x to octave j; the rest is as in NewOct.
func newPath(x OctIn, j, out, k, stride int, single bool, scale float32) (Path, error) {
	p := Path{Filter: Filter{In: x.Channels, Out: out, K: k, Scale: scale}, InH: x.H, InW: x.W, Pool: 1, Up: 1, H: x.H, W: x.W, Pooled: x.Pooled}
	if stride == 2 && !x.Pooled {
		if x.H%2 != 0 || x.W%2 != 0 {
			return p, fmt.Errorf("op: stride 2 on %dx%d, must be even", x.H, x.W)
		}
		p.Strided, p.Avg = single, !single
		p.H, p.W = p.H/2, p.W/2
	}
	if x.Octave < j && !x.Pooled {
		p.Pool = 1 << (j - x.Octave)
		if p.H%p.Pool != 0 || p.W%p.Pool != 0 {
			return p, fmt.Errorf("op: octave %d is %dx%d, must be a multiple of %d to reach octave %d", x.Octave, p.H, p.W, p.Pool, j)
		}
		p.H, p.W = p.H/p.Pool, p.W/p.Pool
	}
	if x.Octave > j {
		p.Up = 1 << (x.Octave - j)
	}
	return p, nil
}

// Depthwise is the geometry of a depthwise 3x3 convolution, zero padded, of one
// octave of C channels. Scale multiplies the stored weights.
type Depthwise struct {
	C, H, W int
	Scale   float32
}

// Output returns the channels and the size of the octave.
func (d Depthwise) Output() (c, h, w int) { return d.C, d.H, d.W }

// Dilated is the geometry of the convolutions of an MSBlock: parallel dense 3x3
// convolutions of one input of In channels, zero padded by their dilation, whose
// outputs are concatenated.
type Dilated struct {
	In, H, W int
	Pad      int // the largest dilation
	Branches []Branch
}

// Branch is one convolution of a Dilated.
type Branch struct {
	Filter
	Dilation int
	At       int // its first output channel
}

// NewDilated returns the geometry for (in, h, w) with outs[i] > 0 channels at
// dilations[i]; scale multiplies the stored weights.
func NewDilated(in, h, w int, dilations, outs []int, scale float32) Dilated {
	d := Dilated{In: in, H: h, W: w}
	at := 0
	for i, dilation := range dilations {
		d.Pad = max(d.Pad, dilation)
		d.Branches = append(d.Branches, Branch{Filter: Filter{In: in, Out: outs[i], K: 3, Scale: scale}, Dilation: dilation, At: at})
		at += outs[i]
	}
	return d
}

// Output returns the channels and the size of all branches' output.
func (d Dilated) Output() (c, h, w int) {
	last := d.Branches[len(d.Branches)-1]
	return last.At + last.Out, d.H, d.W
}

// Fused says what one op of a block is: a convolution of maps, then norm and PReLU,
// or a bias, or nothing.
type Fused struct {
	Name    string
	Conv    Conv
	Maps    []tensor.Shape // (B, C, H, W) of the input maps
	Weights []tensor.Shape // of the weights, one per path or branch
}

// Inputs lists the shapes of all inputs of the op: maps, weights, then gamma, beta and
// slope where it has a norm, or a bias.
func (f Fused) Inputs(norm, bias bool) []tensor.Shape {
	in := append(append([]tensor.Shape{}, f.Maps...), f.Weights...)
	c, _, _ := f.Conv.Output()
	switch {
	case norm:
		in = append(in, tensor.Shape{c}, tensor.Shape{c}, tensor.Shape{c})
	case bias:
		in = append(in, tensor.Shape{c})
	}
	return in
}
