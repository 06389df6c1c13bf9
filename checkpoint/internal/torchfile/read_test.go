package torchfile

import (
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	"csnet/checkpoint/internal/torchtest"
)

// sample has a plain tensor, a transposed view with an offset, an empty tensor,
// a scalar, an expanded one (stride 0) and a counter.
func sample() []torchtest.Tensor {
	return []torchtest.Tensor{
		{Name: "a", Shape: []int{2, 2}, Data: []float32{1, 2, 3, 4}},
		{Name: "b", Shape: []int{3, 2}, Stride: []int{1, 3}, Offset: 1, Data: []float32{9, 1, 2, 3, 4, 5, 6}},
		{Name: "c", Shape: []int{0}},
		{Name: "d", Shape: []int{}, Data: []float32{7}},
		{Name: "e", Shape: []int{3}, Stride: []int{0}, Data: []float32{5}},
		{Name: "n", Shape: []int{}, Long: true},
	}
}

func TestReadsBothFormats(t *testing.T) {
	want := map[string]Tensor{
		"a": {"F32", []int{2, 2}, []float32{1, 2, 3, 4}},
		"b": {"F32", []int{3, 2}, []float32{1, 4, 2, 5, 3, 6}},
		"c": {"F32", []int{0}, nil},
		"d": {"F32", []int{}, []float32{7}},
		"e": {"F32", []int{3}, []float32{5, 5, 5}},
		"n": {"I64", []int{}, nil},
	}
	for name, raw := range map[string][]byte{"stream": torchtest.Stream(sample()), "zip": torchtest.Zip(sample())} {
		got, err := Read(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
		if !Looks(raw) {
			t.Errorf("%s: Looks is false", name)
		}
	}
}

// TestEveryCut cuts the files at every byte: an error each time, never a panic.
func TestEveryCut(t *testing.T) {
	for name, raw := range map[string][]byte{"stream": torchtest.Stream(sample()), "zip": torchtest.Zip(sample())} {
		for n := range raw {
			if _, err := Read(raw[:n]); err == nil {
				t.Errorf("%s cut at %d of %d: no error", name, n, len(raw))
			}
		}
	}
}

// TestEveryByteFlipped: any byte may be wrong; no panic, and no more than the
// values the format allows.
func TestEveryByteFlipped(t *testing.T) {
	for _, raw := range [][]byte{torchtest.Stream(sample()), torchtest.Zip(sample())} {
		for n := range raw {
			for _, x := range []byte{0x01, 0x80, 0xff} {
				bad := append([]byte(nil), raw...)
				bad[n] ^= x
				Read(bad)
			}
		}
	}
}

// object wraps opcodes as the object of a file without storages.
func object(ops string) []byte {
	return torchtest.StreamOf([]byte(ops), []byte("\x80\x02]."))
}

// tensorWith pickles a state dict of one tensor with these numbers, its storage
// of n values declared and stored.
func tensorWith(n, offset int, size, stride []int) []byte {
	return torchtest.Stream([]torchtest.Tensor{{Name: "w", Shape: size, Stride: stride, Offset: offset, Data: make([]float32, n)}})
}

func TestHostile(t *testing.T) {
	deep := strings.Repeat("(", 3000) + strings.Repeat("t", 3000) + "."
	var bomb strings.Builder // each tuple holds the one before twice
	bomb.WriteString("\x80\x02)")
	for range 64 {
		bomb.WriteString("q\x00h\x00\x86")
	}
	bomb.WriteString(".")
	long := torchtest.Stream(sample())
	binary.LittleEndian.PutUint64(long[len(long)-16:], 1<<62) // the last storage's count
	cases := []struct {
		name, want string
		raw        []byte
	}{
		{"os.system", `GLOBAL at byte 72: "os.system" is not on the list`, object("\x80\x02cos\nsystem\n(U\x02lstR.")},
		{"bare protocol 0", `GLOBAL at byte 0: "os.system" is not on the list`, []byte("cos\nsystem\n(S'ls'\ntR.")},
		{"eval", `"builtins.eval" is not on the list`, object("\x80\x02cbuiltins\neval\n.")},
		{"near miss", `"torch._utils._rebuild_tensor" is not on the list`, object("\x80\x02ctorch._utils\n_rebuild_tensor\n.")},
		{"stack global", "STACK_GLOBAL at byte 84", object("\x80\x02X\x02\x00\x00\x00osU\x03abc\x93.")},
		{"inst", "INST at byte", object("(ios\nsystem\n.")},
		{"obj", "OBJ at byte", object("\x80\x02(o.")},
		{"newobj", "NEWOBJ at byte", object("\x80\x02ccollections\nOrderedDict\n)\x81.")},
		{"ext", "EXT1 at byte", object("\x80\x02\x82\x01.")},
		{"persid", "PERSID at byte", object("\x80\x02P0\n.")},
		{"unknown", "opcode 0xfe at byte", object("\x80\x02\xfe.")},
		{"protocol 4", "protocol is 4", object("\x80\x04N.")},
		{"reduce data", "is not callable", object("\x80\x02K\x01)R.")},
		{"reduce storage class", "is not callable", object("\x80\x02ctorch\nFloatStorage\n)R.")},
		{"build on tensor class", "BUILD at byte", object("\x80\x02ctorch\nFloatStorage\n}b.")},
		{"build attributes", "must be a dict", object("\x80\x02}Nb.")},
		{"underflow", "nothing on the stack", object("\x80\x02s.")},
		{"under a mark", "nothing on the stack", object("\x80\x02}(K\x01s.")},
		{"no mark", "no mark", object("\x80\x02t.")},
		{"memo", "memo has no entry", object("\x80\x02h\x05.")},
		{"key", "key is a tuple", object("\x80\x02})Ns.")},
		{"odd items", "key without a value", object("\x80\x02}(K\x01u.")},
		{"huge string", "file ends at byte", object("\x80\x02X\xff\xff\xff\xff.")},
		{"endless name", "does not end within 256 bytes", object("\x80\x02c" + strings.Repeat("a", 999))},
		{"not a dict", "file holds None", object("\x80\x02N.")},
		{"no tensors", "state dict is empty", object("\x80\x02}.")},
		{"state_dict", "state_dict is an integer", object("\x80\x02}X\x0a\x00\x00\x00state_dictK\x01s.")},
		{"not a tensor", `"a" is a list`, object("\x80\x02}U\x01a]s.")},
		{"bare storage", `"a" is a storage`, object("\x80\x02}U\x01a(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01NtQs.")},
		{"self", "file holds a list", object("\x80\x02]q\x00h\x00a.")},
		{"deep", "file holds a tuple", object(deep)},
		{"bomb", "file holds a tuple", object(bomb.String())},
		{"many marks", "on the stack", object(strings.Repeat("(", 1<<20+2))},
		{"beyond storage", "leaves the 4 values", tensorWith(4, 0, []int{5}, []int{1})},
		{"offset", "leaves the 4 values", tensorWith(4, 4, []int{1}, []int{1})},
		{"offset overflow", "leaves the 4 values", tensorWith(4, 1<<62, []int{1}, []int{1})},
		{"stride", "leaves the 4 values", tensorWith(4, 0, []int{2}, []int{1 << 62})},
		{"negative", "must be an integer from 0", tensorWith(4, 0, []int{-1}, []int{1})},
		{"expanded", "more than", tensorWith(1, 0, []int{1 << 20, 1 << 20}, []int{0, 0})},
		{"storage count", "its tensor says 1", long},
		{"zip without", "no <name>/data.pkl", torchtest.ZipOf([]torchtest.Member{{Name: "x/y", Raw: nil}})},
		{"zip hostile", `data.pkl: opcode GLOBAL at byte 2: "os.system"`, torchtest.ZipOf([]torchtest.Member{{Name: "a/data.pkl", Raw: []byte("\x80\x02cos\nsystem\n.")}})},
		{"zip big endian", `byteorder is "big"`, torchtest.ZipOf([]torchtest.Member{{Name: "a/data.pkl", Raw: nil}, {Name: "a/byteorder", Raw: []byte("big")}})},
		{"zip twice", "is there twice", torchtest.ZipOf([]torchtest.Member{{Name: "a/data.pkl", Raw: nil}, {Name: "a/data.pkl", Raw: nil}})},
		{"zip storage", "is not in the file", torchtest.ZipOf([]torchtest.Member{{Name: "a/data.pkl", Raw: torchtest.StateDict(sample()[:1], false)}})},
		{"zip short", "has 4 bytes for 4 values", torchtest.ZipOf([]torchtest.Member{{Name: "a/data.pkl", Raw: torchtest.StateDict(sample()[:1], false)}, {Name: "a/data/0", Raw: make([]byte, 4)}})},
	}
	for _, c := range cases {
		_, err := Read(c.raw)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(torchtest.Stream(sample()))
	f.Add(torchtest.Zip(sample()))
	f.Add(object("\x80\x02cos\nsystem\n(U\x02lstR."))
	f.Fuzz(func(t *testing.T, raw []byte) {
		ts, err := Read(raw)
		if err != nil {
			return
		}
		for name, v := range ts {
			n := 1
			for _, d := range v.Shape {
				n *= d
			}
			if v.DType == "F32" && n != len(v.Data) {
				t.Errorf("%s: %d values for shape %v", name, len(v.Data), v.Shape)
			}
		}
	})
}

// Storages of other precisions, a parameter instead of a tensor, and the names that
// frameworks give the state dict.
func TestReadsOtherTypes(t *testing.T) {
	for class, c := range map[string]struct {
		kind string
		raw  []byte
	}{
		"HalfStorage":     {"F16", []byte{0, 0x3c, 0, 0xc0}},
		"BFloat16Storage": {"BF16", []byte{0x80, 0x3f, 0, 0xc0}},
		"DoubleStorage":   {"F64", []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0}},
	} {
		for _, key := range []string{"state_dict", "model_state_dict", "model", "net"} {
			p := &torchtest.Pickle{}
			p.Op("\x80\x02}(").Str(key).Op("}(").Str("w")
			p.Op("ctorch._utils\n_rebuild_parameter\n(")
			p.Op("ctorch._utils\n_rebuild_tensor_v2\n((").Str("storage").Op("ctorch\n" + class + "\n").Str("0").Str("cpu").Int(2)
			p.Op("tQ").Int(0).Ints([]int{2}).Ints([]int{1}).Op("\x89ccollections\nOrderedDict\n)RtR")
			p.Op("\x88ccollections\nOrderedDict\n)RtRuu.")
			raw := torchtest.ZipOf([]torchtest.Member{{Name: "a/data.pkl", Raw: p.Bytes()}, {Name: "a/data/0", Raw: c.raw}})
			got, err := Read(raw)
			if err != nil {
				t.Fatalf("%s under %s: %v", class, key, err)
			}
			if w := (Tensor{c.kind, []int{2}, []float32{1, -2}}); !reflect.DeepEqual(got["w"], w) {
				t.Errorf("%s: got %v, want %v", class, got["w"], w)
			}
		}
	}
}
