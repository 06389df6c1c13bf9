package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

func sample() ([]Tensor, map[string]string) {
	return []Tensor{
		{Name: "n", I64: []int64{-5}},
		{Name: "a\"é", Shape: []int{2, 2}, F32: []float32{1, float32(math.Inf(-1)), 3, 1e-45}},
		{Name: "empty", Shape: []int{0}},
		{Name: "b", Shape: []int{1}, F32: []float32{-0.5}},
	}, map[string]string{"spec": `{"a": "<&>"}`, "format": "csnet/1"}
}

func TestBytesAsTheFormatSays(t *testing.T) {
	var b bytes.Buffer
	err := Write(&b, map[string]string{"k": "v"}, []Tensor{{Name: "w", Shape: []int{1, 2}, F32: []float32{1, 2}}})
	head := `{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`
	for len(head)%8 != 0 {
		head += " "
	}
	want := string(binary.LittleEndian.AppendUint64(nil, uint64(len(head)))) + head + "\x00\x00\x80\x3f\x00\x00\x00\x40"
	if err != nil || b.String() != want {
		t.Errorf("got %q, %v; want %q", b.String(), err, want)
	}
}

func TestRoundTrip(t *testing.T) {
	ts, meta := sample()
	var b, again bytes.Buffer
	if err := errors.Join(Write(&b, meta, ts), Write(&again, meta, ts)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Error("two writes differ")
	}
	f, err := Parse(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Meta, meta) || len(f.Entries) != len(ts) {
		t.Errorf("got %v and %d entries", f.Meta, len(f.Entries))
	}
	for _, want := range ts {
		got, ok := f.Get(want.Name)
		if !ok || !reflect.DeepEqual(append([]int{}, got.Shape...), append([]int{}, want.Shape...)) {
			t.Errorf("%s: got %v, %v", want.Name, got, ok)
		}
		if want.F32 != nil && !reflect.DeepEqual(got.F32(), want.F32) {
			t.Errorf("%s: got %v, want %v", want.Name, got.F32(), want.F32)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	for want, ts := range map[string][]Tensor{
		"values for shape": {{Name: "a", Shape: []int{2}, F32: []float32{1}}},
		"cannot be stored": {{Name: "\xff", Shape: []int{0}}},
		"is there twice":   {{Name: "a", Shape: []int{0}}, {Name: "a", Shape: []int{0}}},
	} {
		if err := Write(&bytes.Buffer{}, nil, ts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := Write(&bytes.Buffer{}, map[string]string{"a": "\xff"}, nil); err == nil {
		t.Error("metadata that is not UTF-8 was written")
	}
}

// file puts a header before n bytes of data.
func file(head string, n int) []byte {
	raw := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	return append(append(raw, head...), make([]byte, n)...)
}

func TestParseRefuses(t *testing.T) {
	one := func(desc string) string { return `{"a":` + desc + `}` }
	cases := []struct {
		name, want string
		raw        []byte
	}{
		{"empty", "file has 0 bytes", nil},
		{"huge header", "header length is", append([]byte("\xff\xff\xff\xff\xff\xff\xff\x7f{"), 1)},
		{"long header", "cut short", append([]byte("\x50\x00\x00\x00\x00\x00\x00\x00{"), 1)},
		{"no object", "does not start with {", file("[]", 0)},
		{"no header", "does not start with {", file("", 0)},
		{"half", "header", file(`{"a":`, 0)},
		{"rest", "after the closing }", file(`{} {}`, 0)},
		{"utf8", "not UTF-8", file("{\"\xff\":1}", 0)},
		{"double tensor", `"a" is there twice`, file(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 0)},
		{"double meta", `"k" is there twice`, file(`{"__metadata__":{"k":"1","k":"2"}}`, 0)},
		{"double key", `"shape" is there twice`, file(one(`{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}`), 4)},
		{"meta type", "__metadata__", file(`{"__metadata__":{"k":1}}`, 0)},
		{"unknown key", `unknown key "x"`, file(one(`{"dtype":"F32","shape":[1],"x":[0,4]}`), 4)},
		{"lacks", "needs dtype, shape", file(one(`{"dtype":"F32","shape":[1]}`), 4)},
		{"dtype", `dtype is "F31"`, file(one(`{"dtype":"F31","shape":[1],"data_offsets":[0,4]}`), 4)},
		{"not an object", "must be an object", file(one(`[1]`), 4)},
		{"negative", "negative or too large", file(one(`{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}`), 4)},
		{"overflow", "negative or too large", file(one(`{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}`), 0)},
		{"number", "cannot unmarshal", file(one(`{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,0]}`), 0)},
		{"float", "cannot unmarshal", file(one(`{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}`), 4)},
		{"sides", "at most 16", file(one(`{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}`), 4)},
		{"falling", "must rise", file(one(`{"dtype":"F32","shape":[0],"data_offsets":[4,0]}`), 4)},
		{"below", "must rise", file(one(`{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}`), 4)},
		{"beyond", "cut short", file(one(`{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`), 4)},
		{"bytes", "needs 8 bytes", file(one(`{"dtype":"F32","shape":[2],"data_offsets":[0,4]}`), 4)},
		{"gap", "must begin at 0", file(one(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`), 8)},
		{"surplus", "the file holds 8", file(one(`{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`), 8)},
		{"overlap", "gaps or overlaps", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4)},
	}
	for _, c := range cases {
		if _, err := Parse(c.raw); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// TestEveryCut: no prefix of a file is a file.
func TestEveryCut(t *testing.T) {
	ts, meta := sample()
	var b bytes.Buffer
	if err := Write(&b, meta, ts); err != nil {
		t.Fatal(err)
	}
	for n := range b.Bytes() {
		if _, err := Parse(b.Bytes()[:n]); err == nil {
			t.Errorf("cut at %d of %d: no error", n, b.Len())
		}
	}
}

func FuzzParse(f *testing.F) {
	ts, meta := sample()
	var b bytes.Buffer
	if err := Write(&b, meta, ts); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := Parse(raw)
		sameAsByJSON(t, raw, file, err)
		if err != nil {
			return
		}
		total := 0
		for _, e := range file.Entries {
			n, ok := count(e.Shape)
			if !ok || n*dtypeSize(e.DType) != len(e.raw) {
				t.Errorf("%s: %d bytes for %s %v", e.Name, len(e.raw), e.DType, e.Shape)
			}
			total += len(e.raw)
		}
		if total > len(raw) {
			t.Errorf("%d bytes of tensors in %d", total, len(raw))
		}
	})
}
