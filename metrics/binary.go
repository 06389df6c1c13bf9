package metrics

import (
	"encoding/binary"
	"fmt"
)

// protocolLength is how many bytes the protocol's name takes in MarshalBinary.
const protocolLength = 16

// MarshalBinary gives all sums as they are, about 25 KB, the same bytes for the same
// images in any order: the protocol's name in 16 bytes, the number of images, then
// the sums, in 128 bits each, little-endian.
func (a *Aggregate) MarshalBinary() ([]byte, error) {
	if len(a.protocol) > protocolLength {
		return nil, fmt.Errorf("metrics: protocol %q has a name of more than %d bytes", a.protocol, protocolLength)
	}
	out := make([]byte, protocolLength, a.binarySize())
	copy(out, a.protocol)
	out = binary.LittleEndian.AppendUint64(out, uint64(a.images))
	for _, s := range a.sums() {
		out = binary.LittleEndian.AppendUint64(out, s.lo)
		out = binary.LittleEndian.AppendUint64(out, s.hi)
	}
	return out, nil
}

// UnmarshalBinary reads what MarshalBinary gives. Errors: another length, an unknown
// protocol.
func (a *Aggregate) UnmarshalBinary(b []byte) error {
	if len(b) != a.binarySize() {
		return fmt.Errorf("metrics: sums have %d bytes, must have %d", len(b), a.binarySize())
	}
	name := string(b[:protocolLength])
	for len(name) > 0 && name[len(name)-1] == 0 {
		name = name[:len(name)-1]
	}
	images := binary.LittleEndian.Uint64(b[protocolLength:])
	if images >= 1<<62 {
		return fmt.Errorf("metrics: sums of %d images", images)
	}
	if _, err := ParseProtocol(name); err != nil && (name != "" || images > 0) {
		return err
	}
	a.protocol, a.images = Protocol(name), int(images)
	b = b[protocolLength+8:]
	for _, s := range a.sums() {
		s.lo, s.hi = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		b = b[16:]
	}
	return nil
}

func (a *Aggregate) binarySize() int { return protocolLength + 8 + 16*len(a.sums()) }

// Images is how many images were added.
func (a *Aggregate) Images() int { return a.images }

// sums lists all sums, in an order that files rely on.
func (a *Aggregate) sums() []*exactSum {
	out := []*exactSum{&a.sal.mae, &a.py.mae, &a.py.adpF, &a.py.wf, &a.py.sm, &a.py.adpE, &a.py.iou, &a.py.dice, &a.py.ber}
	for _, c := range []*curveSum{&a.sal.precision, &a.sal.recall, &a.py.precision, &a.py.recall, &a.py.f, &a.py.e} {
		for t := range c {
			out = append(out, &c[t])
		}
	}
	return out
}
