package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"csnet/graph"
	"csnet/model"
	"csnet/optim"
)

// A backbone that starts from random weights goes on telling pictures apart where its norms
// learn. With frozen ones, whose statistics are 0 and 1, its maps grow tenfold within a
// few steps, and what the head's group norms leave of them is the same for all pictures.
func TestBackboneFromRandomWeights(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a net of 36 million parameters")
	}
	a := model.DefaultArch()
	a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, "resnet50", model.Resize, model.GroupNorm, 32
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	const n, side, steps = 4, 32, 5
	rng := rand.New(rand.NewPCG(2, 3))
	x, y := make([]float32, n*3*side*side), make([]float32, n*side*side)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for i := range y {
		if column := i % side; column > 8 && column < 20 { // the same place in every picture
			y[i] = 1
		}
	}
	for _, frozen := range []bool{true, false} {
		p, err := s.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		c := optim.DefaultConfig()
		c.LR = 3e-4
		st, err := NewStepper(s, p, c, optim.DWD{Mode: "none"}, graph.Options{Batch: n, H: side, W: side, Threads: 2, FrozenNorms: frozen, Tuning: graph.Tuning{KeepAll: true}})
		if err != nil {
			t.Fatal(err)
		}
		for range steps {
			if _, err := st.Step(x, y); err != nil {
				t.Fatal(err)
			}
		}
		size, _ := ownShare(st.Net().Values("base.layer4.2.conv3.sum"), n)
		_, own := ownShare(st.Net().Values("csf.fuse.0"), n)
		st.Close()
		if grown, alike := size > 10, own < 3e-3; grown != frozen || alike != frozen {
			t.Errorf("frozen %v: the last stage's values are %.3g, %.2g of the head's first maps is the picture's own", frozen, size, own)
		}
	}
}

// ownShare returns the root mean square of the maps of n pictures and the share of its square
// that is left without the mean map of all pictures.
func ownShare(maps []float32, n int) (size, own float64) {
	each := len(maps) / n
	var square, left float64
	for i := range each {
		mean := 0.0
		for k := range n {
			mean += float64(maps[k*each+i]) / float64(n)
		}
		for k := range n {
			v := float64(maps[k*each+i])
			square += v * v
			left += (v - mean) * (v - mean)
		}
	}
	return math.Sqrt(square / float64(len(maps))), left / square
}
