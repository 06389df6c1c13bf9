package refnet

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/internal/npz"
	"csnet/internal/shared"
	"csnet/model"
)

func load(t *testing.T, path string) map[string]npz.Array {
	t.Helper()
	a, err := npz.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// worst returns the largest difference relative to the largest wanted value.
func worst(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	diff, top := 0.0, 0.0
	for i, w := range want {
		d := math.Abs(got[i] - w)
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		diff, top = max(diff, d), max(top, math.Abs(w))
	}
	return diff / max(top, 1e-300)
}

// Every case of the CSNet dialect, forward, against the arrays PyTorch gave.
func TestGOctConvGolden(t *testing.T) {
	for _, path := range shared.Glob(t, "golden/goctconv*.npz") {
		if strings.HasPrefix(filepath.Base(path), "goctconv_resize") {
			continue // the other dialect
		}
		z := load(t, path)
		cases := 0
		for n := 0; ; n++ {
			key := func(s string, v ...any) string { return fmt.Sprintf("%d.%s", n, fmt.Sprintf(s, v...)) }
			meta, ok := z[key("meta")]
			if !ok {
				break
			}
			cases++
			goctCase(t, filepath.Base(path), z, meta.F64, key)
		}
		if cases == 0 {
			t.Errorf("%s holds no cases", path)
		}
	}
}

func goctCase(t *testing.T, file string, z map[string]npz.Array, meta []float64, key func(string, ...any) string) {
	k, stride, nin, nout := int(meta[0]), int(meta[1]), int(meta[2]), int(meta[3])
	cin, cout := ints(meta[4:4+nin]), ints(meta[4+nin:])
	in := make([]Map, nin)
	var base []int
	for i := range in {
		if a, ok := z[key("x%d", i)]; ok {
			base = []int{a.Shape[0], a.Shape[2] << i, a.Shape[3] << i}
		}
	}
	for i, c := range cin {
		in[i] = NewMap(base[0], c, base[1]>>i, base[2]>>i)
		copy(in[i].Data, z[key("x%d", i)].F64)
	}
	w := z[key("w")]
	slice := func(i, j int) []float32 {
		var out []float32
		for o := range cout[j] {
			row := (sum(cout[:j]) + o) * w.Shape[1]
			for c := range cin[i] {
				for _, v := range w.F64[(row+sum(cin[:i])+c)*k*k:][:k*k] {
					out = append(out, float32(v))
				}
			}
		}
		return out
	}
	scale := 1.0
	if nin == 1 && nout == 1 {
		scale = 100
	}
	for j, y := range GOctConv(in, slice, cout, k, stride, scale) {
		want, ok := z[key("y%d", j)]
		if !ok != (cout[j] == 0) {
			t.Errorf("%s: %s: %d channels, given: %v", file, key("y%d", j), cout[j], ok)
		}
		if ok && worst(y.Data, want.F64) > 5e-7 { // weights are cut to float32 here
			t.Errorf("%s: %s: off by %g of the largest", file, key("y%d", j), worst(y.Data, want.F64))
		}
	}
}

func ints(f []float64) []int {
	out := make([]int, len(f))
	for i, v := range f {
		out[i] = int(v)
	}
	return out
}

func sum(c []int) (n int) {
	for _, v := range c {
		n += v
	}
	return n
}

// The logits of step 1 of the training references: the whole net with the
// statistics of the batch, in float64 on both sides.
func TestTrainGolden(t *testing.T) {
	for _, dir := range shared.Glob(t, "golden/train_*") {
		raw, err := os.ReadFile(filepath.Join(dir, "meta.json"))
		if err != nil {
			t.Fatal(err)
		}
		var meta struct {
			Width float64
			Split []float64
		}
		if err := json.Unmarshal(raw, &meta); err != nil {
			t.Fatal(err)
		}
		a := model.DefaultArch()
		a.Width = meta.Width
		if meta.Split != nil {
			a.Split = meta.Split
		}
		spec, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		init, data := load(t, filepath.Join(dir, "init.npz")), load(t, filepath.Join(dir, "data.npz"))
		x := data["x"]
		got, err := Run(spec, released(t, spec, init), x.F32(), x.Shape[0], x.Shape[2], x.Shape[3], Options{Train: true})
		if err != nil {
			t.Fatal(err)
		}
		want := load(t, filepath.Join(dir, "step1.npz"))["logits"]
		d := worst(got, want.F64)
		t.Logf("%s: logits off by %.2g of the largest", filepath.Base(dir), d)
		if d > 1e-6 {
			t.Errorf("%s: logits off by %g of the largest", dir, d)
		}
	}
}

// released cuts the release's tensors of a net that is not pruned into ours.
func released(t *testing.T, spec model.Spec, z map[string]npz.Array) *model.Params {
	t.Helper()
	ls := spec.Layers()
	var ts []*model.Tensor
	for _, s := range spec.Tensors() {
		l := ls[s.Layer]
		name := releaseName(l)
		var v []float64
		switch {
		case l.Op == model.OpConv && s.Role == model.Bias:
			v = z[name+".bias"].F64
		case l.Op == model.OpConv:
			v = z[name+".weight"].F64
		case s.Role == model.Weight:
			v = releaseWeight(l, name, s.Slot, z)
		case l.Op == model.OpMSBlock:
			v = z[name+map[model.Role]string{model.Gamma: ".bn.weight", model.Beta: ".bn.bias", model.Mean: ".bn.running_mean", model.Var: ".bn.running_var", model.Slope: ".prelu.weight"}[s.Role]].F64
		default:
			kind := map[model.Role]string{model.Gamma: "bns.%d.weight", model.Beta: "bns.%d.bias", model.Mean: "bns.%d.running_mean", model.Var: "bns.%d.running_var", model.Slope: "prelus.%d.weight"}[s.Role]
			v = z[name+"."+fmt.Sprintf(kind, s.Octave)].F64
		}
		data := make([]float32, len(v))
		for i, f := range v {
			data[i] = float32(f)
		}
		ts = append(ts, &model.Tensor{Path: s.Path, Role: s.Role, Shape: s.Shape, Data: data})
	}
	p, err := model.NewParams(ts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func releaseName(l model.Layer) string {
	switch l.Part {
	case model.Cls:
		return "cls_layer"
	case model.Fuse:
		return "oct_fuse.fuse"
	case model.Out:
		return "oct_fuse.fuse1x1"
	case model.MS:
		return fmt.Sprintf("oct_fuse.ms.convs.%d", l.Octave)
	}
	part := map[model.Part]string{model.Mix: "conv1x1", model.DW1: "conv3x3_1", model.DW2: "conv3x3_2"}[l.Part]
	return fmt.Sprintf("stage%d.%d.%s", l.Stage, l.Block, part)
}

func releaseWeight(l model.Layer, name string, s model.Slot, z map[string]npz.Array) []float64 {
	switch l.Op {
	case model.OpDepthwise:
		return z[name+fmt.Sprintf(".convs.%d.weight", s.Octave)].F64
	case model.OpMSBlock:
		return z[name+fmt.Sprintf(".msconv.%d.weight", s.Branch)].F64
	}
	i, j := s.In, s.Octave
	w, k2 := z[name+".conv.weight"], l.Kernel*l.Kernel
	var out []float64
	for o := range l.Out[j] {
		row := (sum(l.Out[:j]) + o) * w.Shape[1]
		out = append(out, w.F64[(row+sum(l.In[:i]))*k2:][:l.In[i]*k2]...)
	}
	return out
}
