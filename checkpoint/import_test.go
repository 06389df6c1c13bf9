package checkpoint

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csnet/checkpoint/internal/safetensors"
	"csnet/checkpoint/internal/torchfile"
	"csnet/checkpoint/internal/torchtest"
	"csnet/internal/shared"
	"csnet/model"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// releasedNet is what the published table and the authors' files say of a net.
type releasedNet struct {
	params      int
	macs, flops string // in G, to four digits
}

// TestReleasedNets imports every released net that is there.
func TestReleasedNets(t *testing.T) {
	known := map[string]releasedNet{
		"csnet-L-x1.pth.tar": {93647, "0.2843", "0.4355"},
		"csnet-L-x2.pth.tar": {140894, "0.4964", "0.7184"},
	}
	for _, path := range shared.Glob(t, "checkpoints/*.pth.tar") {
		c, err := Import(path)
		if err != nil {
			t.Error(err)
			continue
		}
		want, ok := known[filepath.Base(path)]
		if !ok {
			continue
		}
		cost := c.Spec.Cost(224, 224)
		got := releasedNet{cost.Params, fmt.Sprintf("%.4f", float64(cost.MACs)/1e9), fmt.Sprintf("%.4f", float64(cost.FLOPs)/1e9)}
		if got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
		if c.Step != 0 || c.Optim != nil || c.Config != "eval:\n  size: 224\n" {
			t.Errorf("%s: step %d, optimizer %v, config %q", path, c.Step, c.Optim, c.Config)
		}
		roundTrip(t, c, filepath.Join(t.TempDir(), "x"))
	}
}

// roundTrip exports, imports, saves and loads c: the same bytes each time.
func roundTrip(t interface {
	Fatal(...any)
	Error(...any)
}, c *Checkpoint, path string) {
	for _, way := range []struct {
		write func(string, *Checkpoint) error
		read  func(string) (*Checkpoint, error)
	}{{Export, Import}, {Save, Load}} {
		if err := way.write(path, c); err != nil {
			t.Fatal(err)
		}
		got, err := way.read(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.Spec, got.Spec); d != "" {
			t.Error(d)
		}
		if d := sameTensors(c.Params, got.Params); d != "" {
			t.Error(d)
		}
	}
}

func TestLearnedChannelsOfX1(t *testing.T) {
	c, err := Import(shared.Glob(t, "checkpoints/csnet-L-x1.pth.tar")[0])
	if err != nil {
		t.Fatal(err)
	}
	var got [][][]int
	for _, st := range c.Spec.Stages {
		var outs [][]int
		for _, b := range st.Blocks {
			outs = append(outs, b.Out)
		}
		got = append(got, outs)
	}
	want := [][][]int{
		{{8, 10}},
		{{9, 10}, {10, 10}, {10, 10}},
		{{19, 13}, {19, 17}, {20, 12}, {34}},
		{{24, 21}, {26, 27}, {22, 18}, {19, 18}, {23, 18}, {38}},
		{{18, 29}, {25, 24}, {26, 20}, {50}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	head := &model.Head{Taps: []int{2, 3, 4}, Fuse: []int{12, 24, 24}, Dilations: []int{1, 2, 4, 8, 16}, Out: 60,
		MS: [][]int{{1, 2, 2, 2, 4}, {1, 4, 4, 4, 5}, {2, 2, 4, 5, 4}}}
	if d := cmp.Diff(head, c.Spec.Head); d != "" {
		t.Error(d)
	}
	for i, st := range c.Spec.Stages {
		for j, b := range st.Blocks {
			kernel, stride := 1, 1
			if j == 0 && i != 1 {
				kernel = 3
			}
			if j == 0 && i > 1 {
				stride = 2
			}
			if b.Kernel != kernel || b.Stride != stride {
				t.Errorf("stage %d, block %d: kernel %d, stride %d", i, j, b.Kernel, b.Stride)
			}
		}
	}
}

// TestDenormalsOfX1: the file holds 1845, learned and running ones; no learned
// one is left after import.
func TestDenormalsOfX1(t *testing.T) {
	path := shared.Glob(t, "checkpoints/csnet-L-x1.pth.tar")[0]
	denormals := func(data []float32) int {
		n := 0
		for _, v := range data {
			if v != 0 && math.Abs(float64(v)) < 0x1p-126 {
				n++
			}
		}
		return n
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := torchfile.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	before, after := 0, 0
	for _, x := range file {
		before += denormals(x.Data)
	}
	c, err := Import(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range c.Params.All() {
		if x.Role.Learned() {
			after += denormals(x.Data)
		}
	}
	if before != 1845 || after != 0 || len(file) != 739 {
		t.Errorf("%d denormals before, %d after in %d tensors; want 1845, 0, 739", before, after, len(file))
	}
}

// TestX1CutOrSpoilt: the released file cut at many points is an error that says
// where, and flipped bytes never bring the reader down.
func TestX1CutOrSpoilt(t *testing.T) {
	raw, err := os.ReadFile(shared.Glob(t, "checkpoints/csnet-L-x1.pth.tar")[0])
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(raw); n += 1 + len(raw)/101 {
		_, err := importRaw(raw[:n])
		if err == nil || n > 0 && !strings.Contains(err.Error(), "byte") {
			t.Errorf("cut at %d of %d: got %v", n, len(raw), err)
		}
		bad := slices.Clone(raw[:min(len(raw), n+4096)])
		bad[n] ^= 0xff
		importRaw(bad)
	}
}

func TestExportImportDrawn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpec(t)
		roundTrip(t, &Checkpoint{Spec: s, Params: drawnParams(t, s, rapid.Uint64().Draw(t, "seed"))}, path)
	})
}

// TestExportSpecIsPreferred: what shapes cannot tell (dilations, strides, eps)
// comes back from the file's Spec.
func TestExportSpecIsPreferred(t *testing.T) {
	a := model.DefaultArch()
	a.Width, a.Dilations, a.Eps = 0.5, []int{1, 3}, 1e-3
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	s.Stages[1].Blocks[0].Kernel = 3
	roundTrip(t, &Checkpoint{Spec: s, Params: drawnParams(t, s, 1)}, filepath.Join(t.TempDir(), "x"))
}

func TestExportNamesAndCounters(t *testing.T) {
	a := model.DefaultArch()
	a.Split = []float64{0, 1}
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x")
	if err := Export(path, &Checkpoint{Spec: s, Params: drawnParams(t, s, 1)}); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(path)
	f, err := safetensors.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	counters := 0
	for _, e := range f.Entries {
		if strings.HasSuffix(e.Name, ".num_batches_tracked") {
			counters++
			if e.DType != "I64" || len(e.Shape) != 0 {
				t.Errorf("%s is %s %v", e.Name, e.DType, e.Shape)
			}
		}
	}
	if counters != 106 { // 18 blocks of three norms, 15 of them on two octaves; 7 norms in the head
		t.Errorf("%d counters, want 106", counters)
	}
	for _, name := range []string{"bns.0.weight", "bns.0.running_var", "prelus.0.weight"} {
		if e, ok := f.Get("stage0.0.conv1x1." + name); !ok || !slices.Equal(e.Shape, []int{0}) {
			t.Errorf("%s of an absent octave: %v, %v", name, e.Shape, ok)
		}
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "csnet import") {
		t.Errorf("Load of an export: %v", err)
	}
}

// torchTensors puts a net into PyTorch's files under a prefix.
func torchTensors(ts map[string]ReleaseTensor, prefix string) []torchtest.Tensor {
	var out []torchtest.Tensor
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		out = append(out, torchtest.Tensor{Name: prefix + name, Shape: ts[name].Shape, Data: ts[name].Data})
		if norm, ok := strings.CutSuffix(name, ".running_var"); ok {
			out = append(out, torchtest.Tensor{Name: prefix + norm + counter, Shape: []int{}, Long: true})
		}
	}
	return out
}

func TestImportTorchFiles(t *testing.T) {
	dir := t.TempDir()
	c := tiny(t)
	ts := released(c.Spec, c.Params)
	for name, raw := range map[string][]byte{
		"plain": torchtest.Stream(torchTensors(ts, "")), "module": torchtest.Stream(torchTensors(ts, "module.")),
		"zip": torchtest.Zip(torchTensors(ts, "")), "trimmed": torchtest.Stream(torchTensors(trim(ts), "")),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Import(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := sameTensors(c.Params, got.Params); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "is a PyTorch file") {
			t.Errorf("Load of %s: %v", name, err)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	c := tiny(t)
	meta, own, err := encode(c)
	if err != nil {
		t.Fatal(err)
	}
	var checkpoint bytes.Buffer
	if err := safetensors.Write(&checkpoint, meta, own); err != nil {
		t.Fatal(err)
	}
	nan := released(c.Spec, c.Params)
	nan["cls_layer.bias"] = ReleaseTensor{Shape: []int{1}, Data: []float32{float32(math.NaN())}}
	for name, x := range map[string]struct {
		want string
		raw  []byte
	}{
		"empty":   {"is empty", nil},
		"text":    {"read as a PyTorch file", []byte("hello")},
		"own":     {"is a csnet checkpoint already", checkpoint.Bytes()},
		"nan":     {"tensor cls.bias: value 0 is NaN", torchtest.Stream(torchTensors(nan, ""))},
		"counter": {"tensor stage0.0.conv1x1.conv.weight has dtype I64", torchtest.Stream([]torchtest.Tensor{{Name: "stage0.0.conv1x1.conv.weight", Shape: []int{}, Long: true}})},
		"foreign": {"no net with the release's names", torchtest.Stream([]torchtest.Tensor{{Name: "a", Shape: []int{1}, Data: []float32{1}}})},
	} {
		if _, err := importRaw(x.raw); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got %v, want %q", name, err, x.want)
		}
	}
}
