package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csnet/checkpoint"
	"csnet/graph"
	"csnet/internal/npz"
	"csnet/internal/shared"
	"csnet/model"
)

// csfMeta is meta.json of golden/csf_*.
type csfMeta struct {
	Backbone string
	Params   int
	Cases    []struct {
		H, W int
		File string
	}
	Tensors []csfTensor
}

type csfTensor struct {
	name  string
	shape []int
}

func (t *csfTensor) UnmarshalJSON(raw []byte) error {
	return json.Unmarshal(raw, &[]any{&t.name, &t.shape})
}

// formula are the values of tensor number t: drawn, not stored (FACTS.md section 3).
func (t csfTensor) formula(number int) []float32 {
	n := 1
	for _, d := range t.shape {
		n *= d
	}
	value := func(u float64) float64 { return 1 + 0.2*u } // gamma
	switch {
	case strings.HasSuffix(t.name, "running_mean"):
		value = func(u float64) float64 { return 0.1 * u }
	case strings.HasSuffix(t.name, "running_var"):
		value = func(u float64) float64 { return 1 + 0.3*u }
	case len(t.shape) == 4:
		f := math.Sqrt(6 / float64(t.shape[1]*t.shape[2]*t.shape[3]))
		value = func(u float64) float64 { return f * u }
	case strings.HasSuffix(t.name, "bias"):
		value = func(u float64) float64 { return 0.1 * u }
	case strings.Contains(t.name, "prelu"):
		value = func(u float64) float64 { return 0.25 + 0.1*u }
	}
	out := make([]float32, n)
	for i := range out {
		z := uint64(number)<<32 + uint64(i) + 0x9E3779B97F4A7C15
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		z ^= z >> 31
		out[i] = float32(value(float64(z>>11)/(1<<53)*2 - 1))
	}
	return out
}

func csfSpec(t testing.TB, backbone string) model.Spec {
	t.Helper()
	return arch(t, func(a *model.Arch) {
		*a = model.DefaultArch()
		a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, backbone, model.Resize, model.GroupNorm, 32
	})
}

// CSF on large backbones against PyTorch in float64: parameters, logits, the maps on the
// way, the loss and every gradient, frozen norms' included, at every size given.
func TestCSFGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("large nets")
	}
	for _, path := range shared.Glob(t, "golden/csf_*/meta.json") {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var m csfMeta
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(path)
		s := csfSpec(t, m.Backbone)
		if got := s.ParamCount(); got != m.Params {
			t.Errorf("%s: %d parameters, must be %d", dir, got, m.Params)
		}
		p, used := csfParams(t, s, m)
		if used != len(m.Tensors) {
			t.Errorf("%s: %d tensors are the net's, there are %d", dir, used, len(m.Tensors))
		}
		for _, c := range m.Cases {
			t.Run(fmt.Sprintf("%s/%dx%d", m.Backbone, c.H, c.W), func(t *testing.T) {
				z, err := npz.Load(filepath.Join(dir, c.File))
				if err != nil {
					t.Fatal(err)
				}
				csfCase(t, s, p, c.H, c.W, z)
			})
		}
	}
}

// csfParams returns the tensors that the formula gives, and how many of its names the net
// has.
func csfParams(t *testing.T, s model.Spec, m csfMeta) (*model.Params, int) {
	t.Helper()
	number := map[string]int{}
	for i, x := range m.Tensors {
		number[x.name] = i
	}
	used := map[string]bool{}
	p, err := checkpoint.ReleaseParams(s, func(name string) (checkpoint.ReleaseTensor, bool) {
		i, ok := number[name]
		if !ok {
			return checkpoint.ReleaseTensor{}, false
		}
		used[name] = true
		return checkpoint.ReleaseTensor{Shape: m.Tensors[i].shape, Data: m.Tensors[i].formula(i)}, true
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, len(used)
}

func csfCase(t *testing.T, s model.Spec, p *model.Params, h, w int, z map[string]npz.Array) {
	x, y := make([]float32, 3*h*w), make([]float32, h*w)
	for i := range x {
		x[i] = float32(1.5*math.Sin(0.37*float64(i)+0.2) + 0.5*math.Cos(0.0113*float64(i)))
	}
	for i := range y {
		y[i] = float32(7919*i%1000) / 1000
	}
	predictor := graph.NewPredictor(s, p, 2)
	defer predictor.Close()
	got, err := predictor.Logits(x, h, w)
	if err != nil {
		t.Fatal(err)
	}
	if d := distance(got, z["logits"].F64); !(d <= 1e-4) {
		t.Errorf("logits in evaluation off by %.2g of the largest", d)
	}
	own := p.Clone()
	net, err := graph.Build(s, own, graph.Options{Batch: 1, H: h, W: w, Train: true, FrozenNorms: true, Threads: 2, Tuning: graph.Tuning{KeepAll: true, LearnFrozen: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	loss, err := net.Step(x, y)
	if err != nil {
		t.Fatal(err)
	}
	f := float64(h*w) / 10 // the mean to the sum over ten pictures' gradients
	if want := z["loss"].F64[0]; !(math.Abs(loss*f-want) <= 1e-5*want) {
		t.Errorf("loss is %v, must be %v", loss*f, want)
	}
	if d := distance(net.Logits(), z["logits"].F64); !(d <= 1e-4) {
		t.Errorf("logits off by %.2g of the largest", d)
	}
	csfMaps(t, net, z)
	csfGrads(t, s, p, own, net, x, y, f, z)
}

// csfNodes names the outputs of which the files tell.
func csfNodes() map[string]string {
	b, _ := model.FindBackbone("resnet50") // stages of blocks as in the other
	n := map[string]string{"fuse1x1.0": "csf.out.0", "cls_layer": "cls"}
	for k, st := range b.Stages {
		n[fmt.Sprintf("base.%d", k)] = st[len(st)-1].Expand.Name + ".sum"
		n[fmt.Sprintf("fuse.%d", k)] = fmt.Sprintf("csf.fuse.%d", k)
		n[fmt.Sprintf("ms.%d", k)] = fmt.Sprintf("csf.ms%d.%d", k, k)
	}
	return n
}

func csfMaps(t *testing.T, net *graph.Net, z map[string]npz.Array) {
	seen := 0
	for name, node := range csfNodes() {
		v, want, shape := net.Values(node), z["stat."+name].F64, z["shape."+name].F64
		if len(want) == 0 {
			continue
		}
		seen++
		n := 1.0
		for _, d := range shape {
			n *= d
		}
		if len(v) != int(n) {
			t.Errorf("%s has %d values, must be %v", name, len(v), shape)
			continue
		}
		var mean, square, largest float64
		for _, f := range v {
			mean += float64(f) / n
			largest = math.Max(largest, math.Abs(float64(f)))
		}
		for _, f := range v {
			square += (float64(f) - mean) * (float64(f) - mean)
		}
		for k, got := range []float64{mean, math.Sqrt(square / n), largest} {
			if !(math.Abs(got-want[k]) <= 1e-4*math.Abs(want[k])) {
				t.Errorf("%s: statistic %d is %v, must be %v", name, k, got, want[k])
			}
		}
		head := z["head."+name].F64
		if d := distance(v[:len(head)], head); !(d <= 1e-4) {
			t.Errorf("%s: first values off by %.2g of the largest", name, d)
		}
	}
	stats := 0
	for key := range z {
		if strings.HasPrefix(key, "stat.") {
			stats++
		}
	}
	if seen != stats {
		t.Errorf("%d maps compared, the file has %d", seen, stats)
	}
}

// csfGrads compares the gradients of net's last step, on x and y, f times which are the
// file's; own are the net's parameters, equal to p.
//
// In float64 some activation out of a million lies so near 0 that float32's rounding decides
// on which side it falls, and the gradients of what is below it change by a share that bears
// no relation to rounding. So a gradient may come from a step with other roundings, each value
// of x and each gamma moved to its neighbour or not: every gradient must be within its bound
// in one of a few steps, all of which are as exact as float32 is.
func csfGrads(t *testing.T, s model.Spec, p, own *model.Params, net *graph.Net, x, y []float32, f float64, z map[string]npz.Array) {
	const steps = 8
	left := csfOff(t, s, net, f, z)
	for step := uint64(1); len(left) > 0 && step < steps; step++ {
		t.Logf("%d of the gradients are off by up to %.2g with these roundings", len(left), worstOf(left))
		rng := rand.New(rand.NewPCG(step, 17))
		moved := neighbours(rng, x)
		for i, l := range own.All() {
			if l.Role == model.Gamma {
				copy(l.Data, neighbours(rng, p.All()[i].Data))
			}
		}
		for _, l := range net.Learned() {
			clear(l.Grad)
		}
		if _, err := net.Step(moved, y); err != nil {
			t.Fatal(err)
		}
		off := csfOff(t, s, net, f, z)
		maps.DeleteFunc(left, func(name string, _ float64) bool { return off[name] == 0 })
	}
	for name, d := range left {
		t.Errorf("gradient %s is off by %.2g", name, d)
	}
}

// neighbours moves each value to one of its neighbours or leaves it.
func neighbours(rng *rand.Rand, x []float32) []float32 {
	out := slices.Clone(x)
	for i, v := range out {
		switch rng.IntN(3) {
		case 0:
			out[i] = math.Nextafter32(v, 9)
		case 1:
			out[i] = math.Nextafter32(v, -9)
		}
	}
	return out
}

func worstOf(off map[string]float64) float64 {
	worst := 0.0
	for _, d := range off {
		worst = math.Max(worst, d)
	}
	return worst
}

// csfOff returns by how much the gradients out of their bounds are off: norms of 1e-3 of
// themselves, first values of 1e-3 of the largest given.
func csfOff(t *testing.T, s model.Spec, net *graph.Net, f float64, z map[string]npz.Array) map[string]float64 {
	grads := map[string][]float32{}
	for _, l := range net.Learned() {
		grads[l.Path] = l.Grad
	}
	got := checkpoint.ToReleaseArrays(s, func(path string) []float32 { return grads[path] })
	off, seen := map[string]float64{}, 0
	for key, want := range z {
		name, ok := strings.CutPrefix(key, "gradnorm.")
		if !ok {
			continue
		}
		g, ok := got[name]
		if !ok {
			t.Errorf("%s: no gradient", name)
			continue
		}
		seen++
		var square float64
		scaled := make([]float32, len(g.Data))
		for i, v := range g.Data {
			square += f * float64(v) * f * float64(v)
			scaled[i] = float32(f * float64(v))
		}
		if d := math.Abs(math.Sqrt(square)-want.F64[0]) / want.F64[0]; !(d <= 1e-3) {
			off["norm of "+name] = d
		}
		head := z["gradhead."+name].F64
		if d := distance(scaled[:len(head)], head); !(d <= 1e-3) {
			off["of "+name] = d
		}
	}
	if seen < 100 {
		t.Errorf("%d gradients in the file, there must be more", seen)
	}
	return off
}
