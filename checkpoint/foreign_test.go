package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/checkpoint/internal/dtype"
	"csnet/checkpoint/internal/safetensors"

	"github.com/google/go-cmp/cmp"
	"github.com/x448/float16"
)

// bare writes the tensors of a net with the release's names as other programs do:
// without metadata, as numbers of the type, with a prefix before the names.
func bare(t *testing.T, c *Checkpoint, kind, prefix string) []byte {
	t.Helper()
	_, ts, err := encodeRelease(c)
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]any{}
	var data []byte
	for _, x := range ts {
		begin, name := len(data), kind
		for _, v := range x.F32 {
			switch kind {
			case dtype.F64:
				data = binary.LittleEndian.AppendUint64(data, math.Float64bits(float64(v)))
			case dtype.F16:
				data = binary.LittleEndian.AppendUint16(data, float16.Fromfloat32(v).Bits())
			case dtype.BF16:
				data = binary.LittleEndian.AppendUint16(data, uint16(math.Float32bits(v)>>16))
			default:
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
			}
		}
		if x.I64 != nil {
			name = "I64"
			data = append(data, make([]byte, 8*len(x.I64))...)
		}
		header[prefix+x.Name] = map[string]any{"dtype": name, "shape": append([]int{}, x.Shape...), "data_offsets": []int{begin, len(data)}}
	}
	head, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...), data...)
}

// Numbers of 16, 32 and 64 bits are read, to their precision, and so are names
// with what wrappers put before them.
func TestImportTypes(t *testing.T) {
	c := tiny(t)
	for kind, off := range map[string]float64{dtype.F64: 0, dtype.F32: 0, dtype.F16: 1. / 1024, dtype.BF16: 1. / 128} {
		for _, prefix := range []string{"", "module.", "_orig_mod.module.", "net.model."} {
			got, err := importRaw(bare(t, c, kind, prefix))
			if err != nil {
				t.Fatalf("%s %s: %v", kind, prefix, err)
			}
			for _, p := range c.Params.All() {
				for i, v := range got.Params.Get(p.Path).Data {
					if want := float64(p.Data[i]); math.Abs(float64(v)-want) > off*math.Abs(want)+1e-7 {
						t.Fatalf("%s: %s %d is %v, must be %v", kind, p.Path, i, v, want)
					}
				}
			}
		}
	}
}

// Export and Import give the same net with the same config; of a file that went
// through another program only names are left: what is assumed is told, and a net
// to take after says it.
func TestImportLike(t *testing.T) {
	c := tiny(t)
	c.Spec.Norm.Eps = 0.01
	c.Spec.Head.Dilations = []int{1, 3, 5, 7, 9}
	path := filepath.Join(t.TempDir(), "x")
	if err := Export(path, c); err != nil {
		t.Fatal(err)
	}
	got, assumed, err := ImportLike(path, nil)
	if err != nil || len(assumed) > 0 || cmp.Diff(c.Spec, got.Spec) != "" || got.Config != c.Config {
		t.Errorf("exported and imported: %v, assumed %q, config %q, spec %s", err, assumed, got.Config, cmp.Diff(c.Spec, got.Spec))
	}
	if err := os.WriteFile(path, bare(t, c, dtype.F32, ""), 0o600); err != nil {
		t.Fatal(err)
	}
	got, assumed, err = ImportLike(path, nil)
	if err != nil || cmp.Equal(c.Spec, got.Spec) {
		t.Fatalf("bare: %v", err)
	}
	for _, want := range []string{"input size 224", "eps", "dilations 1, 2", "stride"} {
		if !strings.Contains(fmt.Sprint(assumed), want) {
			t.Errorf("assumed %q, must tell of %q", assumed, want)
		}
	}
	got, assumed, err = ImportLike(path, c)
	if err != nil || len(assumed) > 0 || cmp.Diff(c.Spec, got.Spec) != "" || got.Config != c.Config || sameTensors(c.Params, got.Params) != "" {
		t.Errorf("like the net: %v, assumed %q", err, assumed)
	}
	other := tiny(t)
	other.Spec.Stages[1].Blocks[0].Out[0]++
	if _, _, err := ImportLike(path, other); err == nil || !strings.Contains(err.Error(), "tensor stage1.0") {
		t.Errorf("like a net of other shapes: %v", err)
	}
}

// Files of other kinds are named, not called cut short.
func TestForeignFiles(t *testing.T) {
	tar := make([]byte, 600)
	copy(tar[257:], "ustar")
	for want, raw := range map[string][]byte{
		"an ONNX model":        append([]byte{8, 7, 0x12, 5}, "csnet and more"...),
		"byte order mark":      []byte("\xef\xbb\xbf{\"a\": 1}"),
		"Git LFS":              []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
		"a web page":           []byte("<!doctype html><html>not found</html>"),
		"HDF5":                 []byte("\x89HDF\r\n\x1a\n0000"),
		"gzip":                 []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00"),
		"a tar archive":        tar,
		"a PNG picture":        []byte("\x89PNG\r\n\x1a\n0000000"),
		"text":                 []byte("net:\n  width: 0.3\n  blocks: [1]\n"),
		"TensorFlow Lite":      []byte("\x1c\x00\x00\x00TFL3\x14\x00"),
		"array of NumPy":       []byte("\x93NUMPY\x01\x00v\x00"),
		"read as a PyTorch":    []byte("\x80\x05\x95\x00\x00"),
		"header length is 500": append(binary.LittleEndian.AppendUint64(nil, 500), '{'),
	} {
		for name, read := range map[string]func([]byte) (*Checkpoint, error){"decode": decode, "import": importRaw} {
			if strings.HasPrefix(want, "read as") && name == "decode" {
				continue
			}
			if _, err := read(raw); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
}

// What safetensors calls metadata survives: an exported net's config is covered by
// its digest.
func TestExportHoldsConfig(t *testing.T) {
	c := tiny(t)
	meta, ts, err := encodeRelease(c)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	meta = seal(meta, ts)
	meta["config"] = "eval: {size: 8}"
	if err := safetensors.Write(&b, meta, ts); err != nil {
		t.Fatal(err)
	}
	if _, err := importRaw(b.Bytes()); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("another config: %v", err)
	}
}
