package jpeg

import "csnet/internal/kernel/pixels"

// blockDecoder gives what decodes a block of a scan.
func (d *decoder) blockDecoder(h scanHead) (func(c *component, x, y int) error, error) {
	if d.progressive {
		return d.progressiveBlock(h)
	}
	for _, c := range h.comps {
		if c.seen {
			return nil, refused("has a colour twice")
		}
		c.seen = true
		if c.tableDC == nil || c.tableAC == nil {
			return nil, refused("lacks a Huffman table")
		}
		if err := d.plane(c); err != nil {
			return nil, err
		}
		c.tableDC.toDiff()
		switch c.side {
		case 1:
			c.tableAC.toSkip()
			c.decode = d.meanBlock
		case 8:
			c.tableAC.toRead()
			c.decode = d.wholeBlock
		default:
			c.tableAC.toRead()
			c.decode = d.reducedBlock
		}
	}
	return func(c *component, x, y int) error { return c.decode(c, x, y) }, nil
}

// plane makes a component's plane and notes its quantiser.
func (d *decoder) plane(c *component) error {
	q := d.quant[c.tq]
	if q == nil {
		return refused("lacks a quantisation table")
	}
	c.quant = q
	c.stride = c.blocksX * c.side
	c.pix = d.keep.plane(c.stride * d.mcusY * c.v * c.side)
	if c.side == 2 || c.side == 4 {
		c.shrink = newShrink(c.side, q)
	}
	return nil
}

// dcDiff reads a DC difference and adds it up (T.81, F.2.2.1); 32 bits are ready.
func (d *decoder) dcDiff(c *component) error {
	size, err := c.tableDC.next(&d.bits)
	if err != nil {
		return err
	}
	if size > 15 {
		return unusual("a difference of %d bits", size)
	}
	if size > 0 {
		c.dcPred += extend(d.bits.take(uint(size)), uint(size))
	}
	return nil
}

// dc0 is dcDiff at the beginning of a block of a sequential scan.
func (d *decoder) dc0(c *component) (cursor, error) {
	b := &d.bits
	at := b.cursor().filled(b.buf)
	if e := c.tableDC.diff[at.acc>>(64-lookBits)]; e != 0 {
		c.dcPred += int32(e) >> 16
		return at.behind(e), nil
	}
	b.at(at)
	err := d.dcDiff(c)
	return b.cursor(), err
}

// meanBlock decodes the mean of a block alone and passes over the rest.
func (d *decoder) meanBlock(c *component, x, y int) error {
	at, err := d.dc0(c)
	if err != nil {
		return err
	}
	b, skip := &d.bits, &c.tableAC.skip
	for k := uint(1); k < 64; {
		if at.n < 32 {
			at = at.filled(b.buf)
		}
		e := skip[at.acc>>(64-skipBits)]
		next := k + uint(e>>5)
		if next > 63 {
			if next > 64 && next < skipEnd || next > skipEnd+63 {
				// The codes lead too far, or are not in the table: one by itself.
				b.at(at)
				if k, err = b.pass(c.tableAC, k); err != nil {
					return err
				}
				at = b.cursor()
				continue
			}
			at = at.behind(uint32(e))
			break
		}
		at, k = at.behind(uint32(e)), next
	}
	b.at(at)
	c.pix[y*c.stride+x] = clamp((int(c.dcPred*c.quant[0]) + 4) >> 3)
	return nil
}

// pass passes over one AC code in front of coefficient k and gives the next one, 64
// at the end of a block; 32 bits are ready.
func (b *bits) pass(t *table, k uint) (uint, error) {
	v, err := t.next(b)
	if err != nil || v == 0 {
		return 64, err
	}
	run, size := uint(v>>4), uint(v&15)
	if size == 0 && run < 15 {
		return 0, errCode
	}
	if k += run + 1; k > 64 {
		return 0, errBlock
	}
	b.acc <<= size
	b.n -= size
	return k, nil
}

// acNumber reads the next AC code and its number, those that are not in the table of
// acEntry too: how many coefficients they stand for, 64 at the end of a block; 32 bits
// are ready.
func (t *table) acNumber(b *bits) (count int, v int32, err error) {
	s, err := t.next(b)
	if err != nil {
		return 0, 0, err
	}
	run, size := int(s>>4), uint(s&15)
	switch {
	case size > 0:
		v = extend(b.take(size), size)
	case run == 0:
		return 64, 0, nil
	case run < 15:
		return 0, 0, errCode
	}
	return run + 1, v, nil
}

// wholeBlock decodes a block of 8x8 pixels.
func (d *decoder) wholeBlock(c *component, x, y int) error {
	at, err := d.dc0(c)
	if err != nil {
		return err
	}
	b, coef, ac := &d.bits, &d.block, &c.tableAC.ac
	*coef = [64]int32{}
	coef[0] = c.dcPred * c.quant[0]
	last := 0
	for k := 0; k < 63; {
		if at.n < 32 {
			at = at.filled(b.buf)
		}
		e := ac[at.acc>>(64-lookBits)]
		count, v := int(e>>8&0xff), int32(e)>>16
		if e != 0 {
			at = at.behind(e)
		} else {
			b.at(at)
			if count, v, err = c.tableAC.acNumber(b); err != nil {
				return err
			}
			at = b.cursor()
		}
		if k += count; k > 63 {
			if count == 64 {
				break
			}
			return errBlock
		}
		coef[natural[k]&63] = v * c.quant[k]
		last = k
	}
	b.at(at)
	pixels.InverseDCT(coef, last, c.pix[8*(y*c.stride+x):], c.stride)
	return nil
}

// reducedBlock decodes a block of 4x4 or 2x2 means.
func (d *decoder) reducedBlock(c *component, x, y int) error {
	at, err := d.dc0(c)
	if err != nil {
		return err
	}
	b, s, ac := &d.bits, c.shrink, &c.tableAC.ac
	sum := [16]int{int(c.dcPred) * s.by[0]}
	for k := 0; k < 63; {
		if at.n < 32 {
			at = at.filled(b.buf)
		}
		e := ac[at.acc>>(64-lookBits)]
		count, v := int(e>>8&0xff), int32(e)>>16
		if e != 0 {
			at = at.behind(e)
		} else {
			b.at(at)
			if count, v, err = c.tableAC.acNumber(b); err != nil {
				return err
			}
			at = b.cursor()
		}
		if k += count; k > 63 {
			if count == 64 {
				break
			}
			return errBlock
		}
		sum[s.to[k]&15] += int(v) * s.by[k]
	}
	b.at(at)
	s.inverse(&sum, c.pix[c.side*(y*c.stride+x):], c.stride)
	return nil
}
