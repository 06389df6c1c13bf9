package wide

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/resample"
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
)

// planeGrads is a backward pass over the planes of a map, each by itself.
type planeGrads struct {
	dx, dy []float32 // the gradients of map and output
	task   func(thread, i int)
}

// run adds the gradient dx of so many planes from dy, that of the output.
func (p *planeGrads) run(e *op.Env, dx, dy []float32, planes int) {
	p.dx, p.dy = dx, dy
	e.Run(planes, p.task)
}

// DoDiff adds the gradient of the map.
func (r *Resize) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	ds, dy, err := r.Grads(inputs, output)
	if err != nil || ds[0] == nil {
		return err
	}
	if r.backward.task == nil {
		r.backward.task = r.planeGrad
	}
	r.backward.run(r.env, ds[0], dy, r.planes)
	return nil
}

// planeGrad adds the gradient of plane i of image and channel.
func (r *Resize) planeGrad(thread, i int) {
	a := r.env.Arena(thread)
	a.Reset()
	between := a.Get(max(r.w, (r.w+3)*r.way.up))
	dx, w := r.backward.dx[i*r.h*r.w:][:r.h*r.w], len(r.xs)
	dy := r.backward.dy[i*len(r.ys)*w:]
	switch f := r.way.up; {
	case f > 0:
		u := resample.Upsampling{Height: r.h, Width: r.w, Factor: f, From: 0, To: r.h * f}
		resample.UpsampleGradRows(kernel.Rows(dx, 0), kernel.Rows(dy, 0), u, 1, between)
		return
	case r.way.half:
		resample.AvgPool2Grad(dx, dy, r.h, r.w, true)
		return
	case r.way.nearest > 0:
		repeatGrad(dx, dy, r.h, r.w, r.way.nearest)
		return
	}
	for k, m := range r.ys {
		clear(between)
		for j, v := range dy[k*w:][:w] {
			m := r.xs[j]
			between[m.A] += (1 - m.T) * v
			between[m.B] += m.T * v
		}
		top, bottom := dx[m.A*r.w:][:r.w], dx[m.B*r.w:][:r.w]
		for j, v := range between {
			top[j] += (1 - m.T) * v
			bottom[j] += m.T * v
		}
	}
}

// repeatGrad adds to the h x w plane dx what g gives to the sources of repeat.
func repeatGrad(dx, g []float32, h, w, f int) {
	for y := range h * f {
		row, to := g[y*w*f:][:w*f], dx[y/f*w:][:w]
		if f == 2 {
			for x := range to {
				to[x] += row[2*x] + row[2*x+1]
			}
			continue
		}
		for x, v := range row {
			to[x/f] += v
		}
	}
}
