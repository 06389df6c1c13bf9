// Command tfevents prints what a TensorBoard event file holds, a line a value: step,
// tag, kind, and the number or a checksum of what the value is. It shares no code
// with what csnet writes such files by; it was written after TensorFlow's
// core/lib/io/record_writer.h and core/util/event.proto, core/framework/summary.proto.
// Usage: tfevents [-cut] FILE. With -cut a last record that is cut short is passed
// over; any other record that is not whole is an error.
package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"os"

	"google.golang.org/protobuf/encoding/protowire"
)

func main() {
	cut := flag.Bool("cut", false, "the last record may be cut short")
	flag.Parse()
	b, err := os.ReadFile(flag.Arg(0))
	if err == nil {
		err = file(b, *cut)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "tfevents: %s: %v\n", flag.Arg(0), err)
		os.Exit(1)
	}
}

// file reads records: uint64 length, uint32 masked crc of the length, the data,
// uint32 masked crc of the data, all little-endian.
func file(b []byte, cut bool) error {
	for at, n := 0, 0; at < len(b); n++ {
		rest := b[at:]
		if len(rest) < 12 || len(rest) < 16+int(binary.LittleEndian.Uint64(rest)) {
			if cut {
				return nil
			}
			return fmt.Errorf("record %d, at byte %d of %d, is cut short", n, at, len(b))
		}
		length := int(binary.LittleEndian.Uint64(rest))
		data := rest[12 : 12+length]
		if masked(rest[:8]) != binary.LittleEndian.Uint32(rest[8:]) || masked(data) != binary.LittleEndian.Uint32(rest[12+length:]) {
			return fmt.Errorf("record %d, at byte %d of %d: a checksum is wrong", n, at, len(b))
		}
		if err := event(data, n == 0); err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
		at += 16 + length
	}
	return nil
}

// masked is CRC-32C, bit by bit, rotated right by 15 bits, plus a constant.
func masked(b []byte) uint32 {
	crc := ^uint32(0)
	for _, v := range b {
		crc ^= uint32(v)
		for range 8 {
			crc = crc>>1 ^ -(crc&1)&0x82f63b78
		}
	}
	crc = ^crc
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// fields calls use for every field of a message; a number that is no varint comes as
// its bits in v.
func fields(b []byte, use func(n protowire.Number, v uint64, data []byte) error) error {
	for len(b) > 0 {
		n, kind, k := protowire.ConsumeTag(b)
		if k < 0 {
			return protowire.ParseError(k)
		}
		b = b[k:]
		var v uint64
		var data []byte
		switch kind {
		case protowire.VarintType:
			v, k = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var w uint32
			w, k = protowire.ConsumeFixed32(b)
			v = uint64(w)
		case protowire.Fixed64Type:
			v, k = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			data, k = protowire.ConsumeBytes(b)
		default:
			return fmt.Errorf("field %d has kind %d", n, kind)
		}
		if k < 0 {
			return protowire.ParseError(k)
		}
		if err := use(n, v, data); err != nil {
			return err
		}
		b = b[k:]
	}
	return nil
}

// event: wall_time 1, step 2, file_version 3, summary 5.
func event(b []byte, first bool) error {
	step, version := uint64(0), ""
	var summary []byte
	err := fields(b, func(n protowire.Number, v uint64, data []byte) error {
		switch n {
		case 1:
			if t := math.Float64frombits(v); t < 1e9 || t > 1e10 {
				return fmt.Errorf("wall_time is %g", t)
			}
		case 2:
			step = v
		case 3:
			version = string(data)
		case 5:
			summary = data
		default:
			return fmt.Errorf("an event has a field %d", n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if first != (version == "brain.Event:2") {
		return fmt.Errorf("file_version is %q, must be brain.Event:2 in the first event alone", version)
	}
	return fields(summary, func(n protowire.Number, _ uint64, data []byte) error {
		if n != 1 { // repeated Value value
			return fmt.Errorf("a summary has a field %d", n)
		}
		return value(step, data)
	})
}

// value: tag 1, simple_value 2, image 4, histo 5.
func value(step uint64, b []byte) error {
	tag, said := "", ""
	err := fields(b, func(n protowire.Number, v uint64, data []byte) error {
		switch n {
		case 1:
			tag = string(data)
		case 2:
			said = fmt.Sprintf("scalar %g", math.Float32frombits(uint32(v)))
		case 4:
			said = "image " + sum(data)
		case 5:
			said = "histogram " + sum(data)
		default:
			return fmt.Errorf("a value has a field %d", n)
		}
		return nil
	})
	if err == nil && (tag == "" || said == "") {
		err = errors.New("a value has no tag or is none")
	}
	fmt.Println(step, tag, said)
	return err
}

func sum(b []byte) string {
	h := fnv.New64a()
	_, _ = h.Write(b)
	return fmt.Sprintf("%016x", h.Sum64())
}
