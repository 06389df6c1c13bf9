package jpeg

import (
	"errors"

	"csnet/internal/kernel/pixels"
)

// noteProgress checks a progressive scan's header against those before it.
func (d *decoder) noteProgress(h scanHead) error {
	switch {
	case h.first > h.last || h.last > 63 || h.first == 0 && h.last != 0:
		return errors.New("a scan of coefficients that are not there")
	case h.first > 0 && len(h.comps) > 1:
		return errors.New("a scan of several colours' AC coefficients")
	case h.high != 0 && h.high != h.low+1 || h.low > 13:
		return errors.New("a scan of bits that do not follow")
	}
	for _, c := range h.comps {
		if !c.seen {
			for k := range c.bitsLeft {
				c.bitsLeft[k] = -1
			}
			c.seen = true
		}
		for k := h.first; k <= h.last; k++ {
			c.bitsLeft[k] = int8(h.low)
		}
		if c.coef == nil {
			c.kept = 64
			if c.side == 1 {
				c.kept = 1
			}
			c.coef = make([]int16, c.blocksX*d.mcusY*c.v*c.kept)
		}
	}
	return nil
}

// progressiveBlock gives what decodes a block of a progressive scan.
func (d *decoder) progressiveBlock(h scanHead) (func(c *component, x, y int) error, error) {
	refine := h.high > 0
	for _, c := range h.comps {
		if h.first == 0 && !refine && c.tableDC == nil || h.first > 0 && c.tableAC == nil {
			return nil, refused("lacks a Huffman table")
		}
	}
	at := func(c *component, x, y int) []int16 {
		i := (y*c.blocksX + x) * c.kept
		return c.coef[i : i+c.kept]
	}
	switch {
	case h.first == 0 && refine:
		return func(c *component, x, y int) error {
			if d.bits.fill(); d.bits.take(1) != 0 {
				at(c, x, y)[0] |= 1 << h.low
			}
			return nil
		}, nil
	case h.first == 0:
		return func(c *component, x, y int) error {
			d.bits.fill()
			if err := d.dcDiff(c); err != nil {
				return err
			}
			v := c.dcPred << h.low
			if v != int32(int16(v)) {
				return unusual("a coefficient of more than 16 bits")
			}
			at(c, x, y)[0] = int16(v)
			return nil
		}, nil
	case refine:
		return func(c *component, x, y int) error { return d.refine(h, c.tableAC, at(c, x, y)) }, nil
	}
	return func(c *component, x, y int) error { return d.band(h, c.tableAC, at(c, x, y)) }, nil
}

// band decodes the first bits of a band of coefficients (T.81, G.1.2.2).
func (d *decoder) band(h scanHead, t *table, coef []int16) error {
	if d.endOfBand > 0 {
		d.endOfBand--
		return nil
	}
	b := &d.bits
	for k := h.first; k <= h.last; k++ {
		b.fill()
		s, err := t.next(b)
		if err != nil {
			return err
		}
		run, size := int(s>>4), uint(s&15)
		if size == 0 {
			if run < 15 {
				d.endOfBand = 1<<run - 1
				if run > 0 {
					d.endOfBand += int(b.take(uint(run)))
				}
				return nil
			}
			k += 15
			continue
		}
		if k += run; k > h.last {
			return errBlock
		}
		v := extend(b.take(size), size) << h.low
		if v != int32(int16(v)) {
			return unusual("a coefficient of more than 16 bits")
		}
		coef[k] = int16(v)
	}
	return nil
}

// refine decodes another bit of a band of coefficients (T.81, G.1.2.3).
func (d *decoder) refine(h scanHead, t *table, coef []int16) error {
	b := &d.bits
	bit := int16(1) << h.low
	k := h.first
	if d.endOfBand == 0 {
		for ; k <= h.last; k++ {
			b.fill()
			s, err := t.next(b)
			if err != nil {
				return err
			}
			run, size, v := int(s>>4), uint(s&15), int16(0)
			switch {
			case size > 1:
				return errors.New("a refinement of more than a bit")
			case size == 1:
				if v = bit; b.take(1) == 0 {
					v = -bit
				}
			case run < 15:
				d.endOfBand = 1 << run
				if run > 0 {
					d.endOfBand += int(b.take(uint(run)))
				}
			}
			if d.endOfBand > 0 {
				break
			}
			if k = d.refineNonZero(coef, k, h.last, run, bit); k > h.last {
				return errBlock
			}
			if v != 0 {
				coef[k] = v
			}
		}
	}
	if d.endOfBand > 0 {
		d.endOfBand--
		d.refineNonZero(coef, k, h.last, -1, bit)
	}
	return nil
}

// refineNonZero reads a bit for every coefficient from k on that is not zero, and
// stops at the zero behind zeros others; it gives its place.
func (d *decoder) refineNonZero(coef []int16, k, last, zeros int, bit int16) int {
	for ; k <= last; k++ {
		v := coef[k]
		if v == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		if d.bits.n < 1 {
			d.bits.fill()
		}
		if d.bits.take(1) == 0 {
			continue
		}
		if v > 0 {
			coef[k] = v + bit
		} else {
			coef[k] = v - bit
		}
	}
	return k
}

// reconstruct makes the planes of a progressive file from its coefficients.
func (d *decoder) reconstruct() error {
	for i := range d.comps {
		c := &d.comps[i]
		if err := d.plane(c); err != nil {
			return err
		}
		for y := range d.mcusY * c.v {
			for x := range c.blocksX {
				d.pixels(c, x, y)
			}
		}
		c.coef = nil
	}
	return nil
}

// pixels makes a block's pixels.
func (d *decoder) pixels(c *component, x, y int) {
	at := (y*c.blocksX + x) * c.kept
	coef := c.coef[at : at+c.kept]
	dst := c.pix[c.side*(y*c.stride+x):]
	switch c.side {
	case 1:
		dst[0] = clamp((int(int32(coef[0])*c.quant[0]) + 4) >> 3)
	case 8:
		b, last := &d.block, 0
		*b = [64]int32{}
		for k, v := range coef {
			if v != 0 {
				b[natural[k]], last = int32(v)*c.quant[k], k
			}
		}
		pixels.InverseDCT(b, last, dst, c.stride)
	default:
		var sum [16]int
		for k, v := range coef {
			if v != 0 {
				sum[c.shrink.to[k]] += int(v) * c.shrink.by[k]
			}
		}
		c.shrink.inverse(&sum, dst, c.stride)
	}
}

// complete says whether the scans gave all of the picture. A file that ends without
// its mark may lack scans, and a progressive one would only be coarser for it.
func (d *decoder) complete(ended bool) error {
	for i := range d.comps {
		c := &d.comps[i]
		if !c.seen {
			return errShort
		}
		for _, left := range c.bitsLeft {
			if d.progressive && !ended && left != 0 {
				return errShort
			}
		}
	}
	if d.scans == 0 {
		return errors.New("no scan")
	}
	if d.progressive {
		return d.reconstruct()
	}
	return nil
}
