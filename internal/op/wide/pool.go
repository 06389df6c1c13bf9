package wide

import (
	"fmt"

	"csnet/internal/kernel"
	"csnet/internal/kernel/resample"
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// PoolSpec describes a Pool: windows of K x K, Stride apart, over a map with a border of
// Pad on each side.
type PoolSpec struct {
	Max            bool // the largest value, the border left out; else the mean
	K, Stride, Pad int
	// Ceil makes the last window reach over the edge instead of leaving the rest out.
	Ceil bool
	// CountPad makes the border's zeros values like others of a mean.
	CountPad bool
}

// output returns how many windows n values have.
func (p PoolSpec) output(n int) int {
	if p.K > n+2*p.Pad && !p.Ceil {
		return 0
	}
	if !p.Ceil {
		return (n+2*p.Pad-p.K)/p.Stride + 1
	}
	k := max((n+2*p.Pad-p.K+p.Stride-1)/p.Stride+1, 1)
	if (k-1)*p.Stride >= n+p.Pad {
		k-- // a window begins within the map or its left border
	}
	return k
}

// Pool takes the largest value or the mean of each window of maps (B, C, H, W), as
// PyTorch's pools.
type Pool struct {
	op.Base
	env          *op.Env
	spec         PoolSpec
	planes       int
	h, w, oh, ow int
	task         func(thread, i int)
	backward     planeGrads
}

// NewPool returns the op for maps of shape x.
//
// Errors: a map smaller than a window.
func NewPool(env *op.Env, name string, x tensor.Shape, s PoolSpec) (*Pool, error) {
	p := &Pool{env: env, spec: s, planes: x[0] * x[1], h: x[2], w: x[3], oh: s.output(x[2]), ow: s.output(x[3])}
	if p.oh < 1 || p.ow < 1 {
		return nil, fmt.Errorf("op: %s: a map of %dx%d has no window of %dx%d", name, p.h, p.w, s.K, s.K)
	}
	p.Base = op.NewBase(env, name, []tensor.Shape{x}, tensor.Shape{x[0], x[1], p.oh, p.ow})
	p.task = p.plane
	return p, nil
}

// Do makes the output.
func (p *Pool) Do(vs ...G.Value) (G.Value, error) {
	if _, err := p.Read(vs); err != nil {
		return nil, err
	}
	y := p.Output()
	p.env.Run(p.planes, p.task)
	return y, nil
}

// window returns the rows, or columns, of n that window i holds, and by how many values a
// mean over them divides.
func (p *Pool) window(i, n int) (from, to, count int) {
	from = i*p.spec.Stride - p.spec.Pad
	to = min(from+p.spec.K, n+p.spec.Pad)
	count = to - from
	from, to = max(from, 0), min(to, n)
	if !p.spec.CountPad {
		count = to - from
	}
	return from, to, count
}

// simple reports whether the windows are such as kernels know: they part the map evenly.
func (p *Pool) simple() bool {
	k := p.spec.K
	return k == p.spec.Stride && p.spec.Pad == 0 && p.h%k == 0 && p.w%k == 0 && (k == 2 || k == 4 && p.spec.Max)
}

func (p *Pool) plane(thread, i int) {
	x, y := p.Xs[0][i*p.h*p.w:][:p.h*p.w], p.Y[i*p.oh*p.ow:][:p.oh*p.ow]
	if p.simple() {
		if p.spec.Max {
			resample.MaxPool(kernel.Rows(y, p.ow), kernel.Rows(x, p.w), p.ow, p.oh, 1, p.spec.K)
		} else {
			resample.AvgPool2(y, x, p.h, p.w)
		}
		return
	}
	if p.spec.Max {
		a := p.env.Arena(thread)
		a.Reset()
		p.maxima(y, x, a.Get(2*p.w))
		return
	}
	for r := range p.oh {
		top, bottom, rows := p.window(r, p.h)
		for c := range p.ow {
			left, right, columns := p.window(c, p.w)
			var sum float32
			for k := top; k < bottom; k++ {
				for _, v := range x[k*p.w+left : k*p.w+right] {
					sum += v
				}
			}
			y[r*p.ow+c] = sum / float32(rows*columns)
		}
	}
}

// maxima takes the largest value of each window: down the rows first, then across.
func (p *Pool) maxima(y, x, down []float32) {
	halves := p.spec.K == 3 && p.spec.Stride == 2 && p.spec.Pad == 1
	for r := range p.oh {
		top, bottom, _ := p.window(r, p.h)
		copy(down, x[top*p.w:][:p.w])
		for k := top + 1; k < bottom; k++ {
			resample.Maximum(down[:p.w], x[k*p.w:])
		}
		row := y[r*p.ow:][:p.ow]
		if halves {
			p.across(row, down)
			continue
		}
		for c := range row {
			left, right, _ := p.window(c, p.w)
			m := down[left]
			for _, v := range down[left+1 : right] {
				if v > m || v != v {
					m = v
				}
			}
			row[c] = m
		}
	}
}

// across is maxima across for windows of three, two apart, which begin one before the row: the
// even values, and the odd ones on both sides.
func (p *Pool) across(row, down []float32) {
	odd := down[p.w:][:p.w/2]
	down = down[:p.w]
	if len(odd) > 0 {
		resample.Evens(odd, down[1:])
	}
	resample.Evens(row, down)
	resample.Maximum(row[:len(odd)], odd)
	resample.Maximum(row[1:], odd[:len(row)-1])
}

// ForwardOnly returns true but for the map of a maximum.
func (p *Pool) ForwardOnly(i int) bool { return i < 0 || !p.spec.Max }

// OutputDead returns true.
func (p *Pool) OutputDead() bool { return true }
