package op

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// crossEntropy is -y log(sigmoid(x)) - (1-y) log(1-sigmoid(x)) by another way
// than the kernel: directly where float64 holds both logarithms, by the
// exponential's first term where it is far smaller than 1.
func crossEntropy(x, y float64) float64 {
	if math.Abs(x) > 36 { // exp(-36) is 2e-16
		tail := math.Exp(-math.Abs(x))
		if x > 0 {
			return (1-y)*x + tail
		}
		return -y*x + tail
	}
	e := math.Exp(x)
	return -y*math.Log(e/(1+e)) + (1-y)*math.Log(1+e)
}

// Logits of 0 to +-1e4 and targets hard and soft: loss and gradient are finite
// and equal to the reference.
func TestBCE(t *testing.T) {
	logits := []float32{0, 1e-3, -1e-3, 0.7, -0.7, 5, -5, 17, -17, 30, -30, 50, -50, 100, -100, 1e4, -1e4, 3e38, -3e38}
	targets := []float32{0, 1, 0.5, 0.25, 1e-6, 1 - 1e-6}
	for _, x := range logits {
		for _, y := range targets {
			loss, grad := bce(t, []float32{x}, []float32{y})
			want := crossEntropy(float64(x), float64(y))
			if !(math.Abs(loss-want) <= 1e-14*math.Max(want, 1)) {
				t.Errorf("logit %g, target %g: loss %v, want %v", x, y, loss, want)
			}
			slope := 1/(1+math.Exp(-float64(x))) - float64(y)
			if !(math.Abs(float64(grad[0])-slope) <= 6e-8*math.Abs(slope)+1e-15) {
				t.Errorf("logit %g, target %g: gradient %v, want %v", x, y, grad[0], slope)
			}
		}
	}
	// All at once: the mean, and every gradient over n.
	var xs, ys []float32
	var want float64
	for _, x := range logits[:len(logits)-2] {
		for _, y := range targets {
			xs, ys = append(xs, x), append(ys, y)
			want += crossEntropy(float64(x), float64(y))
		}
	}
	want /= float64(len(xs))
	loss, grad := bce(t, xs, ys)
	if math.Abs(loss-want) > 1e-13*want {
		t.Errorf("mean is %v, want %v", loss, want)
	}
	for i, g := range grad {
		s := (1/(1+math.Exp(-float64(xs[i]))) - float64(ys[i])) / float64(len(xs))
		if !(math.Abs(float64(g)-s) <= 6e-8*math.Abs(s)+1e-15) {
			t.Errorf("gradient %d is %v, want %v", i, g, s)
		}
	}
}

// The gradient is the loss's slope by central differences.
func TestBCEFiniteDifferences(t *testing.T) {
	for _, x := range []float32{-20, -3, -0.5, 0, 0.25, 2, 9} {
		for _, y := range []float32{0, 0.3, 1} {
			_, grad := bce(t, []float32{x, 1}, []float32{y, 0})
			const h = 1.0 / 1024 // float32 holds x+-h
			up, _ := bce(t, []float32{x + h, 1}, []float32{y, 0})
			down, _ := bce(t, []float32{x - h, 1}, []float32{y, 0})
			// The third derivative is at most 1/8: h^2/6/8 = 2e-8.
			if fd := (up - down) / (2 * h); math.Abs(fd-float64(grad[0])) > 1e-7 {
				t.Errorf("logit %g, target %g: gradient %v, differences give %v", x, y, grad[0], fd)
			}
		}
	}
}

// A NaN among the logits shows in the loss.
func TestBCENaN(t *testing.T) {
	if loss, _ := bce(t, []float32{1, float32(math.NaN())}, []float32{0, 1}); !math.IsNaN(loss) {
		t.Errorf("loss of a NaN logit is %v, must be NaN", loss)
	}
}

// bce runs the op on one image per value: loss and gradient.
func bce(t *testing.T, x, y []float32) (float64, []float32) {
	t.Helper()
	env := NewEnv(2)
	defer env.Close()
	g := G.NewGraph()
	shape := tensor.Shape{len(x), 1, 1, 1}
	input := func(name string, v []float32) *G.Node {
		return G.NewTensor(g, tensor.Float32, 4, G.WithShape(shape...), G.WithName(name),
			G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(append([]float32(nil), v...)))))
	}
	xn, yn := input("x", x), input("y", y)
	b := NewBCE(env, "loss", shape, LossTerms{})
	out, err := G.ApplyOp(b, xn, yn)
	if err != nil {
		t.Fatal(err)
	}
	v, err := b.Do(xn.Value(), yn.Value())
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := v.Data().(float32); !ok || !(f == float32(b.Loss())) && !math.IsNaN(b.Loss()) {
		t.Fatalf("value is %v, want %v", v, b.Loss())
	}
	one := G.F32(1)
	if err := G.UnsafeLet(out, v); err != nil {
		t.Fatal(err)
	}
	G.WithGrad(&one)(out)
	G.WithGrad(tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32)))(xn)
	if err := b.DoDiff(G.ExecutionContext{}, G.Nodes{xn, yn}, out); err != nil {
		t.Fatal(err)
	}
	grad, err := xn.Grad()
	if err != nil {
		t.Fatal(err)
	}
	return b.Loss(), grad.Data().([]float32)
}

// Inputs of another shape or type are errors, not panics.
func TestOpsRefuseOtherShapes(t *testing.T) {
	env := NewEnv(1)
	defer env.Close()
	b := NewBCE(env, "loss", tensor.Shape{2, 1, 2, 2}, LossTerms{})
	u := NewUpsample(env, "up", tensor.Shape{2, 1, 2, 2}, 2)
	bad := tensor.New(tensor.WithShape(2, 1, 2, 3), tensor.Of(tensor.Float32))
	wide := tensor.New(tensor.WithShape(2, 1, 2, 2), tensor.Of(tensor.Float64))
	for i, vs := range [][]G.Value{{}, {bad}, {wide}, {bad, bad}, {wide, wide}, {bad, bad, bad}} {
		if _, err := b.Do(vs...); err == nil {
			t.Errorf("BCE took inputs %d", i)
		}
		if _, err := u.Do(vs...); err == nil {
			t.Errorf("Upsample took inputs %d", i)
		}
	}
	for i, in := range [][]G.DimSizer{{}, {tensor.Shape{2, 1, 2, 3}}, {tensor.Shape{2, 1, 2}}} {
		if _, err := u.InferShape(in...); err == nil {
			t.Errorf("InferShape took inputs %d", i)
		}
	}
	if u.Hashcode() == b.Hashcode() {
		t.Error("two ops have one hash: gorgonia would merge them")
	}
}
