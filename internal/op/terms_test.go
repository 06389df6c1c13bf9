package op

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// slowTerms is LossTerms' definition, window by window, pixel by pixel.
func slowTerms(terms LossTerms, x, y []float32, n, h, w int) float64 {
	radius, total := max(1, (h+11)/22), 0.0
	for im := range n {
		xs, ys := x[im*h*w:][:h*w], y[im*h*w:][:h*w]
		var sum, weights, inter, union float64
		for r := range h {
			for c := range w {
				mean, k := 0.0, 0.0
				for rr := r - radius; rr <= r+radius; rr++ {
					for cc := c - radius; cc <= c+radius; cc++ {
						if rr >= 0 && rr < h && cc >= 0 && cc < w {
							mean, k = mean+float64(ys[rr*w+cc]), k+1
						}
					}
				}
				z, t := float64(xs[r*w+c]), float64(ys[r*w+c])
				weight := 1 + terms.Edge*math.Abs(mean/k-t)
				sum, weights = sum+weight*crossEntropy(z, t), weights+weight
				p := 1 / (1 + math.Exp(-z))
				inter, union = inter+p*t, union+p+t-p*t
			}
		}
		total += terms.BCE*sum/weights + terms.IoU*(1-(inter+1)/(union+1))
		if terms.SSIM != 0 {
			total += terms.SSIM * (1 - slowSSIM(xs, ys, h, w))
		}
	}
	return total / float64(n)
}

// slowSSIM is the mean structural similarity window by window.
func slowSSIM(x, y []float32, h, w int) float64 {
	total := 0.0
	sigmoid := make([]float64, h*w)
	for i, v := range x {
		sigmoid[i] = 1 / (1 + math.Exp(-float64(v)))
	}
	for r := range h {
		for c := range w {
			var ps, ys []float64
			for rr := max(r-5, 0); rr <= min(r+5, h-1); rr++ {
				for cc := max(c-5, 0); cc <= min(c+5, w-1); cc++ {
					ps = append(ps, sigmoid[rr*w+cc])
					ys = append(ys, float64(y[rr*w+cc]))
				}
			}
			n := float64(len(ps))
			var mp, my, sp, sy, spy float64
			for i := range ps {
				mp, my = mp+ps[i]/n, my+ys[i]/n
			}
			for i := range ps {
				sp, sy, spy = sp+(ps[i]-mp)*(ps[i]-mp)/n, sy+(ys[i]-my)*(ys[i]-my)/n, spy+(ps[i]-mp)*(ys[i]-my)/n
			}
			total += (2*mp*my + 1e-4) * (2*spy + 9e-4) / ((mp*mp + my*my + 1e-4) * (sp + sy + 9e-4))
		}
	}
	return total / float64(h*w)
}

// termsCase draws logits and masks: one soft, one hard, one empty, one full.
func termsCase(h, w int) (x, y []float32) {
	r := rand.New(rand.NewPCG(3, 4))
	for im := range 4 {
		for range h * w {
			t := r.Float32()
			switch im {
			case 1:
				t = float32(math.Round(float64(t)))
			case 2, 3:
				t = float32(im - 2)
			}
			x, y = append(x, float32(3*r.NormFloat64())), append(y, t)
		}
	}
	return x, y
}

func termsOf() []LossTerms {
	return []LossTerms{{BCE: 1}, {BCE: 2}, {IoU: 1}, {BCE: 1, IoU: 0.5}, {BCE: 1, Edge: 5}, {BCE: 0.7, IoU: 1.3, Edge: 5}, {SSIM: 1}, {BCE: 1, IoU: 1, Edge: 2, SSIM: 0.5}}
}

// Every mix of terms is its definition, and its gradient the slope by central
// differences.
func TestLossTerms(t *testing.T) {
	const n, h, w = 4, 25, 6
	x, y := termsCase(h, w)
	for _, terms := range termsOf() {
		loss, grad := lossOf(t, terms, x, y, n, h, w, 2)
		if want := slowTerms(terms, x, y, n, h, w); math.Abs(loss-want) > 1e-12*want {
			t.Errorf("%+v: loss %v, want %v", terms, loss, want)
		}
		for i := 0; i < len(x); i += 7 {
			const d = 1.0 / 1024
			up, down := slices.Clone(x), slices.Clone(x)
			up[i], down[i] = up[i]+d, down[i]-d
			fd := (slowTerms(terms, up, y, n, h, w) - slowTerms(terms, down, y, n, h, w)) / (2 * float64((up[i]-down[i])/2))
			if math.Abs(fd-float64(grad[i])) > 1e-8+1e-6*math.Abs(fd) {
				t.Errorf("%+v: gradient %d is %v, differences give %v", terms, i, grad[i], fd)
			}
		}
	}
}

// Loss and gradient have the same bits with any number of threads, and at a
// second run.
func TestLossTermsThreads(t *testing.T) {
	const n, h, w = 4, 25, 6
	x, y := termsCase(h, w)
	for _, terms := range termsOf() {
		loss, grad := lossOf(t, terms, x, y, n, h, w, 1)
		for _, threads := range []int{2, 3, 7} {
			l, g := lossOf(t, terms, x, y, n, h, w, threads)
			if l != loss || !slices.Equal(g, grad) {
				t.Errorf("%+v: %d threads give other bits", terms, threads)
			}
		}
	}
}

// Infinitely sure logits leave loss and gradient finite.
func TestLossTermsExtremes(t *testing.T) {
	x, y := []float32{1e4, -1e4, 3e38, -3e38}, []float32{1, 0, 0, 1}
	for _, terms := range termsOf() {
		loss, grad := lossOf(t, terms, x, y, 1, 2, 2, 1)
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			t.Errorf("%+v: loss %v", terms, loss)
		}
		for i, g := range grad {
			if g-g != 0 {
				t.Errorf("%+v: gradient %d is %v", terms, i, g)
			}
		}
	}
}

// lossOf runs the op twice and returns what the second run gave.
func lossOf(t *testing.T, terms LossTerms, x, y []float32, n, h, w, threads int) (loss float64, grad []float32) {
	t.Helper()
	env := NewEnv(threads)
	defer env.Close()
	g, shape := G.NewGraph(), tensor.Shape{n, 1, h, w}
	node := func(name string, v []float32) *G.Node {
		return G.NewTensor(g, tensor.Float32, 4, G.WithShape(shape...), G.WithName(name),
			G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(v)))))
	}
	xn, yn := node("x", x), node("y", y)
	b := NewBCE(env, fmt.Sprintf("loss%d", threads), shape, terms)
	out, err := G.ApplyOp(b, xn, yn)
	if err != nil {
		t.Fatal(err)
	}
	one := G.F32(1)
	for range 2 {
		v, err := b.Do(xn.Value(), yn.Value())
		if err != nil {
			t.Fatal(err)
		}
		if err := G.UnsafeLet(out, v); err != nil {
			t.Fatal(err)
		}
		G.WithGrad(&one)(out)
		G.WithGrad(tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32)))(xn)
		if err := b.DoDiff(G.ExecutionContext{}, G.Nodes{xn, yn}, out); err != nil {
			t.Fatal(err)
		}
		gv, err := xn.Grad()
		if err != nil {
			t.Fatal(err)
		}
		loss, grad = b.Loss(), gv.Data().([]float32)
	}
	return loss, grad
}
