package jpeg

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
	c.pix = make([]byte, c.stride*d.mcusY*c.v*c.side)
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

// meanBlock decodes the mean of a block alone and passes over the rest.
func (d *decoder) meanBlock(c *component, x, y int) error {
	b := &d.bits
	b.fill()
	if err := d.dcDiff(c); err != nil {
		return err
	}
	t := c.tableAC
	for k := uint32(1); k < 64; {
		if b.n < 32 {
			b.fill()
		}
		e := t.skip[b.acc>>(64-lookBits)]
		next := k + e>>8&0xff
		if e == 0 || next > 63 && !(next == 64 && e < endOfBlock) {
			v, err := t.next(b)
			if err != nil {
				return err
			}
			run, size := uint32(v>>4), uint(v&15)
			if v == 0 {
				break
			}
			if size == 0 && run < 15 {
				return errCode
			}
			if k += run + 1; k > 64 {
				return errBlock
			}
			b.acc <<= size
			b.n -= size
			continue
		}
		b.acc <<= e & 0xff
		b.n -= uint(e & 0xff)
		k = next
		if e >= endOfBlock {
			break
		}
	}
	c.pix[y*c.stride+x] = clamp((int(c.dcPred*c.quant[0]) + 4) >> 3)
	return nil
}

// acNumber reads the next AC code and its number: how many coefficients they stand
// for, 64 at the end of a block; 32 bits are ready.
func (t *table) acNumber(b *bits) (count int, v int32, err error) {
	if e := t.ac[b.acc>>(64-lookBits)]; e != 0 {
		b.acc <<= e & 0xff
		b.n -= uint(e & 0xff)
		return int(e >> 8 & 0xff), int32(e) >> 16, nil
	}
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
	b, coef := &d.bits, &d.block
	b.fill()
	if err := d.dcDiff(c); err != nil {
		return err
	}
	*coef = [64]int32{}
	coef[0] = c.dcPred * c.quant[0]
	last := 0
	for k := 0; ; {
		if b.n < 32 {
			b.fill()
		}
		count, v, err := c.tableAC.acNumber(b)
		if err != nil {
			return err
		}
		if count == 64 {
			break
		}
		if k += count; k > 63 {
			return errBlock
		}
		coef[natural[k]] = v * c.quant[k]
		last = k
		if k == 63 {
			break
		}
	}
	inverse(coef, last, c.pix[8*(y*c.stride+x):], c.stride)
	return nil
}

// reducedBlock decodes a block of 4x4 or 2x2 means.
func (d *decoder) reducedBlock(c *component, x, y int) error {
	b, s := &d.bits, c.shrink
	b.fill()
	if err := d.dcDiff(c); err != nil {
		return err
	}
	sum := [16]int{int(c.dcPred) * s.by[0]}
	for k := 0; ; {
		if b.n < 32 {
			b.fill()
		}
		count, v, err := c.tableAC.acNumber(b)
		if err != nil {
			return err
		}
		if count == 64 {
			break
		}
		if k += count; k > 63 {
			return errBlock
		}
		sum[s.to[k]] += int(v) * s.by[k]
		if k == 63 {
			break
		}
	}
	s.inverse(&sum, c.pix[c.side*(y*c.stride+x):], c.stride)
	return nil
}
