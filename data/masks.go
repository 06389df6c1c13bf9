package data

import (
	"context"
	"errors"
	"fmt"
	"math"

	"csnet/internal/parallel"
)

// Masks says how the masks of a set are read, and how much they hold.
type Masks struct {
	Coding Coding `json:"coding"`
	Why    string `json:"why"`   // why so; "" where it was asked for
	Count  int    `json:"count"` // masks that could be read
	Empty  int    `json:"empty"` // of them, with no pixel above 128
	Full   int    `json:"full"`  // of them, with every pixel above 128
}

// String is one line that tells a user how masks are read and why.
func (m Masks) String() string {
	if m.Why == "" {
		return fmt.Sprintf("masks: read as %s, as asked for", m.Coding)
	}
	return fmt.Sprintf("masks: read as %s: %s", m.Coding, m.Why)
}

// Blank is an error where not one mask has foreground, or not one background:
// nothing can be learned from or measured on them.
func (m Masks) Blank() error {
	switch {
	case m.Count == 0:
		return errors.New("data: not one mask can be read")
	case m.Empty == m.Count:
		return fmt.Errorf("data: all %d masks are empty, read as %s: not one pixel is above 128", m.Count, m.Coding)
	case m.Empty+m.Full == m.Count:
		return fmt.Errorf("data: all %d masks are of one level, %d empty and %d full, read as %s", m.Count, m.Empty, m.Full, m.Coding)
	}
	return nil
}

// masks settles how masks are read and measures their foreground.
func (c *inspector) masks(ctx context.Context, in *Inspection) error {
	bits, err := c.wideMasks(ctx)
	if err != nil {
		return err
	}
	looks := make([]look, 0, len(c.found))
	for i := range c.found {
		if c.found[i].mask {
			looks = append(looks, c.found[i].look)
		}
	}
	m := &in.Masks
	m.Coding, m.Count = c.o.Mask, len(looks)
	if k := c.o.Mask.Kind; k == "" || k == MaskAuto {
		v, err := decide(looks)
		m.Coding, m.Why, in.MaskErr = v.coding, v.why, err
		if err != nil {
			m.Coding, m.Why = Coding{Kind: MaskLuma}, ""
		}
	} else {
		m.Coding, in.MaskErr = complete(c.o.Mask, looks)
	}
	m.Coding.Bits = bits
	if bits != 0 && m.Why != "" {
		m.Why += fmt.Sprintf("; of 16 bits %d are in use", bits)
	}
	if err := c.measure(ctx, m); err != nil {
		return err
	}
	c.strays(m)
	return nil
}

// wideMasks finds out how many bits the 16-bit masks use and looks at them again
// by those.
func (c *inspector) wideMasks(ctx context.Context) (uint8, error) {
	wide := 0
	var again []int
	for i := range c.found {
		if l := &c.found[i].look; l.wide > 0 {
			wide = max(wide, l.wide)
			again = append(again, i)
		}
	}
	bits := bitsFor(wide)
	if bits == 0 {
		return 0, nil
	}
	return bits, parallel.Each(ctx, len(c.readers), len(again), nil, func(worker, k int) error {
		i := again[k]
		defer c.hold(worker, c.pairs[i].Mask)()
		s, err := c.readers[worker].decode(c.pairs[i].Mask)
		if err != nil {
			return err
		}
		old := c.found[i].look
		c.found[i].look, c.rgb[worker], c.alpha[worker] = lookAt(s, bits, c.rgb[worker], c.alpha[worker])
		l := &c.found[i].look
		l.path, l.jpeg, l.w, l.h = old.path, old.jpeg, old.w, old.h
		return nil
	})
}

// complete fills in what a coding that was asked for leaves open.
func complete(c Coding, looks []look) (Coding, error) {
	cut := 0
	for i := range looks {
		l := &looks[i]
		if l.cut {
			cut++
		}
		if c.Kind == MaskIndex {
			c.Void = c.Void || l.voidNumber || l.isRaw()
			if l.jpeg || l.coloured() && !l.paletted {
				c.Above = inkAbove
			}
		}
	}
	if c.Kind == MaskAlpha && cut == 0 && len(looks) > 0 {
		return c, fmt.Errorf("mask coding alpha was asked for, but none of %d masks has an alpha channel with clear and opaque parts (%s)", len(looks), looks[0].path)
	}
	return c, nil
}

// measure finds the share of foreground of every mask, read as decided.
func (c *inspector) measure(ctx context.Context, m *Masks) error {
	err := parallel.Each(ctx, len(c.readers), len(c.found), nil, func(worker, i int) error {
		f := &c.found[i]
		switch {
		case !f.mask:
		case m.Coding.Plain():
			f.share = f.look.luma.share
		case m.Coding.Kind == MaskAlpha:
			f.share = f.look.alpha.share
		case f.was == m.Coding:
			f.share = f.wasShare
		default:
			defer c.hold(worker, c.pairs[i].Mask)()
			r := &c.readers[worker]
			if err := r.readMask(c.pairs[i].Mask, m.Coding); err != nil {
				return err
			}
			n := 0
			for _, v := range r.mask.Pix {
				if v > 128 {
					n++
				}
			}
			f.share = float64(n) / float64(len(r.mask.Pix))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range c.found {
		f, path := &c.found[i], c.pairs[i].Mask
		switch {
		case !f.mask:
		case f.share == 0:
			m.Empty++
			f.add(EmptyMask, SeverityWarning, path, "no pixel is above 128%s", f.extreme(m.Coding, "highest", f.look.top()))
		case f.share == 1:
			m.Full++
			f.add(FullMask, SeverityWarning, path, "every pixel is above 128%s", f.extreme(m.Coding, "lowest", f.look.bottom()))
		case f.pixels() < speckPixels:
			f.add(SpeckMask, SeverityWarning, path, "pixels of foreground: %d; is that meant? Some measures are not defined for so few", f.pixels())
		}
	}
	return nil
}

// speckPixels is the size from which on an object is none that a slip of the hand left.
const speckPixels = 4

// pixels counts the foreground of a mask.
func (f *finding) pixels() int { return int(math.Round(f.share * float64(f.look.w*f.look.h))) }

// extreme names the highest or lowest level of a mask, where levels are read.
func (f *finding) extreme(c Coding, which string, level int) string {
	if !c.Plain() {
		return ", read as " + c.String()
	}
	return fmt.Sprintf(", the %s is %d", which, level)
}

// strays names the few masks that are not of the kind of the others.
func (c *inspector) strays(m *Masks) {
	if m.Why == "" {
		return
	}
	fits := map[MaskKind][]kind{
		MaskLuma: {blank, light, dim, inverted}, MaskAlpha: {blank, cutout}, MaskIndex: {blank, dim, label, light}, MaskColor: {blank, inverted},
	}[m.Coding.Kind]
	for i := range c.found {
		f := &c.found[i]
		if !f.mask {
			continue
		}
		ok, k := false, f.look.kind()
		for _, fit := range fits {
			ok = ok || fit == k
		}
		if !ok {
			f.add(OddMask, SeverityWarning, c.pairs[i].Mask, "looks like %s, not like the other masks", k.one())
		}
	}
}
