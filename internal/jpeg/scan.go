package jpeg

import (
	"errors"
	"math"
)

// scanHead is what a scan's header says.
type scanHead struct {
	comps       []*component
	first, last int  // coefficients, in zig-zag order
	high, low   uint // successive approximation: the bits before and after this scan
}

// maxScans is more than any encoder writes: ten for progressive colour are usual.
// Without a bound a small file of many empty scans would take hours.
const maxScans = 256

// scan decodes a scan whose header is head and whose data begin rest; n is how
// much of rest they take.
func (d *decoder) scan(head, rest []byte) (n int, err error) {
	h, err := d.scanHead(head)
	if err != nil {
		return 0, err
	}
	if d.scans++; d.scans > maxScans {
		return 0, refused("has more than %d scans", maxScans)
	}
	if d.progressive {
		if err := d.noteProgress(h); err != nil {
			return 0, err
		}
		if h.first > 0 && h.comps[0].side == 1 { // only the mean of a block is wanted
			return passScan(rest)
		}
	}
	block, err := d.blockDecoder(h)
	if err != nil {
		return 0, err
	}
	return d.units(h, rest, block)
}

// scanHead reads a scan's header (T.81, B.2.3).
func (d *decoder) scanHead(b []byte) (h scanHead, err error) {
	if d.comps == nil {
		return h, errors.New("a scan before its frame")
	}
	if len(b) < 1 || b[0] < 1 || int(b[0]) > len(d.comps) || len(b) != 4+2*int(b[0]) {
		return h, errors.New("a scan's header of a wrong length")
	}
	n, units := int(b[0]), 0
	for i := range n {
		id, tables := b[1+2*i], b[2+2*i]
		var c *component
		for j := range d.comps {
			if d.comps[j].id == id {
				c = &d.comps[j]
			}
		}
		if c == nil || tables>>4 > 3 || tables&15 > 3 {
			return h, errors.New("a scan of a colour or a table that is not there")
		}
		for _, other := range h.comps {
			if other == c {
				return h, errors.New("a scan of one colour twice")
			}
		}
		c.tableDC, c.tableAC = d.dc[tables>>4], d.ac[tables&15]
		units += c.h * c.v
		h.comps = append(h.comps, c)
	}
	if n > 1 && units > 10 {
		return h, errors.New("a unit of more than ten blocks")
	}
	h.last = 63
	if d.progressive {
		b = b[1+2*n:]
		h.first, h.last, h.high, h.low = int(b[0]), int(b[1]), uint(b[2]>>4), uint(b[2]&15)
	}
	return h, nil
}

// passScan gives the length of a scan's data without reading them. Whether they
// are all there shows only where a marker follows.
func passScan(rest []byte) (int, error) {
	for at := 0; ; {
		marker, next := nextMarker(rest, at)
		switch {
		case marker == 0:
			return 0, errShort
		case marker < markRST0 || marker > markRST7:
			return next - 2, nil
		}
		at = next
	}
}

// units calls block for every block of a scan, unit by unit, restart markers
// minded: with the component, and the block's place in its plane in blocks.
func (d *decoder) units(h scanHead, rest []byte, block func(c *component, x, y int) error) (n int, err error) {
	cols, rows := d.mcusX, d.mcusY
	alone := len(h.comps) == 1
	if alone { // T.81, A.2.2: block by block, those of the border's padding left out
		c := h.comps[0]
		cols = (((d.w*c.h + d.maxH - 1) / d.maxH) + 7) / 8
		rows = (((d.h*c.v + d.maxV - 1) / d.maxV) + 7) / 8
	}
	marker, left, size := byte(markRST0), d.restart(h, rest), len(rest) // left: units to the next marker
	for y := range rows {
		for x := range cols {
			if left == 0 {
				if rest = d.bits.marker(); len(rest) < 2 || rest[1] != marker {
					return 0, errors.New("a restart marker that is not there")
				}
				marker = markRST0 + (marker+1)&7
				left = d.restart(h, rest[2:])
			}
			left--
			d.bits.ready()
			if alone {
				err = block(h.comps[0], x, y)
			} else {
				err = d.unit(h, x, y, block)
			}
			if err != nil {
				return 0, err
			}
			if d.bits.short() {
				return 0, errShort
			}
		}
	}
	if d.endOfBand > 0 {
		return 0, errBlock
	}
	return size - len(d.bits.marker()), nil
}

// restart begins the data up to the next marker and gives how many units they hold at
// most.
func (d *decoder) restart(h scanHead, rest []byte) int {
	d.bits.start(rest)
	for _, c := range h.comps {
		c.dcPred = 0
	}
	d.endOfBand = 0
	if d.interval == 0 {
		return math.MaxInt
	}
	return d.interval
}

// unit decodes one block or more of every component (T.81, A.2.3).
func (d *decoder) unit(h scanHead, x, y int, block func(c *component, x, y int) error) error {
	for _, c := range h.comps {
		for j := range c.v {
			for i := range c.h {
				if err := block(c, x*c.h+i, y*c.v+j); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
