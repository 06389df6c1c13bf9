//go:build unix

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// damaged is a checkpoint that is not what was written: all of them must be found.
func damaged(a *arena, i int) (trial, error) {
	last := filepath.Join(a.run, "checkpoints", "last.safetensors")
	raw, err := os.ReadFile(last)
	if err != nil {
		return trial{}, err
	}
	var out []byte
	if a.rng.IntN(3) == 0 {
		out = a.header(raw)
	} else {
		out, _ = mutate(a.rng, raw)
	}
	if bytes.Equal(out, raw) {
		out[len(out)-1] ^= 1
	}
	t := trial{place: "bad.safetensors", must: true}
	switch i % 4 {
	case 0:
		t.args = []string{"check", "bad.safetensors"}
		t.place = ""
	case 1:
		if err := os.RemoveAll(a.path("run")); err != nil {
			return t, err
		}
		if err := os.CopyFS(a.path("run"), os.DirFS(a.run)); err != nil {
			return t, err
		}
		t.args, t.place = []string{"train", "--resume", "--out", "run"}, "last.safetensors"
		return t, a.write("run/checkpoints/last.safetensors", out)
	default:
		files, err := filepath.Glob(filepath.Join(a.set, "images", "*"))
		if err != nil {
			return t, err
		}
		t.args = []string{"predict", "--checkpoint", "bad.safetensors", "--overwrite", "--out", a.path("map.png"), files[0]}
	}
	return t, a.write("bad.safetensors", out)
}

// header changes the JSON of a safetensors file.
func (a *arena) header(raw []byte) []byte {
	n := int(binary.LittleEndian.Uint64(raw))
	head, rest := slices.Clone(raw[8:8+n]), raw[8+n:]
	size := uint64(n)
	switch a.rng.IntN(7) {
	case 0: // a lie about its length
		size = []uint64{0, 1, uint64(n) - 1, uint64(n) + 1, 1 << 25, 1 << 40, 1 << 63, 1<<64 - 1}[a.rng.IntN(8)]
	case 1:
		head = bytes.Replace(head, []byte(`"F32"`), []byte(`"F64"`), 1+a.rng.IntN(5))
	case 2: // a digit of an offset or a shape
		at := a.rng.IntN(len(head))
		for k := range head {
			if c := &head[(at+k)%len(head)]; *c >= '0' && *c <= '9' {
				*c = '0' + (*c-'0'+1)%10
				break
			}
		}
	case 3:
		head = bytes.Replace(head, []byte(`"shape":[`), []byte(`"shape":[9223372036854775807,`), 1)
		size = uint64(len(head))
	case 4: // two of a name
		head = slices.Concat([]byte("{"), []byte(`"__metadata__":{"format":"pt"},`), head[1:])
		size = uint64(len(head))
	case 5: // nested deeply
		head = slices.Concat(bytes.Repeat([]byte("["), 1<<17), head)
		size = uint64(len(head))
	case 6:
		head = bytes.ReplaceAll(head, []byte(`:[0,`), []byte(`:[-1,`))
		size = uint64(len(head))
	}
	out := binary.LittleEndian.AppendUint64(nil, size)
	return slices.Concat(out, head, rest)
}

// pickle is a damaged PyTorch file. It has no checksum: what is taken must be a net
// all the same.
func pickle(a *arena, _ int) (trial, error) {
	raw, err := os.ReadFile(a.pth())
	if errors.Is(err, os.ErrNotExist) { // without the reference data: pickles drawn here
		raw = a.drawPickle()
	} else if err != nil {
		return trial{}, err
	}
	out, cut := mutate(a.rng, raw)
	_ = os.Remove(a.path("net.safetensors"))
	return trial{args: []string{"import", "--from", "bad.pth.tar", "--out", "net.safetensors"}, place: "bad.pth.tar", must: cut, check: func() error {
		if code, _, errs, _, _ := a.exec("check", "net.safetensors"); code != 0 {
			return fmt.Errorf("imported, and not sound: %s", errs)
		}
		return nil
	}}, a.write("bad.pth.tar", out)
}

func (a *arena) pth() string { return os.Getenv("CSNET_ATTACK_PTH") }

// drawPickle is a pickle that names what must not be called, of a random protocol.
func (a *arena) drawPickle() []byte {
	names := []string{"cos\ngetcwd\n", "cbuiltins\neval\n", "ccollections\nOrderedDict\n", "ctorch._utils\n_rebuild_tensor_v2\n"}
	out := []byte{0x80, byte(a.rng.IntN(6))}
	for range 1 + a.rng.IntN(4) {
		out = append(out, names[a.rng.IntN(len(names))]...)
		out = append(out, "(tR."[a.rng.IntN(3):]...)
	}
	return out
}
