package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"testing"
	"unicode/utf8"
)

// sameAsByJSON compares what Parse made of raw with what JSON's decoder alone makes of it.
func sameAsByJSON(t *testing.T, raw []byte, got *File, err error) {
	t.Helper()
	if len(raw) < 8 {
		return
	}
	n := binary.LittleEndian.Uint64(raw)
	if n > maxHeader || n > uint64(len(raw)-8) {
		return
	}
	head, data := raw[8:8+n], raw[8+n:]
	if len(head) == 0 || head[0] != '{' || !utf8.Valid(head) {
		return
	}
	want := &File{}
	spans, wrong := want.anyHeader(head, len(data))
	if wrong == nil {
		wrong = want.line(spans, len(data))
	}
	if wrong != nil {
		if err == nil || err.Error() != "header: "+wrong.Error() {
			t.Fatalf("%q: error %v, JSON's decoder says %v", head, err, wrong)
		}
		return
	}
	want.place(data)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%q: %+v, %v, by JSON's decoder %+v", head, got, err, want)
	}
}

// Headers as Write writes them are read by the quick way, and no header otherwise than
// JSON's decoder reads it: with each byte changed, left out and put in, and such as look
// plain and are not.
func TestPlainHeader(t *testing.T) {
	ts, meta := sample()
	ts[1].Name = "a.\u00e9" // without an escape
	meta["config"] = "net:\n  <width>: \"0.5\" \\ \u00e4 \u2028\n"
	var b bytes.Buffer
	if err := Write(&b, meta, ts); err != nil {
		t.Fatal(err)
	}
	n := binary.LittleEndian.Uint64(b.Bytes())
	head, size := b.Bytes()[8:8+n], b.Len()-8-int(n)
	if spans, ok := new(File).plainHeader(string(head), size); !ok || len(spans) != len(ts) {
		t.Fatalf("%d tensors, plain %t: our own header is not read by the quick way", len(spans), ok)
	}
	try := func(head string) {
		t.Helper()
		raw := file(head, size)
		got, err := Parse(raw)
		sameAsByJSON(t, raw, got, err)
	}
	const signs = "{}[]\",:\\ \t\n0129-+.eEnu\x00a"
	for i := range head {
		try(string(head[:i]) + string(head[i+1:]))
		for _, c := range signs {
			try(string(head[:i]) + string(c) + string(head[i+1:]))
			try(string(head[:i]) + string(c) + string(head[i:]))
		}
	}
	one := `{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`
	for _, head := range []string{
		"{}", "{} ", "{ }", "{,}", `{"a":` + one + `}`, `{"a":` + one + `,}`, `{"a":` + one + `,"a":` + one + `}`,
		`{"a":` + one + `,"\u0061":` + one + `}`, `{"__metadata__":{},"__metadata__":{}}`, `{"__metadata__":{},"a":` + one + `}`,
		`{"__metadata__":null}`, `{"__metadata__":{"a":null}}`, `{"__metadata__":{"a":"\ud800"}}`, `{"__metadata__":{"a":"\q"}}`,
		`{"__metadata__":{"a":"1","a":"2"}}`, `{"__metadata__":{"a":"1",}}`, `{"__metadata__":{"a":"1"},}`, `{"a":` + one + `,"__metadata__":{"k":"v"}}`,
		`{"":` + one + `}`, `{"a":{"dtype":"F32","shape":[],"data_offsets":[0,0]}}`, `{"a":{"dtype":"F32","shape":[00],"data_offsets":[0,0]}}`,
		`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0,0]}}`, `{"a":{"dtype":"F32","shape":[0],"data_offsets":[0]}}`,
	} {
		for _, size := range []int{0, 4} {
			raw := file(head, size)
			got, err := Parse(raw)
			sameAsByJSON(t, raw, got, err)
		}
	}
	for _, n := range []string{"0", "-0", "01", "1e3", "1.0", "99999999999999999", "100000000000000000", "9223372036854775807", "9223372036854775808"} {
		for _, desc := range []string{`{"dtype":"F32","shape":[%s],"data_offsets":[0,0]}`, `{"dtype":"F32","shape":[0],"data_offsets":[%s,0]}`, `{"dtype":"F32","shape":[0],"data_offsets":[0,%s]}`} {
			try(`{"a":` + fmt.Sprintf(desc, n) + `}`)
		}
	}
}

// BenchmarkHeader reads the header of a net with its optimizer's state.
func BenchmarkHeader(b *testing.B) {
	var ts []Tensor
	for i := range 1200 {
		ts = append(ts, Tensor{Name: fmt.Sprintf("optim.m.stage3.%d.dw2.norm0.gamma", i), Shape: []int{5, 1, 3, 3}, F32: make([]float32, 45)})
	}
	head, err := header(map[string]string{"format": "csnet/1"}, ts)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			if _, ok := new(File).plainHeader(string(head), 4*45*len(ts)); !ok {
				b.Fatal("not plain")
			}
		}
	})
	b.Run("any", func(b *testing.B) {
		for b.Loop() {
			if _, err := new(File).anyHeader(head, 4*45*len(ts)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
