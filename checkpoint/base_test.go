package checkpoint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/checkpoint/internal/torchtest"
	"csnet/model"
)

// A backbone's file gives its tensors, whatever prefix they have; what does not fit is
// listed with both shapes, and nothing is changed then.
func TestReadBackbone(t *testing.T) {
	s := csfNet(t)
	p, err := s.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name string, raw []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	few := torchtest.Zip([]torchtest.Tensor{
		{Name: "module.conv1.weight", Shape: []int{64, 3, 3, 3}, Data: make([]float32, 64*27)},
		{Name: "module.bn1.weight", Shape: []int{64}, Data: make([]float32, 64)},
	})
	for _, c := range []struct {
		path string
		want []string
	}{
		{file("few.pth", few), []string{"is no resnet50: 264 of its tensors do not fit", "conv1.weight has shape [64 3 3 3], must have [64 3 7 7]", "bn1.bias [64] is missing", "and 256 more"}},
		{file("cut.pth", few[:len(few)-9]), []string{"zip", "cut short"}},
		{file("bad.pth", torchtest.StreamOf([]byte("\x80\x02cos\nsystem\n(U\x02lstR."), []byte("\x80\x02]."))), []string{`"os.system" is not on the list`}},
		{filepath.Join(dir, "gone"), []string{"gone"}},
	} {
		_, err := ReadBackbone(c.path, s, p)
		for _, w := range c.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, must hold %q", c.path, err, w)
			}
		}
	}
	plain := p.Get("base.layer1.0.conv1.norm0.gamma").Data
	if plain[0] != 1 {
		t.Errorf("a file that does not fit changed gamma to %v", plain[0])
	}
}

// A file with all tensors of a backbone, and those of a classifier beside them.
func TestReadBackboneWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("a large file")
	}
	s := csfNet(t)
	p, err := s.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	ts := []torchtest.Tensor{{Name: "module.fc.bias", Shape: []int{1000}, Data: make([]float32, 1000)}, {Name: "module.more", Shape: []int{1}, Data: []float32{1}}}
	for i, e := range layout(s) {
		if name, ok := strings.CutPrefix(e.name, basePrefix); ok {
			data := make([]float32, product(e.shape))
			for k := range data {
				data[k] = float32(i + 1)
			}
			ts = append(ts, torchtest.Tensor{Name: "module." + name, Shape: e.shape, Data: data})
		}
	}
	path := filepath.Join(t.TempDir(), "backbone.pth")
	if err := os.WriteFile(path, torchtest.Zip(ts), 0o600); err != nil {
		t.Fatal(err)
	}
	left, err := ReadBackbone(path, s, p)
	if err != nil || len(left) != 1 || left[0] != "more" {
		t.Fatal(left, err)
	}
	for i, e := range layout(s) {
		if strings.HasPrefix(e.name, basePrefix) {
			if d := p.Get(e.parts[0].path).Data; d[0] != float32(i+1) || d[len(d)-1] != float32(i+1) {
				t.Errorf("%s begins with %v, must with %d", e.parts[0].path, d[0], i+1)
			}
		}
	}
}

// The names of a CSF net tell its Spec.
func TestReleaseSpecCSF(t *testing.T) {
	for _, name := range []string{"resnet50", "res2net50"} {
		s := csfNet(t)
		s.Backbone = name
		shapes := map[string][]int{}
		for _, e := range layout(s) {
			shapes[e.name] = e.shape
		}
		got, err := ReleaseSpec(shapes)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := describeSpec(t, got), describeSpec(t, s); a != b {
			t.Errorf("spec is\n%s, must be\n%s", a, b)
		}
	}
}

func describeSpec(t *testing.T, s model.Spec) string {
	t.Helper()
	text, err := encodeSpec(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func csfNet(t *testing.T) model.Spec {
	t.Helper()
	a := model.DefaultArch()
	a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, "resnet50", model.Resize, model.GroupNorm, 32
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
