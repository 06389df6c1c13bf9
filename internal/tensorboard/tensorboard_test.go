package tensorboard

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// read is what TensorBoard's reader sees: the records up to the first that is
// not whole. It reports whether bytes are left over.
func read(t *testing.T, path string) (steps []int, left bool) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for len(b) > 0 {
		payload, rest, ok := nextRecord(b)
		if !ok {
			return steps, true
		}
		s, ok := stepOf(payload)
		if !ok {
			t.Fatal("an event cannot be read")
		}
		steps = append(steps, s)
		b = rest
	}
	return steps, false
}

// The checksum of the TFRecord format of eight zero bytes, and of the bytes of a
// length of 24: values of a known file.
func TestChecksumIsTheFormats(t *testing.T) {
	// CRC-32C of 32 zero bytes is 8a9136aa (RFC 3720, B.4).
	crc := uint32(0x8a9136aa)
	want := (crc>>15 | crc<<17) + 0xa282ead8
	if got := sum(make([]byte, 32)); got != want {
		t.Errorf("checksum is %08x, must be %08x", got, want)
	}
}

func TestKilledAndResumed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	w, err := Open(dir, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for step := 1; step <= 10; step++ {
		if err := w.Write(step, 1000+float64(step), Scalar("loss", 1/float64(step)), Histogram("gamma", []float32{1, 2, 3})); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	whole, _ := os.ReadFile(path)
	// Cut at every byte of the last record, as a kill in mid-write would, and go on from step 6.
	for n := len(whole) - 20; n <= len(whole); n++ {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		w, err := Open(dir, 6, 2000)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(7, 2000, Scalar("loss", 0.5)); err != nil {
			t.Fatal(err)
		}
		w.Close()
		steps, left := read(t, path)
		if left || len(steps) != 8 || steps[7] != 7 || steps[6] != 6 || steps[0] != 0 {
			t.Fatalf("cut at %d of %d: steps %v, bytes left over: %v", n, len(whole), steps, left)
		}
	}
	if w, err = Open(dir, 0, 3000); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if steps, _ := read(t, path); len(steps) != 1 {
		t.Errorf("a run from step 0 keeps the events of the one before: %v", steps)
	}
}

func TestDamagedFileIsCutAtTheDamage(t *testing.T) {
	b := appendRecord(nil, version(1))
	n := len(b)
	b = appendRecord(b, event(1, 1, []Value{Scalar("a", 1)}))
	b = appendRecord(b, event(1, 2, []Value{Scalar("a", 1)}))
	for i := n; i < len(b); i++ {
		bad := bytes.Clone(b)
		bad[i] ^= 4
		if got := upTo(bad, 5); len(got) >= len(b) {
			t.Fatalf("byte %d changed: %d bytes kept of %d", i, len(got), len(b))
		}
	}
	if got := upTo(b, 5); !bytes.Equal(got, b) {
		t.Error("a whole file does not stay as it is")
	}
}

func TestHistogramCountsEveryValue(t *testing.T) {
	for _, values := range [][]float32{{}, {2}, {1, 1, 1}, {-3, 0, 0.5, 7, 7}, {0, 1e-30}} {
		v := Histogram("h", values)
		total, last := 0.0, math.Inf(-1)
		b := v.data
		for len(b) > 0 {
			n, kind, k := protowire.ConsumeTag(b)
			b = b[k:]
			if kind == protowire.BytesType {
				packed, k := protowire.ConsumeBytes(b)
				for len(packed) > 0 {
					x, m := protowire.ConsumeFixed64(packed)
					packed = packed[m:]
					switch f := math.Float64frombits(x); n {
					case 6:
						if f <= last {
							t.Errorf("%v: limits do not rise", values)
						}
						last = f
					case 7:
						total += f
					}
				}
				b = b[k:]
				continue
			}
			b = b[protowire.ConsumeFieldValue(n, kind, b):]
		}
		if want := float64(max(len(values), 1)); total != want {
			t.Errorf("%v: %g values are counted, must be %g", values, total, want)
		}
	}
}
