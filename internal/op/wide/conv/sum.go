package conv

import (
	"fmt"
	"slices"

	"csnet/internal/op"
	"csnet/internal/op/wide/tiles"

	"gorgonia.org/tensor"
)

// Sum is a sum of convolutions and maps, or several convolutions whose outputs are
// channels of one map:
//
//	Y = bias + sum over the added maps + sum over terms t of conv(X_map(t), Scale W_t)
//
// where the channels that term t gives begin at its At.
//
// Inputs: the maps that terms read, the maps to add, of the output's shape, a weight per
// term, and the bias (C) where it has one, or gamma and beta (C) of a norm that it takes in
// (Frozen): these get no gradient. Output: (B, C, H, W).
type Sum struct {
	op.Base
	env            *Env
	terms          []*term
	maps, adds     int // numbers of inputs
	bias           bool
	batch, c, h, w int
	together       bool        // every term is wide: what follows them is done in their tasks
	fold           *fold       // nil: none
	sources        []tiles.Map // the maps, for terms that run pixel by pixel
	ones           []float32   // a one for each output
	packed         bool        // weights have been packed
	finite         op.FiniteCheck

	forward  forward
	backward *backward // nil before the first DoDiff
}

// NewSum returns the op over maps, the last adds of which are added as they are.
//
// Errors: an output without a pixel; terms or maps whose sizes differ.
func NewSum(env *Env, name string, maps []tensor.Shape, adds int, terms []Term, bias bool) (*Sum, error) {
	c := &Sum{env: env, maps: len(maps) - adds, adds: adds, bias: bias, batch: maps[0][0]}
	in := append([]tensor.Shape{}, maps...)
	for _, t := range terms {
		r := newTerm(t)
		if r.oh < 1 || r.ow < 1 {
			return nil, fmt.Errorf("op: %s: a map of %dx%d has no output of a %dx%d convolution of stride %d", name, t.H, t.W, t.K, t.K, t.Stride)
		}
		if c.h == 0 {
			c.h, c.w = r.oh, r.ow
		}
		if r.oh != c.h || r.ow != c.w {
			return nil, fmt.Errorf("op: %s: map %d gives %dx%d, the maps before it %dx%d", name, t.Map, r.oh, r.ow, c.h, c.w)
		}
		c.terms, c.c = append(c.terms, r), max(c.c, t.At+t.Out)
		in = append(in, tensor.Shape{t.Out, t.C, t.K, t.K})
	}
	if len(terms) == 0 {
		c.c, c.h, c.w = maps[0][1], maps[0][2], maps[0][3]
	}
	out := tensor.Shape{c.batch, c.c, c.h, c.w}
	for _, m := range maps[c.maps:] {
		if !m.Eq(out) {
			return nil, fmt.Errorf("op: %s: a map of shape %v is added to one of %v", name, m, out)
		}
	}
	if bias {
		in = append(in, tensor.Shape{c.c})
	}
	c.ones = make([]float32, c.c)
	for i := range c.ones {
		c.ones[i] = 1
	}
	c.together = len(terms) > 0 && !slices.ContainsFunc(c.terms, func(t *term) bool { return !t.wide() })
	c.Base = op.NewBase(env.Env, name, in, out)
	c.byPixels()
	c.forward.init(c)
	return c, nil
}

// TakeNorm makes the op take in a norm: see Frozen. It is called before the first run, on an
// op without a bias.
func (c *Sum) TakeNorm(f Frozen) {
	c.fold = newFold(f)
	c.In = append(c.In, tensor.Shape{c.c}, tensor.Shape{c.c})
}

// Maps is the number of maps.
func (c *Sum) Maps() int { return c.maps + c.adds }

// area is the size of a plane of the output.
func (c *Sum) area() int { return c.h * c.w }

// weightsFrom is the number of the first weight among the inputs.
func (c *Sum) weightsFrom() int { return c.maps + c.adds }

// part returns image i of a map of the batch.
func (c *Sum) part(x []float32, i int) []float32 {
	n := len(x) / c.batch
	return x[i*n : (i+1)*n : (i+1)*n]
}

// ofTerm returns the channels that term t gives, of image i of a map of the output's shape.
func (c *Sum) ofTerm(t *term, y []float32, i int) []float32 {
	return c.part(y, i)[t.At*c.area():][:t.Out*c.area()]
}

// ForwardOnly returns true for the maps that are added and, without a ReLU taken in, for the
// output.
func (c *Sum) ForwardOnly(i int) bool {
	if i < 0 {
		return c.fold == nil || !c.fold.Relu
	}
	return i >= c.maps && i < c.weightsFrom()
}

// OutputDead returns true.
func (c *Sum) OutputDead() bool { return true }

// Finite reports whether all values of the last output were.
func (c *Sum) Finite() bool { return c.finite.OK() }
