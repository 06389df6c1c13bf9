package wide

import (
	"math"

	"csnet/internal/kernel/resample"

	G "gorgonia.org/gorgonia"
)

// largest returns where the first largest value of a window lies; a NaN counts as such.
func (p *Pool) largest(x []float32, top, bottom, left, right int) int {
	at, m := top*p.w+left, float32(math.Inf(-1))
	for k := top; k < bottom; k++ {
		for j := left; j < right; j++ {
			if v := x[k*p.w+j]; v > m || v != v {
				at, m = k*p.w+j, v
			}
		}
	}
	return at
}

// DoDiff adds the gradient of the map.
func (p *Pool) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	if _, err := p.ReadNodes(inputs); err != nil {
		return err
	}
	ds, dy, err := p.Grads(inputs, output)
	if err != nil || ds[0] == nil {
		return err
	}
	if p.backward.task == nil {
		p.backward.task = p.planeGrad
	}
	p.backward.run(p.env, ds[0], dy, p.planes)
	return nil
}

// planeGrad adds the gradient of plane i of image and channel.
func (p *Pool) planeGrad(_, i int) {
	x, dx := p.Xs[0][i*p.h*p.w:][:p.h*p.w], p.backward.dx[i*p.h*p.w:][:p.h*p.w]
	dy := p.backward.dy[i*p.oh*p.ow:][:p.oh*p.ow]
	if p.simple() {
		if p.spec.Max {
			resample.MaxPoolGrad(dx, x, dy, p.h, p.w, p.spec.K, true)
		} else {
			resample.AvgPool2Grad(dx, dy, p.h, p.w, true)
		}
		return
	}
	for r := range p.oh {
		top, bottom, rows := p.window(r, p.h)
		for c := range p.ow {
			left, right, columns := p.window(c, p.w)
			g := dy[r*p.ow+c]
			if p.spec.Max {
				dx[p.largest(x, top, bottom, left, right)] += g
				continue
			}
			g /= float32(rows * columns)
			for k := top; k < bottom; k++ {
				row := dx[k*p.w+left : k*p.w+right]
				for j := range row {
					row[j] += g
				}
			}
		}
	}
}
