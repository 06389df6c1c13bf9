// Package torchtest writes PyTorch's file formats for tests.
package torchtest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

// Tensor is one entry of a state dict.
type Tensor struct {
	Name   string
	Shape  []int
	Stride []int // nil: row-major
	Offset int
	Data   []float32 // of the storage
	Long   bool      // an int64 scalar 0 instead
}

// Pickle collects opcodes.
type Pickle struct{ bytes.Buffer }

// Op appends raw bytes.
func (p *Pickle) Op(s string) *Pickle { p.WriteString(s); return p }

// Str pushes a string.
func (p *Pickle) Str(s string) *Pickle {
	p.WriteByte('X')
	binary.Write(p, binary.LittleEndian, uint32(len(s)))
	p.WriteString(s)
	return p
}

// Int pushes an integer.
func (p *Pickle) Int(n int) *Pickle {
	p.WriteString("\x8a\x08")
	binary.Write(p, binary.LittleEndian, int64(n))
	return p
}

// Ints pushes a tuple of integers.
func (p *Pickle) Ints(ns []int) *Pickle {
	p.Op("(")
	for _, n := range ns {
		p.Int(n)
	}
	return p.Op("t")
}

// Tensor pushes a tensor whose storage is called key.
func (p *Pickle) Tensor(t Tensor, key string, legacy bool) *Pickle {
	class, numel, stride := "FloatStorage", len(t.Data), t.Stride
	if t.Long {
		class, numel = "LongStorage", 1
	}
	if stride == nil {
		stride = make([]int, len(t.Shape))
		n := 1
		for d := len(stride) - 1; d >= 0; d-- {
			stride[d] = n
			n *= t.Shape[d]
		}
	}
	p.Op("ctorch._utils\n_rebuild_tensor_v2\n((").Str("storage").Op("ctorch\n" + class + "\n").Str(key).Str("cuda:0").Int(numel)
	if legacy {
		p.Op("N")
	}
	return p.Op("tQ").Int(t.Offset).Ints(t.Shape).Ints(stride).Op("\x89ccollections\nOrderedDict\n)RtR")
}

// StateDict pickles {"epoch": 3, "state_dict": OrderedDict} with a _metadata
// attribute, as PyTorch does.
func StateDict(ts []Tensor, legacy bool) []byte {
	p := &Pickle{}
	p.Op("\x80\x02}q\x00(").Str("epoch").Op("K\x03").Str("state_dict").Op("ccollections\nOrderedDict\n)Rq\x01(")
	for i, t := range ts {
		p.Str(t.Name).Tensor(t, fmt.Sprint(i), legacy)
	}
	return p.Op("u}").Str("_metadata").Op("}sbu.").Bytes()
}

// Stream writes the old format.
func Stream(ts []Tensor) []byte {
	keys := &Pickle{}
	keys.Op("\x80\x02](")
	for i := range ts {
		keys.Str(fmt.Sprint(i))
	}
	return append(StreamOf(StateDict(ts, true), keys.Op("e.").Bytes()), storages(ts)...)
}

// StreamOf writes the old format's pickles around the object's and the keys'.
func StreamOf(object, keys []byte) []byte {
	p := &Pickle{}
	p.Op("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.")
	p.Op("\x80\x02}(").Str("little_endian").Op("\x88").Str("protocol_version").Op("M\xe9\x03u.")
	p.Write(object)
	p.Write(keys)
	return p.Bytes()
}

func storages(ts []Tensor) []byte {
	var b bytes.Buffer
	for _, t := range ts {
		if t.Long {
			binary.Write(&b, binary.LittleEndian, []int64{1, 0})
			continue
		}
		binary.Write(&b, binary.LittleEndian, int64(len(t.Data)))
		b.Write(Raw(t.Data))
	}
	return b.Bytes()
}

// Raw returns little-endian float32 values.
func Raw(data []float32) []byte {
	out := make([]byte, 0, 4*len(data))
	for _, v := range data {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

// Zip writes the format since PyTorch 1.6.
func Zip(ts []Tensor) []byte {
	members := []Member{{"archive/data.pkl", StateDict(ts, false)}, {"archive/byteorder", []byte("little")}}
	for i, t := range ts {
		raw := Raw(t.Data)
		if t.Long {
			raw = make([]byte, 8)
		}
		members = append(members, Member{fmt.Sprintf("archive/data/%d", i), raw})
	}
	return ZipOf(members)
}

// Member is one file of a zip.
type Member struct {
	Name string
	Raw  []byte
}

// ZipOf writes the members, stored.
func ZipOf(members []Member) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		// Writes to a bytes.Buffer do not fail.
		w, _ := z.CreateHeader(&zip.FileHeader{Name: m.Name})
		w.Write(m.Raw)
	}
	z.Close()
	return b.Bytes()
}
