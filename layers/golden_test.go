package layers_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"csnet/internal/npz"
	"csnet/internal/op"
	engine "csnet/internal/op/learn"
	"csnet/internal/op/optest"
	"csnet/internal/shared"
	"csnet/internal/vm"
	"csnet/layers"
	"csnet/model"

	G "gorgonia.org/gorgonia"
)

// Every case of every golden/goctconv*.npz of the CSNet dialect: outputs and
// all gradients within 1e-5 of the largest value.
func TestGOctConvGolden(t *testing.T) {
	goldenCases(t, "golden/goctconv*.npz", func(t *testing.T, name string, get getArray) {
		if strings.HasPrefix(name, "goctconv_resize") {
			t.Skip("of another dialect")
		}
		c := readCase(get("meta").F64)
		goctconvCase(t, c, get, func(g *G.ExprGraph, p *model.Params, env *op.Env) *layers.Scope {
			return layers.NewScope(g, p, env, true, 1e-5)
		})
	})
}

// getArray returns an array of a case by its key.
type getArray func(key string) npz.Array

// styled makes a scope of a style for training.
func styled(dialect string, balance bool) func(*G.ExprGraph, *model.Params, *op.Env) *layers.Scope {
	return func(g *G.ExprGraph, p *model.Params, env *op.Env) *layers.Scope {
		return layers.NewStyledScope(g, p, env, true, layers.Style{Dialect: dialect, Balance: balance, Norm: model.Norm{Kind: model.BatchNorm, Eps: 1e-5}})
	}
}

// The cases of the CSNet dialect once more, made by the ops that serve the others.
func TestGOctConvGoldenWide(t *testing.T) {
	goldenCases(t, "golden/goctconv*.npz", func(t *testing.T, name string, get getArray) {
		if strings.HasPrefix(name, "goctconv_resize") {
			t.Skip("of another dialect")
		}
		goctconvCase(t, readCase(get("meta").F64), get, styled(model.CSNet, false))
	})
}

// Every case of every golden/octconv*.npz.
func TestOctConvGolden(t *testing.T) {
	goldenCases(t, "golden/octconv*.npz", func(t *testing.T, _ string, get getArray) {
		goctconvCase(t, readCase(get("meta").F64), get, styled(model.Octave, false))
	})
}

// Every case of every golden/goctconv_resize*.npz, balances and their gradients among them.
func TestGOctConvResizeGolden(t *testing.T) {
	goldenCases(t, "golden/goctconv_resize*.npz", func(t *testing.T, _ string, get getArray) {
		c := readCase(get("meta").F64)
		balance := c.stride == 1 // the second number of these cases
		c.stride = 1
		goctconvCase(t, c, get, styled(model.Resize, balance))
	})
}

// goldenCases runs f on every case of the files that match pattern.
func goldenCases(t *testing.T, pattern string, f func(t *testing.T, file string, get getArray)) {
	for _, path := range shared.Glob(t, pattern) {
		name := filepath.Base(path)
		arrays, err := npz.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; arrays[fmt.Sprintf("%d.meta", n)].F64 != nil; n++ {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				f(t, name, func(key string) npz.Array { return arrays[fmt.Sprintf("%d.%s", n, key)] })
			})
		}
		if n == 0 {
			t.Errorf("%s: no cases", name)
		}
	}
}

// octCase is a case's layout: [kernel, stride, octaves in, octaves out,
// channels in..., channels out...].
type octCase struct {
	kernel, stride int
	in, out        []int
}

func readCase(meta []float64) octCase {
	var m []int
	for _, v := range meta {
		m = append(m, int(v))
	}
	return octCase{kernel: m[0], stride: m[1], in: m[4 : 4+m[2]], out: m[4+m[2] : 4+m[2]+m[3]]}
}

func goctconvCase(t *testing.T, c octCase, get getArray, scope func(*G.ExprGraph, *model.Params, *op.Env) *layers.Scope) {
	env := op.NewEnv(2)
	defer env.Close()
	ts, slices := stacked(t, c, get("w"), 1)
	bal := get("bal")
	if len(bal.F64) > 0 {
		ts = append(ts, &model.Tensor{Path: "balance", Role: model.Balance, Shape: bal.Shape, Data: f32(bal.F64)})
	}
	params, err := model.NewParams(ts)
	if err != nil {
		t.Fatal(err)
	}
	g := G.NewGraph()
	s := scope(g, params, env)
	in := make(layers.Octaves, len(c.in))
	var learn []*G.Node
	for i, ci := range c.in {
		if ci == 0 {
			continue
		}
		x := get(fmt.Sprintf("x%d", i))
		in[i] = s.Input(fmt.Sprintf("x%d", i), x.Shape...)
		copy(in[i].Value().Data().([]float32), f32(x.F64))
		learn = append(learn, in[i])
	}
	out := layers.GOctConv(s, in, layers.Conv{Kernel: c.kernel, Stride: c.stride, Out: c.out})
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	var ys []*G.Node
	var rs [][]float32
	for j, y := range out {
		if (y == nil) != (c.out[j] == 0) {
			t.Fatalf("octave %d: present %v with %d channels", j, y != nil, c.out[j])
		}
		if y != nil {
			ys = append(ys, y)
			rs = append(rs, f32(get(fmt.Sprintf("r%d", j)).F64))
		}
	}
	loss, err := G.ApplyOp(optest.NewInnerProduct(env, "product", ys, rs), ys...)
	if err != nil {
		t.Fatal(err)
	}
	ws := s.Learned()
	for _, w := range ws {
		learn = append(learn, w.Node)
	}
	m, err := vm.New(g, vm.Options{Learn: learn, Loss: loss, Keep: ys, Together: engine.Plan})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	for j, y := range out {
		if y != nil {
			near(t, fmt.Sprintf("y%d", j), y.Value().Data().([]float32), get(fmt.Sprintf("y%d", j)).F64, 1e-5)
		}
	}
	for i, x := range in {
		if x != nil {
			near(t, fmt.Sprintf("gx%d", i), gradient(t, x), get(fmt.Sprintf("gx%d", i)).F64, 1e-5)
		}
	}
	want := get("gw").F64
	got := make([]float32, len(want))
	for _, w := range ws {
		if w.Path == "balance" {
			near(t, "gbal", gradient(t, w.Node), balanceGrad(t, get), 1e-5)
			continue
		}
		slices[w.Path].scatter(got, gradient(t, w.Node))
	}
	if len(bal.F64) > 0 && ws[0].Path != "balance" {
		t.Error("the graph does not use the balance")
	}
	near(t, "gw", got, want, 1e-5)
}

// balanceGrad returns the gradient of a case's balance. Where one octave is put out a share
// is 1 but for 1e-14, and the file's gradient, the difference of two nearly equal numbers, is
// right to float64's rounding of these alone; it is then worked out from the file's weights
// and their gradient as df 1e-14 / (|b| + 1e-14)^2, and the file's held against that.
func balanceGrad(t *testing.T, get getArray) []float64 {
	b, file := get("bal"), get("gbal").F64
	if b.Shape[0] > 1 {
		return file
	}
	w, gw := get("w").F64, get("gw").F64
	out := make([]float64, len(b.F64))
	n := len(w) / len(out)
	for c, v := range b.F64 {
		sum, df := math.Abs(v)+1e-14, 0.0
		for i := c * n; i < (c+1)*n; i++ {
			df += w[i] * gw[i] / (math.Abs(v) / sum)
		}
		out[c] = math.Copysign(df*1e-14/(sum*sum), v*df)
		if d := math.Abs(out[c] - file[c]); d > 16*0x1p-53*math.Abs(df/sum) {
			t.Errorf("gbal[%d] of the file is %g, must be %g but for rounding", c, file[c], out[c])
		}
	}
	return out
}

func gradient(t *testing.T, n *G.Node) []float32 {
	t.Helper()
	g, err := n.Grad()
	if err != nil {
		t.Fatal(err)
	}
	return g.Data().([]float32)
}

// slice is the place of one W_ij in the stacked tensor.
type slice struct{ row, col, rows, cols, width, kk int }

func (s slice) each(f func(stacked, own int)) {
	own := 0
	for r := range s.rows {
		for c := range s.cols * s.kk {
			f((s.row+r)*s.width*s.kk+s.col*s.kk+c, own)
			own++
		}
	}
}

func (s slice) scatter(stacked, own []float32) {
	s.each(func(i, k int) { stacked[i] = own[k] })
}

// stacked cuts the stacked weight into slices by their names.
func stacked(t *testing.T, c octCase, w npz.Array, scale float32) ([]*model.Tensor, map[string]slice) {
	t.Helper()
	width := 0
	for _, ci := range c.in {
		width += ci
	}
	all := f32(w.F64)
	var ts []*model.Tensor
	ss := map[string]slice{}
	row := 0
	for j, cj := range c.out {
		col := 0
		for i, ci := range c.in {
			if ci > 0 && cj > 0 {
				s := slice{row: row, col: col, rows: cj, cols: ci, width: width, kk: c.kernel * c.kernel}
				data := make([]float32, cj*ci*s.kk)
				s.each(func(i, k int) { data[k] = all[i] * scale })
				ts = append(ts, &model.Tensor{Path: fmt.Sprintf("w%d%d", i, j), Role: model.Weight, Shape: []int{cj, ci, c.kernel, c.kernel}, Data: data})
				ss[ts[len(ts)-1].Path] = s
			}
			col += ci
		}
		row += cj
	}
	return ts, ss
}

func f32(xs []float64) []float32 {
	out := make([]float32, len(xs))
	for i, x := range xs {
		out[i] = float32(x)
	}
	return out
}

// near compares within tol times the largest reference value.
func near(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	largest, worst, at := 0.0, 0.0, 0
	for i, w := range want {
		largest = math.Max(largest, math.Abs(w))
		if d := math.Abs(float64(got[i]) - w); !(d <= worst) {
			worst, at = d, i
		}
	}
	if !(worst <= tol*largest) {
		t.Errorf("%s[%d]: %g, want %g; off by %.2g of the largest value %g", what, at, got[at], want[at], worst/largest, largest)
	}
}
