package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
)

// sum is the checksum of the TFRecord format: CRC-32C, turned and shifted so
// that a checksum of data that holds checksums is no trivial one.
func sum(b []byte) uint32 {
	c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return (c>>15 | c<<17) + 0xa282ead8
}

// appendRecord appends a record with this payload to b.
func appendRecord(b, payload []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(payload)))
	b = binary.LittleEndian.AppendUint32(b, sum(b[at:]))
	b = append(b, payload...)
	return binary.LittleEndian.AppendUint32(b, sum(payload))
}

// nextRecord cuts the first whole record off b. It reports false where what is
// left is cut short or damaged, and at the end.
func nextRecord(b []byte) (payload, rest []byte, ok bool) {
	const head, tail = 12, 4
	if len(b) < head+tail || binary.LittleEndian.Uint32(b[8:]) != sum(b[:8]) {
		return nil, b, false
	}
	n := binary.LittleEndian.Uint64(b)
	if n > uint64(len(b)-head-tail) {
		return nil, b, false
	}
	payload = b[head : head+n]
	if binary.LittleEndian.Uint32(b[head+n:]) != sum(payload) {
		return nil, b, false
	}
	return payload, b[head+n+tail:], true
}
