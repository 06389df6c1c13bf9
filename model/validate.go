package model

import "fmt"

// Validate reports the first thing that keeps the spec from being built.
func (s Spec) Validate() error {
	switch {
	case s.Dialect != "csnet":
		return fmt.Errorf("model: spec: dialect is %q, this version builds \"csnet\"", s.Dialect)
	case s.Norm.Kind != "batch":
		return fmt.Errorf("model: spec: norm is %q, this version builds \"batch\"", s.Norm.Kind)
	case !(s.Norm.Eps > 0):
		return fmt.Errorf("model: spec: norm eps is %g, must be above 0", s.Norm.Eps)
	case s.Input < 1:
		return fmt.Errorf("model: spec: input has %d channels, must be at least 1", s.Input)
	case len(s.Stages) == 0:
		return fmt.Errorf("model: spec: no stages")
	}
	level := 0
	for si, st := range s.Stages {
		if len(st.Blocks) == 0 {
			return fmt.Errorf("model: spec: stage %d has no blocks", si)
		}
		for bi, b := range st.Blocks {
			if err := b.validate(); err != nil {
				return fmt.Errorf("model: spec: stage %d, block %d: %w", si, bi, err)
			}
			if b.Stride == 2 {
				level++
			}
			if level+len(b.Out) > 12 {
				return fmt.Errorf("model: spec: stage %d, block %d: %d octaves after %d halvings, more than 11 halvings in all", si, bi, len(b.Out), level)
			}
		}
	}
	last := s.Stages[len(s.Stages)-1].Blocks
	if s.Head == nil {
		if last[len(last)-1].Out[0] == 0 {
			return fmt.Errorf("model: spec: the last block's octave 0 is absent, the last conv needs it")
		}
		return nil
	}
	return s.Head.validate(s)
}

func (b Block) validate() error {
	switch {
	case b.Kernel != 1 && b.Kernel != 3:
		return fmt.Errorf("kernel is %d, must be 1 or 3", b.Kernel)
	case b.Stride != 1 && b.Stride != 2:
		return fmt.Errorf("stride is %d, must be 1 or 2", b.Stride)
	case len(b.Out) == 0:
		return fmt.Errorf("no output octaves")
	}
	return channels(b.Out)
}

// channels checks counts per octave: none negative, at least one present.
func channels(cs []int) error {
	sum := 0
	for k, c := range cs {
		if c < 0 || c > 1<<16 {
			return fmt.Errorf("octave %d has %d channels, must be 0 to 65536", k, c)
		}
		sum += c
	}
	if sum == 0 {
		return fmt.Errorf("all octaves are absent, at least one needs a channel")
	}
	return nil
}

func (h *Head) validate(s Spec) error {
	if len(h.Taps) == 0 {
		return fmt.Errorf("model: spec: head: no taps")
	}
	if len(h.Fuse) != len(h.Taps) || len(h.MS) != len(h.Taps) {
		return fmt.Errorf("model: spec: head: %d taps, %d fuse widths, %d MSBlocks, must be as many", len(h.Taps), len(h.Fuse), len(h.MS))
	}
	if err := channels(h.Fuse); err != nil {
		return fmt.Errorf("model: spec: head: fuse: %w", err)
	}
	inputs := 0
	for i, t := range h.Taps {
		if t < 0 || t >= len(s.Stages) || i > 0 && t <= h.Taps[i-1] {
			return fmt.Errorf("model: spec: head: taps are %v, must be stages 0 to %d in order", h.Taps, len(s.Stages)-1)
		}
		if l := s.level(t) - s.level(h.Taps[0]); l != i {
			return fmt.Errorf("model: spec: head: stage %d is %d octaves below the first tap, must be %d", t, l, i)
		}
		blocks := s.Stages[t].Blocks
		inputs += blocks[len(blocks)-1].Out[0]
	}
	if inputs == 0 {
		return fmt.Errorf("model: spec: head: octave 0 of all stages %v is absent, at least one must be there to read", h.Taps)
	}
	total := 0
	for k, bs := range h.MS {
		sum := 0
		if len(bs) != len(h.Dilations) {
			return fmt.Errorf("model: spec: head: MSBlock %d has %d branches for %d dilations", k, len(bs), len(h.Dilations))
		}
		for d, c := range bs {
			if c < 0 {
				return fmt.Errorf("model: spec: head: MSBlock %d, dilation %d has %d channels", k, h.Dilations[d], c)
			}
			sum += c
		}
		if sum > 0 && h.Fuse[k] == 0 {
			return fmt.Errorf("model: spec: head: MSBlock %d has %d channels but no input", k, sum)
		}
		total += sum
	}
	for _, d := range h.Dilations {
		if d < 1 || d > 1024 {
			return fmt.Errorf("model: spec: head: dilation is %d, must be 1 to 1024", d)
		}
	}
	if total == 0 || h.Out < 1 {
		return fmt.Errorf("model: spec: head: MSBlocks have %d channels, out has %d, both need at least 1", total, h.Out)
	}
	return nil
}
