// Command onnxcheck writes nets of every kind as ONNX files, each with inputs
// and the logits that csnet gives for them: what scripts/onnx_check.sh runs in
// other programs. Usage: onnxcheck OUT [CHECKPOINT...]
//
// $ONLY names the kinds of nets that are written, with spaces between; without it all.
//
// OUT gets list.json with four sizes for each net, NAME-a.onnx and NAME-b.onnx
// (fixed at the first and at the second size), NAME-dynamic.onnx, and for each
// size NAME.HxW.in and NAME.HxW.out (little-endian float32). For each net there is
// also NAME-half at one size, with weights of 16 bits, whose .out is what the file
// itself gives in float64; half.tsv says how far that is from the net, and how far it may be.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csnet/checkpoint"
	"csnet/graph"
	"csnet/internal/onnx"
	"csnet/model"
)

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "onnxcheck:", err)
		os.Exit(1)
	}
}

// item is one net of the list.
type item struct {
	Name  string   `json:"name"`
	Sizes [][2]int `json:"sizes"`          // height, width
	Half  bool     `json:"half,omitempty"` // weights of 16 bits
	// Fixed says that OpenCV runs a file at its own size alone: 4.6 refuses, or
	// mistakes, means over maps of another size.
	Fixed bool `json:"fixed,omitempty"`
}

func write(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: onnxcheck OUT [CHECKPOINT...]")
	}
	out := args[0]
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var list []item
	for _, path := range args[1:] {
		c, err := checkpoint.Load(path)
		if err != nil {
			return err
		}
		its, err := all(out, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), c.Spec, c.Params)
		if err != nil {
			return err
		}
		list = append(list, its...)
	}
	kinds, err := specs()
	if err != nil {
		return err
	}
	for _, d := range kinds {
		if only := os.Getenv("ONLY"); only != "" && !slices.Contains(strings.Fields(only), d.name) {
			continue
		}
		p, err := params(d.spec)
		if err != nil {
			return err
		}
		its, err := all(out, d.name, d.spec, p)
		if err != nil {
			return err
		}
		list = append(list, its...)
	}
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "list.json"), b, 0o644)
}

// named is a Spec and what the table calls it.
type named struct {
	name string
	spec model.Spec
}

// specs are nets of every kind: widths, splits, octaves, odd and absent ones,
// dialects, backbones. A new
// kind of net that is exported gets a line here.
func specs() ([]named, error) {
	var list []named
	for _, c := range []struct {
		name   string
		change func(*model.Arch)
	}{
		{"x2", func(a *model.Arch) { a.Width = 2 }},
		{"tiny", func(a *model.Arch) { a.Width = 0.5 }},
		{"split-1-0", func(a *model.Arch) { a.Split = []float64{1, 0} }},
		{"split-0-1", func(a *model.Arch) { a.Split = []float64{0, 1} }},
		{"octaves-3", func(a *model.Arch) { a.Split = []float64{1, 1, 1}; a.Width = 0.6 }},
		{"octaves-4", func(a *model.Arch) { a.Split = []float64{1, 1, 1, 1}; a.Width = 0.8 }},
		{"extractor", func(a *model.Arch) { a.ExtractorOnly = true }},
		{"octave", func(a *model.Arch) { a.Dialect = model.Octave }},
		{"resize", func(a *model.Arch) { a.Dialect = model.Resize }},
		{"resize-group", func(a *model.Arch) {
			a.Dialect, a.Balance, a.Norm, a.Groups, a.Head = model.Resize, true, model.GroupNorm, 5, []int{20, 40, 40}
		}},
		{"csf-resnet50", csf("resnet50")},
		{"csf-res2net50", csf("res2net50")},
	} {
		a := model.DefaultArch()
		c.change(&a)
		s, err := a.Spec()
		if err != nil {
			return nil, err
		}
		list = append(list, named{c.name, s})
	}
	s, err := model.DefaultArch().Spec()
	if err != nil {
		return nil, err
	}
	s.Stages[1].Blocks[1].Out = []int{7, 3}
	s.Stages[2].Blocks[1].Out = []int{13, 0}
	s.Stages[3].Blocks[2].Out = []int{0, 11}
	s.Head.Fuse = []int{9, 0, 13}
	s.Head.MS = [][]int{{1, 0, 3, 1, 2}, {0, 0, 0, 0, 0}, {1, 1, 5, 0, 4}}
	s.Head.Out = 17
	return append(list, named{"odd-absent", s}), nil
}

// csf is the head on a backbone.
func csf(backbone string) func(*model.Arch) {
	return func(a *model.Arch) {
		a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, backbone, model.Resize, model.GroupNorm, 32
	}
}

// params draws tensors as training leaves them: statistics, offsets and slopes
// that differ from channel to channel.
func params(s model.Spec) (*model.Params, error) {
	p, err := s.NewParams(7)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(7, 8))
	ls := s.Layers()
	for _, ts := range s.Tensors() {
		t, scale := p.Get(ts.Path), ls[ts.Layer].Scale()
		if ls[ts.Layer].Op == model.OpConvNorm {
			spreadFrozen(t, rng)
			continue
		}
		for i := range t.Data {
			switch t.Role {
			case model.Gamma:
				t.Data[i] = 0.5 + rng.Float32()
			case model.Var:
				t.Data[i] = (0.5 + rng.Float32()) * scale * scale / 6
			case model.Beta, model.Mean, model.Slope:
				t.Data[i] = rng.Float32() - 0.5
			}
		}
	}
	return p, nil
}

// spreadFrozen draws a tensor of a backbone's frozen norms near what does nothing, lest
// maps grow from block to block.
func spreadFrozen(t *model.Tensor, rng *rand.Rand) {
	for i := range t.Data {
		switch u := 2*rng.Float32() - 1; t.Role {
		case model.Gamma:
			t.Data[i] = 1 + 0.2*u
		case model.Var:
			t.Data[i] = 1 + 0.3*u
		case model.Beta, model.Mean:
			t.Data[i] = 0.1 * u
		}
	}
}

// all writes a net's files of both kinds.
func all(out, name string, s model.Spec, p *model.Params) ([]item, error) {
	it, err := one(out, name, s, p)
	if err != nil {
		return nil, err
	}
	half, err := halved(out, name+"-half", s, p)
	return []item{it, half}, err
}

// drawn is an input of drawn values.
func drawn(h, w, channels int) []float32 {
	rng := rand.New(rand.NewPCG(uint64(h), uint64(w)))
	x := make([]float32, channels*h*w)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// one writes a net's files.
func one(out, name string, s model.Spec, p *model.Params) (item, error) {
	m := s.Coarsest()
	up := func(side int) int { return (side + m - 1) / m * m }
	it := item{Name: name, Fixed: s.Norm.Kind == model.GroupNorm, Sizes: [][2]int{{up(224), up(224)}, {up(96), up(160)}, {4 * m, 4 * m}, {up(256), 10 * m}}}
	for _, f := range []struct {
		file string
		o    onnx.Options
	}{
		{name + "-a.onnx", onnx.Options{Batch: 1, H: it.Sizes[0][0], W: it.Sizes[0][1]}},
		{name + "-b.onnx", onnx.Options{Batch: 1, H: it.Sizes[1][0], W: it.Sizes[1][1]}},
		{name + "-dynamic.onnx", onnx.Options{}},
	} {
		b, err := onnx.Encode(s, p, f.o)
		if err != nil {
			return it, err
		}
		if err := os.WriteFile(filepath.Join(out, f.file), b, 0o644); err != nil {
			return it, err
		}
	}
	net := graph.NewPredictor(s, p, 2)
	defer net.Close()
	for _, hw := range it.Sizes {
		x := drawn(hw[0], hw[1], s.Input)
		y, err := net.Logits(x, hw[0], hw[1])
		if err != nil {
			return it, err
		}
		base := filepath.Join(out, fmt.Sprintf("%s.%dx%d", name, hw[0], hw[1]))
		if err := floats(base+".in", x); err != nil {
			return it, err
		}
		if err := floats(base+".out", y); err != nil {
			return it, err
		}
	}
	return it, nil
}

func floats(path string, x []float32) error {
	b, err := binary.Append(nil, binary.LittleEndian, x)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}
