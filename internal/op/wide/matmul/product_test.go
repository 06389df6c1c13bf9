package matmul

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/kernel/gemm"
)

// convolution is a case of a Product: Columns without a map, and so many outputs.
type convolution struct {
	Columns
	out int
}

func convolutions() []convolution {
	square := func(c, h, w, k, stride, dilation, out int) convolution {
		cols := Columns{C: c, H: h, W: w, K: k, Stride: stride, Pad: k / 2 * dilation, Dilation: dilation}
		for tap := range k * k {
			cols.Taps = append(cols.Taps, tap)
		}
		cols.OutW = (w-1)/stride + 1
		return convolution{cols, out}
	}
	turned := square(5, 9, 11, 3, 1, 1, 7)
	turned.Turned = true
	few := square(40, 7, 7, 3, 1, 1, 9)
	few.Taps = []int{1, 4, 5} // as where dilation leaves the others outside
	return []convolution{
		square(3, 5, 4, 1, 1, 1, 1),
		square(150, 10, 7, 1, 1, 1, 128), // the map as it is, two sums, two groups
		square(2, 16, 16, 1, 1, 1, 8),    // planes a power of two apart
		square(17, 9, 8, 3, 1, 1, 130),   // shared columns
		square(4, 60, 70, 3, 1, 1, 6),    // bands
		square(16, 13, 12, 3, 2, 1, 70),
		square(6, 11, 7, 3, 1, 3, 5),
		square(3, 20, 22, 7, 2, 1, 64),
		turned, few,
	}
}

// under is the value of row t and of pixel px of c's columns.
func (c *Columns) under(t, px int) float64 {
	tap := c.Taps[t%len(c.Taps)]
	if c.Turned {
		tap = c.K*c.K - 1 - tap
	}
	y := px/c.OutW*c.Stride + tap/c.K*c.Dilation - c.Pad
	x := px%c.OutW*c.Stride + tap%c.K*c.Dilation - c.Pad
	if y < 0 || y >= c.H || x < 0 || x >= c.W {
		return 0
	}
	return float64(c.X[(t/len(c.Taps)*c.H+y)*c.W+x])
}

func drawn(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// TestMultiply compares products with sums in float64, element by element, and finds every
// element made by one task alone.
func TestMultiply(t *testing.T) {
	for number, c := range convolutions() {
		t.Run(fmt.Sprintf("%dx%dx%d_%d_%d", c.C, c.H, c.W, c.K, c.out), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(number), 7))
			c.X = drawn(r, c.C*c.H*c.W)
			k, h := c.C*len(c.Taps), (c.H-1)/c.Stride+1
			p := New(c.out, k, h, c.OutW)
			m, w := scaled(r, c.out, k)
			packed := make([]float32, p.PackedFloats())
			for i := range p.PackTasks() {
				p.Pack(packed, w, &m, i)
			}
			for _, acc := range []bool{false, true} {
				start := drawn(r, c.out*h*c.OutW)
				got := multiplied(t, &p, packed, &c.Columns, start, acc)
				var off, largest float64
				for i, v := range got {
					o, px := i/(h*c.OutW), i%(h*c.OutW)
					want := 0.0
					if acc {
						want = float64(start[i])
					}
					for j := range k {
						want += m.at(w, o, j) * c.under(j, px)
					}
					off, largest = max(off, math.Abs(want-float64(v))), max(largest, math.Abs(want))
				}
				if !(off <= 1e-6*largest) {
					t.Errorf("acc %v: off by %.2g of the largest, %.3g", acc, off/largest, largest)
				}
			}
		})
	}
}

// scaled returns an m x k matrix with factors, whose columns lie in the reverse order.
func scaled(r *rand.Rand, m, k int) (Matrix, []float32) {
	x := Matrix{Scale: 3, RowScale: drawn(r, m), ColumnScale: drawn(r, k)}
	for i := range m {
		x.Rows = append(x.Rows, int32(i*k))
	}
	for i := range k {
		x.Columns = append(x.Columns, int32(k-1-i))
	}
	return x, drawn(r, m*k)
}

// at is element (r, c) of the matrix that lies in w.
func (m *Matrix) at(w []float32, r, c int) float64 {
	return float64(m.Scale) * float64(m.RowScale[r]) * float64(m.ColumnScale[c]) * float64(w[m.Rows[r]+m.Columns[c]])
}

// multiplied runs all tasks of p, the last one first, over a copy of start, and checks that
// they make every element once.
func multiplied(t *testing.T, p *Product, packed []float32, c *Columns, start []float32, acc bool) []float32 {
	t.Helper()
	dst := append([]float32(nil), start...)
	made := make([]int, len(dst))
	b := make([]float32, p.Scratch())
	if p.Shares(c) {
		b = make([]float32, p.SharedFloats())
		for i := range p.Sums() {
			p.Fill(b, c, i)
		}
	}
	for i := p.Tasks() - 1; i >= 0; i-- {
		lo, hi, from, to := p.Multiply(dst, packed, c, b, acc, &gemm.End{}, i)
		for o := lo; o < hi; o++ {
			for px := from * p.w; px < to*p.w; px++ {
				made[o*p.h*p.w+px]++
			}
		}
	}
	for i, n := range made {
		if n != 1 {
			t.Fatalf("element %d is made by %d tasks, must be one", i, n)
		}
	}
	return dst
}

// TestMultiplyGroup finds in the groups of a scattered product, one after the other, what
// Multiply makes, and no group that parts the outputs of a channel.
func TestMultiplyGroup(t *testing.T) {
	const channels, taps, k, h, w = 60, 9, 150, 40, 35
	r := rand.New(rand.NewPCG(1, 2))
	c := Columns{X: drawn(r, k*h*w), C: k, H: h, W: w, K: 1, Stride: 1, Dilation: 1, Taps: []int{0}, OutW: w}
	m, weights := scaled(r, channels*taps, k)
	whole, parted := New(channels*taps, k, h, w), NewScattered(channels, taps, k, h, w)
	if parted.Groups() < 2 {
		t.Fatal("one group")
	}
	packed := make([]float32, whole.PackedFloats())
	for i := range whole.PackTasks() {
		whole.Pack(packed, weights, &m, i)
	}
	want := multiplied(t, &whole, packed, &c, make([]float32, channels*taps*h*w), false)
	for i := range parted.PackTasks() {
		parted.Pack(packed, weights, &m, i)
	}
	at := 0
	for g := range parted.Groups() {
		lo, hi := parted.Group(g)
		if lo != at || lo%taps != 0 || hi%taps != 0 {
			t.Fatalf("group %d has the outputs %d to %d, the one before ends at %d", g, lo, hi, at)
		}
		at = hi
		got := make([]float32, (hi-lo)*h*w)
		parted.MultiplyGroup(got, packed, &c, make([]float32, parted.Scratch()), g)
		for i, v := range got {
			if v != want[lo*h*w+i] {
				t.Fatalf("group %d: %g at %d, Multiply gives %g", g, v, i, want[lo*h*w+i])
			}
		}
	}
	if at != channels*taps {
		t.Fatalf("the groups end at output %d of %d", at, channels*taps)
	}
}
