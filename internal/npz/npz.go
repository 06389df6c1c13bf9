// Package npz reads NumPy's .npy and .npz files: reference arrays for tests.
package npz

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// maxValues bounds what one array may hold, whatever its header says.
const maxValues = 1 << 28

// Array is one array in row-major order. A scalar has an empty Shape and one
// value.
type Array struct {
	Shape []int
	F64   []float64
}

// F32 returns the values rounded to float32.
func (a Array) F32() []float32 {
	out := make([]float32, len(a.F64))
	for i, v := range a.F64 {
		out[i] = float32(v)
	}
	return out
}

// Load reads all arrays of the .npz file at path, by name without ".npy".
func Load(path string) (map[string]Array, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("npz: %s: %w", path, err)
	}
	defer z.Close()
	out := make(map[string]Array, len(z.File))
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("npz: %s: member %s is not a .npy array", path, f.Name)
		}
		a, err := member(f)
		if err != nil {
			return nil, fmt.Errorf("npz: %s: %s: %w", path, f.Name, err)
		}
		out[name] = a
	}
	return out, nil
}

func member(f *zip.File) (Array, error) {
	r, err := f.Open()
	if err != nil {
		return Array{}, err
	}
	defer r.Close()
	return read(bufio.NewReader(r))
}

// LoadNPY reads the .npy file at path.
func LoadNPY(path string) (Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return Array{}, fmt.Errorf("npz: %w", err)
	}
	defer f.Close()
	a, err := read(bufio.NewReader(f))
	if err != nil {
		return Array{}, fmt.Errorf("npz: %s: %w", path, err)
	}
	return a, nil
}

// read reads one array in the .npy format, versions 1 to 3.
func read(r io.Reader) (Array, error) {
	head, err := header(r)
	if err != nil {
		return Array{}, err
	}
	descr, fortran, shape, err := parseHeader(head)
	if err != nil {
		return Array{}, err
	}
	n := 1
	for _, d := range shape {
		if d != 0 && n > maxValues/d {
			return Array{}, fmt.Errorf("shape is %v, more than %d values", shape, maxValues)
		}
		n *= d
	}
	order, size, decode, err := dtype(descr)
	if err != nil {
		return Array{}, err
	}
	raw := make([]byte, n*size)
	if _, err := io.ReadFull(r, raw); err != nil {
		return Array{}, fmt.Errorf("%d values of %s: %w", n, descr, err)
	}
	vals := make([]float64, n)
	for i := range vals {
		vals[i] = decode(order, raw[i*size:])
	}
	if fortran {
		vals = rowMajor(vals, shape)
	}
	return Array{Shape: shape, F64: vals}, nil
}

// header returns the text of the dictionary in front of the values.
func header(r io.Reader) (string, error) {
	var pre [8]byte
	if _, err := io.ReadFull(r, pre[:]); err != nil {
		return "", fmt.Errorf("preamble: %w", err)
	}
	if string(pre[:6]) != "\x93NUMPY" {
		return "", fmt.Errorf("starts with %q, not with \\x93NUMPY", pre[:6])
	}
	var n uint32
	if pre[6] == 1 {
		var short uint16
		if err := binary.Read(r, binary.LittleEndian, &short); err != nil {
			return "", fmt.Errorf("header length: %w", err)
		}
		n = uint32(short)
	} else if err := binary.Read(r, binary.LittleEndian, &n); err != nil {
		return "", fmt.Errorf("header length: %w", err)
	}
	if n > 1<<16 {
		return "", fmt.Errorf("header is %d bytes long, at most %d are read", n, 1<<16)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return "", fmt.Errorf("header: %w", err)
	}
	return string(text), nil
}

func parseHeader(head string) (descr string, fortran bool, shape []int, err error) {
	m := regexp.MustCompile(`'descr':\s*'([^']*)'`).FindStringSubmatch(head)
	f := regexp.MustCompile(`'fortran_order':\s*(True|False)`).FindStringSubmatch(head)
	s := regexp.MustCompile(`'shape':\s*\(([^)]*)\)`).FindStringSubmatch(head)
	if m == nil || f == nil || s == nil {
		return "", false, nil, fmt.Errorf("header %q lacks descr, fortran_order or shape", head)
	}
	for _, d := range strings.Split(s[1], ",") {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		n, err := strconv.Atoi(d)
		if err != nil || n < 0 {
			return "", false, nil, fmt.Errorf("shape is (%s)", s[1])
		}
		shape = append(shape, n)
	}
	return m[1], f[1] == "True", shape, nil
}

// dtype returns byte order, bytes per value and the decoder of a dtype name.
func dtype(descr string) (binary.ByteOrder, int, func(binary.ByteOrder, []byte) float64, error) {
	if len(descr) < 3 {
		return nil, 0, nil, fmt.Errorf("dtype is %q", descr)
	}
	var order binary.ByteOrder = binary.LittleEndian
	if descr[0] == '>' {
		order = binary.BigEndian
	}
	type dec = func(binary.ByteOrder, []byte) float64
	switch descr[1:] {
	case "f8":
		return order, 8, dec(func(o binary.ByteOrder, b []byte) float64 { return math.Float64frombits(o.Uint64(b)) }), nil
	case "f4":
		return order, 4, dec(func(o binary.ByteOrder, b []byte) float64 { return float64(math.Float32frombits(o.Uint32(b))) }), nil
	case "f2":
		return order, 2, dec(func(o binary.ByteOrder, b []byte) float64 { return half(o.Uint16(b)) }), nil
	case "i8":
		return order, 8, dec(func(o binary.ByteOrder, b []byte) float64 { return float64(int64(o.Uint64(b))) }), nil
	case "i4":
		return order, 4, dec(func(o binary.ByteOrder, b []byte) float64 { return float64(int32(o.Uint32(b))) }), nil
	case "u1", "b1":
		return order, 1, dec(func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }), nil
	}
	return nil, 0, nil, fmt.Errorf("dtype is %q, f2 f4 f8 i4 i8 u1 b1 are read", descr)
}

// half decodes an IEEE 754 binary16.
func half(h uint16) float64 {
	sign, exp, frac := 1.0, int(h>>10&31), float64(h&1023)
	if h>>15 == 1 {
		sign = -1
	}
	switch exp {
	case 0:
		return sign * math.Ldexp(frac, -24)
	case 31:
		if frac != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}

// rowMajor reorders column-major values.
func rowMajor(vals []float64, shape []int) []float64 {
	out := make([]float64, len(vals))
	idx := make([]int, len(shape))
	for i := range out {
		at, stride := 0, 1
		for d, n := range shape {
			at += idx[d] * stride
			stride *= n
		}
		out[i] = vals[at]
		for d := len(shape) - 1; d >= 0; d-- {
			if idx[d]++; idx[d] < shape[d] {
				break
			}
			idx[d] = 0
		}
	}
	return out
}
