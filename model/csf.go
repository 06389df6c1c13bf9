package model

import (
	"fmt"
	"slices"
	"strings"
)

// csfHead are the widths of the head's octaves on a large backbone.
func csfHead() []int { return []int{128, 256, 512, 512} }

// csf returns the Spec of the head on a backbone, or of a plain 1x1 convolution on its last
// stage in place of the head.
//
// Source: Gao et al., ECCV 2020, section 4 (CSF on ResNet-50 and Res2Net-50).
func (a Arch) csf() (Spec, error) {
	s := a.style()
	s.Kind = KindCSF
	if len(a.Dilations) == 0 {
		return Spec{}, archError("net.dilations", "is empty, the head needs at least one")
	}
	if a.ExtractorOnly {
		return s, s.Validate()
	}
	h := &Head{Taps: []int{0, 1, 2, 3}, Fuse: csfHead(), Dilations: a.Dilations}
	if len(a.Head) > 0 {
		h.Fuse = slices.Clone(a.Head)
	}
	if len(h.Fuse) != len(h.Taps) {
		return Spec{}, archError("net.head", "has %d widths, must have %d, one for each stage of the backbone", len(h.Fuse), len(h.Taps))
	}
	h.branch(a.Dilations)
	s.Head = h
	return s, s.Validate()
}

// validateCSF checks the head on a backbone.
func (s Spec) validateCSF() error {
	if _, ok := FindBackbone(s.Backbone); !ok {
		var names []string
		for _, b := range Backbones() {
			names = append(names, b.Name)
		}
		return specError("net.backbone", "backbone is %q, must be %s", s.Backbone, strings.Join(names, " or "))
	}
	switch {
	case s.Dialect != Resize:
		return specError("net.dialect", "dialect is %q, the head on a backbone needs %q", s.Dialect, Resize)
	case s.Input != 3:
		return specError("net", "input has %d channels, a backbone reads 3", s.Input)
	case len(s.Stages) > 0:
		return specError("net", "%d stages beside a backbone, must be none", len(s.Stages))
	case s.Head == nil:
		return nil
	case !slices.Equal(s.Head.Taps, []int{0, 1, 2, 3}):
		return specError("net.head", "head: taps are %v, must be the backbone's stages 0 to 3", s.Head.Taps)
	}
	return s.Head.validateChannels()
}

// unrollCSF lists the layers of the backbone, then those of the head.
func (s Spec) unrollCSF() []Layer {
	b, _ := FindBackbone(s.Backbone)
	ls := b.layers()
	var taps []int
	for _, st := range b.Stages {
		taps = append(taps, st[len(st)-1].Expand.Out)
	}
	if s.Head == nil {
		return append(ls, cls(taps[len(taps)-1], len(taps)+1))
	}
	return append(ls, s.Head.layers(taps, 2)...)
}

// Backbone is a residual net without its classifier: a stem, a 3x3 max pool of stride 2,
// and stages of blocks, the outputs of which have 1/4, 1/8, ... of the image's sides.
type Backbone struct {
	Name   string
	Stem   []Unit
	Stages [][]Residual
}

// Unit is a convolution, zero padded by half its kernel, with a norm after it.
type Unit struct {
	Name                    string
	In, Out, Kernel, Stride int
	Level                   int // halvings before it
}

// Residual is a block: Reduce, ReLU, Middle, Expand, the shortcut added, ReLU.
type Residual struct {
	Reduce Unit
	// Middle is one 3x3 convolution, or one each of the first parts of Parts equal ones
	// (Gao et al., Res2Net, 2019); ReLU follows each.
	Middle   []Unit
	Expand   Unit
	Shortcut *Unit // nil: the block's input as it is
	Parts    int
	Stride   int
	// First says that the block is its stage's first: parts do not hand their result on,
	// and the last part is averaged.
	First bool
	// Pooled says that the shortcut is averaged by the stride before its convolution.
	Pooled bool
}

// Backbones lists the backbones there are.
func Backbones() []Backbone { return []Backbone{resNet50(), res2Net50()} }

// FindBackbone returns the backbone of this name.
func FindBackbone(name string) (Backbone, bool) {
	all := Backbones()
	i := slices.IndexFunc(all, func(b Backbone) bool { return b.Name == name })
	if i < 0 {
		return Backbone{}, false
	}
	return all[i], true
}

// layers lists the convolutions in the order in which they run; a block's shortcut comes
// last.
func (b Backbone) layers() []Layer {
	var ls []Layer
	add := func(us ...Unit) {
		for _, u := range us {
			ls = append(ls, u.layer())
		}
	}
	add(b.Stem...)
	for _, st := range b.Stages {
		for _, r := range st {
			add(r.Reduce)
			add(r.Middle...)
			add(r.Expand)
			if r.Shortcut != nil {
				add(*r.Shortcut)
			}
		}
	}
	return ls
}

func (u Unit) layer() Layer {
	l := Layer{
		Name: u.Name, Part: Base, Op: OpConvNorm, Kernel: u.Kernel, Stride: u.Stride, In: []int{u.In}, Out: []int{u.Out},
		InLevel: u.Level, OutLevel: u.Level, Stage: -1, Block: -1, Norm: FrozenNorm,
	}
	if u.Stride == 2 {
		l.OutLevel++
	}
	return l
}

// residualStages lists four stages of so many blocks; block makes one of p planes over in
// channels, at a level, first or not.
func residualStages(blocks [4]int, block func(name string, in, p, level int, first bool) Residual) [][]Residual {
	var out [][]Residual
	in, level := 64, 2
	for s, n := range blocks {
		p := 64 << s
		var st []Residual
		for k := range n {
			st = append(st, block(fmt.Sprintf("%s.layer%d.%d", Base, s+1, k), in, p, level, k == 0))
			in = 4 * p
			if k == 0 && s > 0 {
				level++
			}
		}
		out = append(out, st)
	}
	return out
}

// stride is 2 in the first block of all stages but the first, of 64 planes.
func stride(p int, first bool) int {
	if first && p > 64 {
		return 2
	}
	return 1
}
