package tail_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/op"
	"csnet/internal/op/wide/tail"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// tailCase is a Tail over octaves of these channels and sides.
type tailCase struct {
	batch       int
	octaves     [][3]int
	out, groups int
}

func tailCases() []tailCase {
	return []tailCase{
		{1, [][3]int{{20, 7, 9}, {36, 4, 5}, {140, 2, 3}, {5, 1, 2}}, 24, 4},
		{2, [][3]int{{17, 12, 8}, {33, 6, 4}}, 44, 1},
		{1, [][3]int{{130, 5, 6}}, 64, 4},
		{1, [][3]int{{8, 3, 4}, {8, 3, 4}, {9, 5, 7}}, 34, 2}, // one as large, one larger
	}
}

// The op against its parts in float64, with the same bits for any number of threads.
func TestTail(t *testing.T) {
	for i, c := range tailCases() {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			in := c.inputs(i)
			want, one, three := c.twin(in), c.run(t, in, 1), c.run(t, in, 3)
			var off, largest float64
			for k, v := range want {
				off, largest = max(off, math.Abs(v-float64(one[k]))), max(largest, math.Abs(v))
				if math.Float32bits(one[k]) != math.Float32bits(three[k]) {
					t.Fatalf("three threads give %v at %d, one gives %v", three[k], k, one[k])
				}
			}
			if !(off <= 2e-6*largest) {
				t.Errorf("off by %.2g of the largest, %.3g", off/largest, largest)
			}
		})
	}
}

// Groups that do not divide the channels are refused, and so is a backward pass.
func TestTailErrors(t *testing.T) {
	e := op.NewEnv(1)
	defer e.Close()
	maps := []tensor.Shape{{1, 4, 3, 3}}
	if _, err := tail.New(e, "tail", maps, 10, 4, 1e-5); err == nil {
		t.Error("ten channels in four groups: no error")
	}
	o, err := tail.New(e, "tail", maps, 8, 4, 1e-5)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.DoDiff(G.ExecutionContext{}, nil, nil); err == nil {
		t.Error("no error from DoDiff")
	}
}

// inputs are the op's, drawn.
func (c tailCase) inputs(seed int) []*tensor.Dense {
	r := rand.New(rand.NewPCG(uint64(seed), 3))
	var in []*tensor.Dense
	draw := func(shape ...int) {
		v := make([]float32, tensor.Shape(shape).TotalSize())
		for i := range v {
			v[i] = float32(r.NormFloat64() + 0.3)
		}
		in = append(in, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v)))
	}
	for _, o := range c.octaves {
		draw(c.batch, o[0], o[1], o[2])
	}
	for _, o := range c.octaves {
		draw(c.out, o[0], 1, 1)
	}
	for range 3 {
		draw(c.out)
	}
	draw(1, c.out, 1, 1)
	draw(1)
	return in
}

func (c tailCase) run(t *testing.T, in []*tensor.Dense, threads int) []float32 {
	t.Helper()
	e := op.NewEnv(threads)
	e.Frozen = true
	defer e.Close()
	var maps []tensor.Shape
	var values []G.Value
	for i, v := range in {
		if i < len(c.octaves) {
			maps = append(maps, v.Shape())
		}
		values = append(values, v)
	}
	o, err := tail.New(e, "tail", maps, c.out, c.groups, 1e-5)
	if err != nil {
		t.Fatal(err)
	}
	var y G.Value
	for range 2 { // the second run finds packed weights
		if y, err = o.Do(values...); err != nil {
			t.Fatal(err)
		}
	}
	return append([]float32(nil), y.Data().([]float32)...)
}

// twin is run in float64: every map as it is.
func (c tailCase) twin(in []*tensor.Dense) []float64 {
	at := func(i int) []float32 { return in[i].Data().([]float32) }
	n, h, w := len(c.octaves), c.octaves[0][1], c.octaves[0][2]
	gamma, beta, slope, classifier, bias := at(2*n), at(2*n+1), at(2*n+2), at(2*n+3), at(2*n+4)
	var logits []float64
	for b := range c.batch {
		z := make([]float64, c.out*h*w)
		for i, o := range c.octaves {
			area := o[1] * o[2]
			x := at(i)[b*o[0]*area:]
			for k := range c.out {
				y := make([]float64, area)
				for ch := range o[0] {
					for p := range y {
						y[p] += float64(at(n + i)[k*o[0]+ch]) * float64(x[ch*area+p])
					}
				}
				for p := range h * w {
					z[k*h*w+p] += resized(y, o[1], o[2], p/w, p%w, h, w)
				}
			}
		}
		each := c.out / c.groups * h * w
		sum := make([]float64, h*w)
		for i := range z {
			mean, variance := statistics(z[i/each*each:][:each])
			k := i / (h * w)
			u := (z[i]-mean)/math.Sqrt(variance+1e-5)*float64(gamma[k]) + float64(beta[k])
			if u < 0 {
				u *= float64(slope[k])
			}
			sum[i%(h*w)] += u * float64(classifier[k])
		}
		for _, s := range sum {
			logits = append(logits, s+float64(bias[0]))
		}
	}
	return logits
}

func statistics(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

// resized is pixel (y, x) of the map m of mh x mw, brought to h x w.
func resized(m []float64, mh, mw, y, x, h, w int) float64 {
	side := func(i, from, n int) (a, b int, t float64) {
		s := math.Max((float64(i)+0.5)*float64(from)/float64(n)-0.5, 0)
		a = min(int(s), from-1)
		return a, min(a+1, from-1), s - float64(a)
	}
	ya, yb, ty := side(y, mh, h)
	xa, xb, tx := side(x, mw, w)
	return (1-ty)*((1-tx)*m[ya*mw+xa]+tx*m[ya*mw+xb]) + ty*((1-tx)*m[yb*mw+xa]+tx*m[yb*mw+xb])
}
