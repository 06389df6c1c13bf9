package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

const (
	metadataKey = "__metadata__"
	maxHeader   = 32 << 20 // bytes; the format allows 100 MB
	maxDims     = 16
)

// File is a parsed file. It points into the bytes it was parsed from.
type File struct {
	Meta    map[string]string
	Entries []Entry // in the order of their data
	index   map[string]int
}

// Entry is one tensor of a File.
type Entry struct {
	Name  string
	DType string // F32, I64, ...
	Shape []int
	raw   []byte
}

// Get returns the entry called name.
func (f *File) Get(name string) (Entry, bool) {
	i, ok := f.index[name]
	if !ok {
		return Entry{}, false
	}
	return f.Entries[i], true
}

// Raw returns the entry's bytes, which are the file's.
func (e Entry) Raw() []byte { return e.raw }

// F32 decodes the values of an F32 entry.
func (e Entry) F32() []float32 {
	out := make([]float32, len(e.raw)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(e.raw[4*i:]))
	}
	return out
}

// Looks reports whether raw starts as a safetensors file does.
func Looks(raw []byte) bool {
	return len(raw) > 8 && raw[8] == '{' && binary.LittleEndian.Uint64(raw) <= maxHeader
}

// Parse checks the whole layout of a file: header length, JSON without double
// keys or unknown ones, shapes whose product neither overflows nor differs from
// the bytes given, data without gaps, overlaps or rest. Memory is bounded by
// the size of raw.
func Parse(raw []byte) (*File, error) {
	if len(raw) < 8 {
		return nil, fmt.Errorf("file has %d bytes, a safetensors file starts with an 8-byte header length", len(raw))
	}
	n := binary.LittleEndian.Uint64(raw)
	if n > maxHeader {
		return nil, fmt.Errorf("header length is %d bytes, at most %d are read (is this a safetensors file?)", n, maxHeader)
	}
	if n > uint64(len(raw)-8) {
		return nil, fmt.Errorf("header length is %d bytes, the file ends %d bytes after it (cut short?)", n, len(raw)-8)
	}
	head, data := raw[8:8+n], raw[8+n:]
	if len(head) == 0 || head[0] != '{' {
		return nil, fmt.Errorf("header does not start with {")
	}
	if !utf8.Valid(head) {
		return nil, fmt.Errorf("header is not UTF-8")
	}
	f := &File{}
	if err := f.parseHeader(head, len(data)); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	f.place(data)
	return f, nil
}

// span is where an entry's bytes lie.
type span struct {
	entry      Entry
	begin, end int
}

// parseHeader reads the header, by the quick way where it is written as most are.
func (f *File) parseHeader(head []byte, size int) error {
	spans, ok := f.plainHeader(string(head), size)
	if !ok {
		var err error
		if spans, err = f.anyHeader(head, size); err != nil {
			return err
		}
	}
	return f.line(spans, size)
}

// anyHeader reads a header of any JSON, and says what is wrong with one that is none.
func (f *File) anyHeader(head []byte, size int) ([]span, error) {
	dec := json.NewDecoder(bytes.NewReader(head))
	f.Meta = map[string]string{}
	var spans []span
	err := object(dec, func(key string) error {
		if key == metadataKey {
			return object(dec, func(k string) error {
				var v string
				if err := dec.Decode(&v); err != nil {
					return fmt.Errorf("__metadata__ %q: %w", k, err)
				}
				f.Meta[k] = v
				return nil
			})
		}
		s, err := entry(dec, key, size)
		spans = append(spans, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	if rest := bytes.Trim(head[dec.InputOffset():], " "); len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes after the closing }", len(rest))
	}
	return spans, nil
}

// line puts the entries into the order of their data, which must lie without gaps.
func (f *File) line(spans []span, size int) error {
	// Empty tensors share their begin with the tensor after them.
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := 0
	f.index, f.Entries = make(map[string]int, len(spans)), make([]Entry, 0, len(spans))
	for i, s := range spans {
		if s.begin != at {
			return fmt.Errorf("tensor %s: data_offsets are [%d,%d], must begin at %d (data without gaps or overlaps)", s.entry.Name, s.begin, s.end, at)
		}
		at = s.end
		f.index[s.entry.Name] = i
		f.Entries = append(f.Entries, s.entry)
	}
	if at != size {
		return fmt.Errorf("tensors need %d bytes, the file holds %d (cut short?)", at, size)
	}
	return nil
}

// place gives every entry its bytes.
func (f *File) place(data []byte) {
	at := 0
	for i, e := range f.Entries {
		n, _ := count(e.Shape)
		size := n * dtypeSize(e.DType)
		f.Entries[i].raw = data[at : at+size]
		at += size
	}
}

// entry reads one tensor's description.
func entry(dec *json.Decoder, name string, size int) (span, error) {
	s := span{entry: Entry{Name: name}}
	var offsets []int
	parts := 0
	err := object(dec, func(key string) error {
		parts++
		switch key {
		case "dtype":
			return dec.Decode(&s.entry.DType)
		case "shape":
			return dec.Decode(&s.entry.Shape)
		case "data_offsets":
			return dec.Decode(&offsets)
		}
		return fmt.Errorf("unknown key %q", key)
	})
	if err != nil {
		return s, fmt.Errorf("tensor %s: %w", name, err)
	}
	if parts != 3 || s.entry.Shape == nil || len(offsets) != 2 {
		return s, fmt.Errorf("tensor %s: needs dtype, shape and two data_offsets", name)
	}
	s.begin, s.end = offsets[0], offsets[1]
	return s, s.check(size)
}

// check compares dtype, shape and offsets with each other and with size bytes of data.
func (s *span) check(size int) error {
	name, offsets := s.entry.Name, []int{s.begin, s.end}
	width := dtypeSize(s.entry.DType)
	n, ok := count(s.entry.Shape)
	switch {
	case width == 0:
		return fmt.Errorf("tensor %s: dtype is %q, not one of the format's", name, s.entry.DType)
	case len(s.entry.Shape) > maxDims:
		return fmt.Errorf("tensor %s: shape has %d sides, at most %d are read", name, len(s.entry.Shape), maxDims)
	case !ok:
		return fmt.Errorf("tensor %s: shape is %v, negative or too large", name, s.entry.Shape)
	case s.begin < 0 || s.end < s.begin:
		return fmt.Errorf("tensor %s: data_offsets are %v, must rise from 0", name, offsets)
	case s.end > size:
		return fmt.Errorf("tensor %s: data_offsets are %v, the file holds %d bytes of data (cut short?)", name, offsets, size)
	case s.end-s.begin != n*width:
		return fmt.Errorf("tensor %s: %s %v needs %d bytes, data_offsets %v hold %d", name, s.entry.DType, s.entry.Shape, n*width, offsets, s.end-s.begin)
	}
	return nil
}

// object reads { key: value, ... }, value by value through read, and refuses
// double keys.
func object(dec *json.Decoder, read func(key string) error) error {
	if t, err := dec.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return fmt.Errorf("found %v, must be an object", t)
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return fmt.Errorf("found %v, must be a key", t)
		}
		if seen[key] {
			return fmt.Errorf("key %q is there twice", key)
		}
		seen[key] = true
		if err := read(key); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// dtypeSize returns the bytes per value, 0 for an unknown dtype.
func dtypeSize(dtype string) int {
	switch dtype {
	case "F64", "I64", "U64", "C64":
		return 8
	case "F32", "I32", "U32":
		return 4
	case "F16", "BF16", "I16", "U16":
		return 2
	case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2":
		return 1
	}
	return 0
}
