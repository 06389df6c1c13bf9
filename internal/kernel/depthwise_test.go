package kernel

import (
	"fmt"
	"testing"
)

// depthwiseSizes are all tails with few rows, and CSNet's own maps.
func depthwiseSizes() (sizes [][2]int) {
	for n := 1; n <= 70; n++ {
		sizes = append(sizes, [2]int{n, 1 + n%19})
	}
	for _, n := range []int{7, 14, 28, 56} {
		sizes = append(sizes, [2]int{n, n})
	}
	return sizes
}

func TestDepthwise(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, size := range depthwiseSizes() {
			n, rows := size[0], size[1]
			r := newRand(i)
			xp, dp := n+2+i%4, n+i%3
			x := m.vector(t, (rows+1)*xp+n+2, i%16)
			x.plane(r, 0, xp, n+2, rows+2)
			var w, aw [9]float32
			copy(w[:], m.vector(t, 9, 0).random(r).data)
			copy(aw[:], magnitudes(w[:]))
			dst := m.vector(t, (rows-1)*dp+n, (i+3)%16)
			want, scale := clone(dst.data), clone(dst.data)
			depthwiseGeneric(want, dp, x.data, xp, &w, n, rows)
			depthwiseGeneric(scale, dp, magnitudes(x.data), xp, &aw, n, rows)
			Depthwise(dst.data, dp, x.data, xp, &w, n, rows, x.data)
			same(t, fmt.Sprintf("depthwise %dx%d: dst", rows, n), dst.data, want, scale)
			x.check(t)
			dst.check(t)

			// Each row alone gives the same bits.
			row := make([]float32, n)
			for y := range rows {
				Depthwise(row, n, x.data[y*xp:], xp, &w, n, 1, nil)
				for k, v := range row {
					if v != dst.data[y*dp+k] {
						t.Fatalf("row %d alone: [%d] = %v, want %v", y, k, v, dst.data[y*dp+k])
					}
				}
			}
		}
	})
}

func TestDepthwiseGrad(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, size := range depthwiseSizes() {
			n, rows := size[0], size[1]
			r := newRand(i)
			xp, gp := n+2+i%4, n+i%3
			x := m.vector(t, (rows+1)*xp+n+2, i%16)
			x.plane(r, 0, xp, n+2, rows+2)
			g := m.vector(t, (rows-1)*gp+n, (i+3)%16)
			g.plane(r, 0, gp, n, rows)
			var dw, want, scale [9]float32
			for k := range dw {
				dw[k] = float32(r.NormFloat64())
			}
			want = dw
			copy(scale[:], magnitudes(dw[:]))
			depthwiseGradGeneric(&want, x.data, xp, g.data, gp, n, rows)
			depthwiseGradGeneric(&scale, magnitudes(x.data), xp, magnitudes(g.data), gp, n, rows)
			DepthwiseGrad(&dw, x.data, xp, g.data, gp, n, rows, g.data, x.data)
			same(t, fmt.Sprintf("depthwise gradient %dx%d: dw", rows, n), dw[:], want[:], scale[:])
			x.check(t)
			g.check(t)
		}
	})
}
