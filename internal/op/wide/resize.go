package wide

import (
	"csnet/internal/kernel/resample"
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Resize brings maps (B, C, H, W) to another size: bilinear with half-pixel centres and
// clamped edges (PyTorch's align_corners = false), without anti-aliasing, or by the
// nearest value.
type Resize struct {
	op.Base
	env      *op.Env
	planes   int
	h, w     int
	ys, xs   []Mix // where rows and columns of the output come from
	way      way
	task     func(thread, i int)
	backward planeGrads
}

// way is how a map is resized: by tables, or faster where sides are in a proportion that
// kernels know.
type way struct {
	up, nearest int // so many times larger, bilinear or by the nearest value
	half        bool
}

// wayOf finds the way from h x w to oh x ow. Bilinear halving of even sides reads the middle
// between pixels: it is their mean.
func wayOf(h, w, oh, ow int, nearest bool) way {
	f := oh / h
	switch {
	case oh == f*h && ow == f*w && f > 1 && nearest:
		return way{nearest: f}
	case oh == f*h && ow == f*w && (f == 2 || f == 4 || f == 8) && !nearest:
		return way{up: f}
	}
	return way{half: h == 2*oh && w == 2*ow && !nearest}
}

// Mix is a value between two: (1-T) of number A and T of number B.
type Mix struct {
	A, B int
	T    float32
}

// NewResize returns the op for maps of shape x to h x w.
func NewResize(env *op.Env, name string, x tensor.Shape, h, w int, nearest bool) *Resize {
	r := &Resize{env: env, planes: x[0] * x[1], h: x[2], w: x[3], ys: Mixes(x[2], h, nearest), xs: Mixes(x[3], w, nearest), way: wayOf(x[2], x[3], h, w, nearest)}
	r.Base = op.NewBase(env, name, []tensor.Shape{x}, tensor.Shape{x[0], x[1], h, w})
	r.task = r.plane
	return r
}

// Mixes tells for n values from where among from values they come.
func Mixes(from, n int, nearest bool) []Mix {
	out := make([]Mix, n)
	for i := range out {
		if nearest {
			k := i * from / n
			out[i] = Mix{A: k, B: k}
			continue
		}
		s := max((float64(i)+0.5)*float64(from)/float64(n)-0.5, 0)
		a := min(int(s), from-1)
		out[i] = Mix{A: a, B: min(a+1, from-1), T: float32(s - float64(a))}
	}
	return out
}

// Do makes the output.
func (r *Resize) Do(vs ...G.Value) (G.Value, error) {
	if _, err := r.Read(vs); err != nil {
		return nil, err
	}
	y := r.Output()
	r.env.Run(r.planes, r.task)
	return y, nil
}

func (r *Resize) plane(thread, i int) {
	a := r.env.Arena(thread)
	a.Reset()
	between := a.Get(r.w)
	x, w := r.Xs[0][i*r.h*r.w:][:r.h*r.w], len(r.xs)
	y := r.Y[i*len(r.ys)*w:]
	switch {
	case r.way.up > 0:
		resample.Upsample(y, x, r.h, r.w, r.way.up, false, between)
		return
	case r.way.half:
		resample.AvgPool2(y, x, r.h, r.w)
		return
	case r.way.nearest > 0:
		repeat(y, x, r.h, r.w, r.way.nearest)
		return
	}
	for k, m := range r.ys {
		top, bottom := x[m.A*r.w:][:r.w], x[m.B*r.w:][:r.w]
		for j, v := range top {
			between[j] = (1-m.T)*v + m.T*bottom[j]
		}
		row := y[k*w:][:w]
		for j, m := range r.xs {
			row[j] = (1-m.T)*between[m.A] + m.T*between[m.B]
		}
	}
}

// ForwardOnly returns true: a resizing knows no values backwards.
func (r *Resize) ForwardOnly(int) bool { return true }

// OutputDead returns true.
func (r *Resize) OutputDead() bool { return true }

// repeat writes the h x w plane src with every value f times in both directions.
func repeat(dst, src []float32, h, w, f int) {
	for y := range h {
		row := dst[y*f*w*f:][:w*f]
		if f == 2 {
			for x, v := range src[y*w:][:w] {
				row[2*x], row[2*x+1] = v, v
			}
		} else {
			for x, v := range src[y*w:][:w] {
				for k := range f {
					row[x*f+k] = v
				}
			}
		}
		for k := 1; k < f; k++ {
			copy(dst[(y*f+k)*w*f:][:w*f], row)
		}
	}
}
