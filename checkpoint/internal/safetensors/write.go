// Package safetensors reads and writes the safetensors format: an 8-byte
// little-endian header length, a JSON header padded with spaces to a multiple
// of 8, then the tensors' raw little-endian bytes without gaps.
//
// Source: https://github.com/huggingface/safetensors, section "Format". Stricter
// than other readers where the format leaves room: see Parse.
package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"unicode/utf8"
)

// Tensor is one tensor to write: float32 values, or int64 ones when I64 is set.
type Tensor struct {
	Name  string
	Shape []int // empty for a scalar
	F32   []float32
	I64   []int64
}

// Write writes meta as __metadata__ and the tensors in the order given. Equal
// input gives equal bytes. For alignment int64 tensors should come first.
// Errors: a name or a metadata string that is not UTF-8, two tensors of one
// name, values that do not fit their shape, and w's own.
func Write(w io.Writer, meta map[string]string, ts []Tensor) error {
	head, err := header(meta, ts)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<16)
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], uint64(len(head)))
	b.Write(word[:]) // a bufio.Writer keeps its first error for Flush
	b.Write(head)
	scratch := make([]byte, Scratch)
	for _, t := range ts {
		t.WriteValues(b, scratch)
	}
	return b.Flush()
}

// Scratch is how many bytes of memory WriteValues works in.
const Scratch = 1 << 14

// WriteValues writes the tensor's values as the file holds them, by way of buf of Scratch
// bytes. w must keep its errors, as a bufio.Writer and a hash do.
func (t Tensor) WriteValues(w io.Writer, buf []byte) {
	for vs := t.F32; len(vs) > 0; {
		n := min(len(vs), len(buf)/4)
		for i, v := range vs[:n] {
			binary.LittleEndian.PutUint32(buf[4*i:], math.Float32bits(v))
		}
		_, _ = w.Write(buf[:4*n])
		vs = vs[n:]
	}
	for vs := t.I64; len(vs) > 0; {
		n := min(len(vs), len(buf)/8)
		for i, v := range vs[:n] {
			binary.LittleEndian.PutUint64(buf[8*i:], uint64(v))
		}
		_, _ = w.Write(buf[:8*n])
		vs = vs[n:]
	}
}

func header(meta map[string]string, ts []Tensor) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"__metadata__":`)
	for k, v := range meta {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return nil, fmt.Errorf("metadata %q is not UTF-8", k)
		}
	}
	if err := writeJSON(&b, meta); err != nil {
		return nil, err
	}
	at := 0
	seen := make(map[string]bool, len(ts))
	for _, t := range ts {
		dtype, size, n := "F32", 4, len(t.F32)
		if t.I64 != nil {
			dtype, size, n = "I64", 8, len(t.I64)
		}
		switch want, ok := count(t.Shape); {
		case !ok || want != n || t.I64 != nil && t.F32 != nil:
			return nil, fmt.Errorf("tensor %s: %d values for shape %v", t.Name, n, t.Shape)
		case !utf8.ValidString(t.Name) || t.Name == metadataKey:
			return nil, fmt.Errorf("tensor name %q cannot be stored", t.Name)
		case seen[t.Name]:
			return nil, fmt.Errorf("tensor %s is there twice", t.Name)
		}
		seen[t.Name] = true
		b.WriteByte(',')
		if err := writeJSON(&b, t.Name); err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, `:{"dtype":"%s","shape":`, dtype)
		if err := writeJSON(&b, append([]int{}, t.Shape...)); err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, `,"data_offsets":[%d,%d]}`, at, at+n*size)
		at += n * size
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	return b.Bytes(), nil
}

// writeJSON appends v to b.
func writeJSON(b *bytes.Buffer, v any) error {
	raw, err := json.Marshal(v)
	b.Write(raw)
	return err
}

// count returns the product of shape, false when a side is negative or the
// product above what a file could hold.
func count(shape []int) (int, bool) {
	n := 1
	for _, d := range shape {
		if d < 0 {
			return 0, false
		}
		if d > 0 && n > math.MaxInt/16/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}
