package model_test

import (
	"strings"
	"testing"

	"csnet/model"
)

// The parameters that the paper's nets on large backbones have, frozen ones included.
func TestCSFParameters(t *testing.T) {
	for name, want := range map[string]int{"resnet50": 36367169, "res2net50": 36528489} {
		s, err := csfArch(name).Spec()
		if err != nil {
			t.Fatal(err)
		}
		if got := s.ParamCount(); got != want {
			t.Errorf("%s: %d parameters, want %d", name, got, want)
		}
		n := 0
		for _, x := range s.Tensors() {
			if !x.Role.Learned() {
				continue
			}
			k := 1
			for _, d := range x.Shape {
				k *= d
			}
			n += k
		}
		if n != want {
			t.Errorf("%s: tensors of %d values, want %d", name, n, want)
		}
	}
}

func csfArch(backbone string) model.Arch {
	a := model.DefaultArch()
	a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, backbone, model.Resize, model.GroupNorm, 32
	return a
}

// What cannot be is refused at the key that decides it.
func TestDialectErrors(t *testing.T) {
	for _, c := range []struct {
		change    func(*model.Arch)
		key, text string
	}{
		{func(a *model.Arch) { a.Dialect = "max" }, "net.dialect", `dialect is "max", must be "csnet", "resize" or "octave"`},
		{func(a *model.Arch) { a.Balance = true }, "net.balance", `balance is on in dialect "csnet", only "resize" has it`},
		{func(a *model.Arch) { a.Groups = 2 }, "net.groups", "batch norm has 2 groups"},
		{func(a *model.Arch) { a.Norm = model.GroupNorm }, "net.groups", "group norm has 0 groups"},
		{func(a *model.Arch) { a.Norm, a.Groups = model.GroupNorm, 4 }, "net.groups", "stage0.0.mix: octave 0 has 10 channels, must be a multiple of the 4 groups"},
		{func(a *model.Arch) { a.Kind = "unet" }, "net.kind", `is "unet", must be "csnet" or "csf"`},
		{func(a *model.Arch) { a.Backbone = "resnet50" }, "net.backbone", "a net of stages has none"},
		{func(a *model.Arch) { *a = csfArch("vgg16") }, "net.backbone", `backbone is "vgg16", must be resnet50 or res2net50`},
		{func(a *model.Arch) { *a = csfArch("resnet50"); a.Dialect = model.Octave }, "net.dialect", `needs "resize"`},
		{func(a *model.Arch) { *a = csfArch("resnet50"); a.Head = []int{32, 32} }, "net.head", "has 2 widths, must have 4"},
		{func(a *model.Arch) { *a = csfArch("resnet50"); a.Groups = 48 }, "net.groups", "csf.fuse: octave 0 has 128 channels"},
	} {
		a := model.DefaultArch()
		c.change(&a)
		_, err := a.Spec()
		e, ok := err.(*model.Error)
		if !ok || e.Key != c.key || !strings.Contains(err.Error(), c.text) {
			t.Errorf("error %v (%+v), must have key %s and hold %q", err, e, c.key, c.text)
		}
	}
}

// The dialect that resizes takes any size down to its coarsest map's one pixel; the others
// take multiples.
func TestDialectSizes(t *testing.T) {
	a := model.DefaultArch()
	a.Dialect = model.Resize
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	if s.Multiple() != 1 || s.CheckSize(97, 130) != nil {
		t.Errorf("multiple %d, 97x130: %v", s.Multiple(), s.CheckSize(97, 130))
	}
	if err := s.CheckSize(15, 40); err == nil || !strings.Contains(err.Error(), "15x40, both sides must be at least 16") {
		t.Errorf("15x40: %v", err)
	}
	a.Dialect = model.Octave
	if s, err = a.Spec(); err != nil {
		t.Fatal(err)
	}
	if s.Multiple() != 16 || s.CheckSize(97, 130) == nil {
		t.Errorf("octave: multiple %d, 97x130 taken", s.Multiple())
	}
}
