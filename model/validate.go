package model

// The bounds of what a Spec may hold.
const (
	MaxWidth    = 4096    // base width of an Arch: round(20 Width)
	MaxChannels = 1 << 16 // of one octave of a layer
	MaxBlocks   = 1000    // of one stage
	MaxOctaves  = 12      // from the image's resolution to the coarsest one
	MaxDilation = 1024
)

// Validate reports the first thing that keeps the spec from being built.
func (s Spec) Validate() error {
	if err := s.validateStyle(); err != nil {
		return err
	}
	if err := s.validateParts(); err != nil {
		return err
	}
	return s.validateGroups()
}

// validateStyle checks what holds for all layers.
func (s Spec) validateStyle() error {
	switch {
	case s.Kind != "" && s.Kind != KindCSF:
		return specError("net.kind", "kind is %q, must be none or %q", s.Kind, KindCSF)
	case s.Dialect != CSNet && s.Dialect != Resize && s.Dialect != Octave:
		return specError("net.dialect", "dialect is %q, must be %q, %q or %q", s.Dialect, CSNet, Resize, Octave)
	case s.Norm.Kind != BatchNorm && s.Norm.Kind != GroupNorm:
		return specError("net.norm", "norm is %q, must be %q or %q", s.Norm.Kind, BatchNorm, GroupNorm)
	case s.Norm.Kind == BatchNorm && s.Norm.Groups != 0:
		return specError("net.groups", "batch norm has %d groups, must have none", s.Norm.Groups)
	case s.Norm.Kind == GroupNorm && (s.Norm.Groups < 1 || s.Norm.Groups > MaxChannels):
		return specError("net.groups", "group norm has %d groups, must have 1 to %d", s.Norm.Groups, MaxChannels)
	case s.Balance && s.Dialect != Resize:
		return specError("net.balance", "balance is on in dialect %q, only %q has it", s.Dialect, Resize)
	case !(s.Norm.Eps > 0):
		return specError("net.eps", "norm eps is %g, must be above 0", s.Norm.Eps)
	case s.Input < 1:
		return specError("net", "input has %d channels, must be at least 1", s.Input)
	}
	return nil
}

// validateGroups checks that the groups divide the channels of every group norm.
func (s Spec) validateGroups() error {
	if s.Norm.Kind != GroupNorm {
		return nil
	}
	for _, l := range s.Layers() {
		for k, c := range l.Out {
			if l.Norm == GroupNorm && c%s.Norm.Groups != 0 {
				return specError("net.groups", "%s: octave %d has %d channels, must be a multiple of the %d groups of its norm", l.Name, l.Octave+k, c, s.Norm.Groups)
			}
		}
	}
	return nil
}

// validateParts checks stages, blocks and head.
func (s Spec) validateParts() error {
	if s.Kind == KindCSF {
		return s.validateCSF()
	}
	switch {
	case s.Backbone != "":
		return specError("net.backbone", "backbone is %q, a net of stages has none", s.Backbone)
	case len(s.Stages) == 0:
		return specError("net.blocks", "no stages")
	}
	level := 0
	for si, st := range s.Stages {
		if len(st.Blocks) == 0 {
			return specError("net.blocks", "stage %d has no blocks", si)
		}
		for bi, b := range st.Blocks {
			if err := b.validate(); err != nil {
				return within(err, "stage %d, block %d", si, bi)
			}
			if b.Stride == 2 {
				level++
			}
			if level+len(b.Out) > MaxOctaves {
				return specError("net.blocks", "stage %d, block %d: %d octaves after %d halvings, more than %d halvings in all", si, bi, len(b.Out), level, MaxOctaves-1)
			}
		}
	}
	last := s.Stages[len(s.Stages)-1].Blocks
	if s.Head == nil {
		if last[len(last)-1].Out[0] == 0 {
			return specError("net.split", "the last block's octave 0 is absent, the last conv needs it")
		}
		return nil
	}
	return s.Head.validate(s)
}

func (b Block) validate() error {
	switch {
	case b.Kernel != 1 && b.Kernel != 3:
		return specError("net", "kernel is %d, must be 1 or 3", b.Kernel)
	case b.Stride != 1 && b.Stride != 2:
		return specError("net", "stride is %d, must be 1 or 2", b.Stride)
	case len(b.Out) == 0:
		return specError("net.split", "no output octaves")
	}
	return channels("net.split", b.Out)
}

// channels checks counts per octave, which key decides: none negative, at least
// one present.
func channels(key string, cs []int) error {
	sum := 0
	for k, c := range cs {
		if c < 0 || c > MaxChannels {
			return specError(key, "octave %d has %d channels, must be 0 to %d", k, c, MaxChannels)
		}
		sum += c
	}
	if sum == 0 {
		return specError(key, "all octaves are absent, at least one needs a channel")
	}
	return nil
}

func (h *Head) validate(s Spec) error {
	if len(h.Taps) == 0 {
		return specError("net.head", "head: no taps")
	}
	inputs := 0
	for i, t := range h.Taps {
		if t < 0 || t >= len(s.Stages) || i > 0 && t <= h.Taps[i-1] {
			return specError("net.head", "head: taps are %v, must be stages 0 to %d in order", h.Taps, len(s.Stages)-1)
		}
		if l := s.level(t) - s.level(h.Taps[0]); l != i {
			return specError("net.head", "head: stage %d is %d octaves below the first tap, must be %d", t, l, i)
		}
		blocks := s.Stages[t].Blocks
		inputs += blocks[len(blocks)-1].Out[0]
	}
	if inputs == 0 {
		return specError("net.head", "head: octave 0 of all stages %v is absent, at least one must be there to read", h.Taps)
	}
	return h.validateChannels()
}

// validateChannels checks the head's own counts.
func (h *Head) validateChannels() error {
	if len(h.Fuse) != len(h.Taps) || len(h.MS) != len(h.Taps) {
		return specError("net.head", "head: %d taps, %d fuse widths, %d MSBlocks, must be as many", len(h.Taps), len(h.Fuse), len(h.MS))
	}
	if err := channels("net.head", h.Fuse); err != nil {
		return within(err, "head: fuse")
	}
	total := 0
	for k, bs := range h.MS {
		sum := 0
		if len(bs) != len(h.Dilations) {
			return specError("net.head", "head: MSBlock %d has %d branches for %d dilations", k, len(bs), len(h.Dilations))
		}
		for d, c := range bs {
			if c < 0 {
				return specError("net.head", "head: MSBlock %d, dilation %d has %d channels", k, h.Dilations[d], c)
			}
			sum += c
		}
		if sum > 0 && h.Fuse[k] == 0 {
			return specError("net.head", "head: MSBlock %d has %d channels but no input", k, sum)
		}
		total += sum
	}
	for _, d := range h.Dilations {
		if d < 1 || d > MaxDilation {
			return specError("net.dilations", "head: dilation is %d, must be 1 to %d", d, MaxDilation)
		}
	}
	if total == 0 || h.Out < 1 {
		return specError("net.head", "head: MSBlocks have %d channels, out has %d, both need at least 1", total, h.Out)
	}
	return nil
}
