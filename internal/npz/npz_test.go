package npz

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csnet/internal/shared"
)

// npy writes an array file as NumPy does.
func npy(descr string, fortran bool, shape string, values any) []byte {
	order := "False"
	if fortran {
		order = "True"
	}
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, order, shape)
	head += strings.Repeat(" ", 63-(len(head)+10)%64) + "\n"
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	binary.Write(&b, binary.LittleEndian, uint16(len(head)))
	b.WriteString(head)
	if descr[0] == '>' {
		binary.Write(&b, binary.BigEndian, values)
	} else {
		binary.Write(&b, binary.LittleEndian, values)
	}
	return b.Bytes()
}

func TestDtypesAndOrders(t *testing.T) {
	cases := []struct {
		name  string
		raw   []byte
		shape []int
		want  []float64
	}{
		{"f8", npy("<f8", false, "(2,)", []float64{1.5, -2}), []int{2}, []float64{1.5, -2}},
		{"f4", npy("<f4", false, "(1, 2)", []float32{0.25, 3}), []int{1, 2}, []float64{0.25, 3}},
		{"big", npy(">f4", false, "(2,)", []float32{0.25, 3}), []int{2}, []float64{0.25, 3}},
		{"f2", npy("<f2", false, "(4,)", []uint16{0x3c00, 0xc000, 0x0001, 0x7c00}), []int{4}, []float64{1, -2, math.Ldexp(1, -24), math.Inf(1)}},
		{"i8", npy("<i8", false, "()", []int64{-7}), nil, []float64{-7}},
		{"i4", npy("<i4", false, "(1,)", []int32{-7}), []int{1}, []float64{-7}},
		{"u1", npy("|u1", false, "(2,)", []byte{0, 255}), []int{2}, []float64{0, 255}},
		{"b1", npy("|b1", false, "(2,)", []byte{0, 1}), []int{2}, []float64{0, 1}},
		{"fortran", npy("<f8", true, "(2, 3)", []float64{1, 4, 2, 5, 3, 6}), []int{2, 3}, []float64{1, 2, 3, 4, 5, 6}},
		{"empty", npy("<f8", false, "(0,)", []float64{}), []int{0}, []float64{}},
	}
	dir := t.TempDir()
	zf, err := os.Create(filepath.Join(dir, "all.npz"))
	if err != nil {
		t.Fatal(err)
	}
	zw := zip.NewWriter(zf)
	for i, c := range cases {
		p := filepath.Join(dir, c.name+".npy")
		if err := os.WriteFile(p, c.raw, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := LoadNPY(p)
		if err != nil || !reflect.DeepEqual(got, Array{c.shape, c.want}) {
			t.Errorf("%s: got %v, %v; want %v %v", c.name, got, err, c.shape, c.want)
		}
		w, _ := zw.CreateHeader(&zip.FileHeader{Name: "grad." + c.name + ".npy", Method: uint16(8 * (i % 2))})
		w.Write(c.raw)
	}
	zw.Close()
	zf.Close()
	all, err := Load(zf.Name())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if got := all["grad."+c.name]; !reflect.DeepEqual(got, Array{c.shape, c.want}) {
			t.Errorf("npz %s: got %v; want %v %v", c.name, got, c.shape, c.want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	good := npy("<f8", false, "(2,)", []float64{1, 2})
	for name, raw := range map[string][]byte{
		"cut":   good[:len(good)-1],
		"magic": append([]byte("x"), good...),
		"dtype": npy("<c16", false, "(1,)", []float64{1, 2}),
		"huge":  npy("<f8", false, "(99999999, 99999999, 99999999)", []float64{}),
		"head":  good[:20],
	} {
		p := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(p, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadNPY(p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestReferenceArrays(t *testing.T) {
	root := shared.Dir(t)
	zips, _ := filepath.Glob(filepath.Join(root, "golden", "*", "*.npz"))
	more, _ := filepath.Glob(filepath.Join(root, "golden", "*.npz"))
	npys, _ := filepath.Glob(filepath.Join(root, "golden", "*", "*.npy"))
	if len(zips)+len(more)+len(npys) == 0 {
		t.Skipf("no reference arrays under %s (set CSNET_SHARED)", root)
	}
	for _, p := range append(zips, more...) {
		if _, err := Load(p); err != nil {
			t.Error(err)
		}
	}
	for _, p := range npys {
		if _, err := LoadNPY(p); err != nil {
			t.Error(err)
		}
	}
}
