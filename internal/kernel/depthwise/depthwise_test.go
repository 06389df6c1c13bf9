package depthwise

import (
	"fmt"
	"slices"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// depthwiseSizes are all tails with few rows, CSNet's own maps, and one wider than
// blockFloats.
func depthwiseSizes() (sizes [][2]int) {
	for n := 1; n <= 70; n++ {
		sizes = append(sizes, [2]int{n, 1 + n%19})
	}
	for _, n := range []int{7, 14, 28, 56} {
		sizes = append(sizes, [2]int{n, n})
	}
	return append(sizes, [2]int{1100, 3})
}

func TestDepthwise(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, size := range depthwiseSizes() {
			n, rows := size[0], size[1]
			r := kerneltest.NewRand(i)
			xp, dp := n+2+i%4, n+i%3
			x := m.Vector(t, (rows+1)*xp+n+2, i%16)
			x.Plane(r, 0, xp, n+2, rows+2)
			var w, aw [9]float32
			copy(w[:], m.Vector(t, 9, 0).Random(r).Data)
			copy(aw[:], kerneltest.Magnitudes(w[:]))
			dst := m.Vector(t, (rows-1)*dp+n, (i+3)%16)
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
			convGeneric(kernel.Rows(want, dp), kernel.Rows(x.Data, xp), &w, n, rows)
			convGeneric(kernel.Rows(scale, dp), kernel.Rows(kerneltest.Magnitudes(x.Data), xp), &aw, n, rows)
			Conv(kernel.Rows(dst.Data, dp), kernel.Rows(x.Data, xp), &w, n, rows, Next{Memory: x.Data, Half: i%2 == 1})
			kerneltest.Same(t, fmt.Sprintf("depthwise %dx%d: dst", rows, n), dst.Data, want, scale)
			x.Check(t)
			dst.Check(t)

			// Each row alone gives the same bits.
			row := make([]float32, n)
			for y := range rows {
				Conv(kernel.Rows(row, n), kernel.Rows(x.Data[y*xp:], xp), &w, n, 1, Next{})
				for k, v := range row {
					if v != dst.Data[y*dp+k] {
						t.Fatalf("row %d alone: [%d] = %v, want %v", y, k, v, dst.Data[y*dp+k])
					}
				}
			}
		}
	})
}

// ConvFloat16 is Conv and then a rounding, to the bit.
func TestDepthwiseFloat16(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, size := range depthwiseSizes() {
			n, rows := size[0], size[1]
			r := kerneltest.NewRand(i)
			xp, dp := n+2+i%4, n+i%3
			x := m.Vector(t, (rows+1)*xp+n+2, i%16)
			x.Plane(r, 0, xp, n+2, rows+2)
			w := [9]float32{1, -2, 3, 0.5, 0.25, -1, 4, -3, 2}
			exact := make([]float32, (rows-1)*dp+n)
			Conv(kernel.Rows(exact, dp), kernel.Rows(x.Data, xp), &w, n, rows, Next{})
			words := m.Vector(t, kernel.HalfSize(len(exact)), (i+3)%16)
			dst := kernel.Halves[kernel.Float16](words.Data)
			before := slices.Clone(dst)
			ConvFloat16(kernel.HalfRows(dst[:len(exact)], dp), kernel.Rows(x.Data, xp), &w, n, rows, Next{Memory: x.Data, Half: true})
			for k, v := range dst {
				want := before[k]
				if k < len(exact) && k%dp < n {
					want = kernel.ToFloat16(exact[k])
				}
				if v != want {
					t.Fatalf("%dx%d: [%d] is %#04x, want %#04x", rows, n, k, v, want)
				}
			}
			x.Check(t)
			words.Check(t)
		}
	})
}

func TestDepthwiseGrad(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, size := range depthwiseSizes() {
			n, rows := size[0], size[1]
			r := kerneltest.NewRand(i)
			xp, gp := n+2+i%4, n+i%3
			x := m.Vector(t, (rows+1)*xp+n+2, i%16)
			x.Plane(r, 0, xp, n+2, rows+2)
			g := m.Vector(t, (rows-1)*gp+n, (i+3)%16)
			g.Plane(r, 0, gp, n, rows)
			var dw, want, scale [9]float32
			for k := range dw {
				dw[k] = float32(r.NormFloat64())
			}
			want = dw
			copy(scale[:], kerneltest.Magnitudes(dw[:]))
			convGradGeneric(&want, kernel.Rows(x.Data, xp), kernel.Rows(g.Data, gp), n, rows)
			convGradGeneric(&scale, kernel.Rows(kerneltest.Magnitudes(x.Data), xp), kernel.Rows(kerneltest.Magnitudes(g.Data), gp), n, rows)
			ConvGrad(&dw, kernel.Rows(x.Data, xp), kernel.Rows(g.Data, gp), n, rows, [2]Next{{g.Data, i%2 == 1}, {x.Data, i%2 == 1}})
			kerneltest.Same(t, fmt.Sprintf("depthwise gradient %dx%d: dw", rows, n), dw[:], want[:], scale[:])
			x.Check(t)
			g.Check(t)
		}
	})
}
