package kernel

import (
	"fmt"
	"testing"
)

func TestAcross(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for _, f := range []int{2, 4, 6, 8, 16} {
			for n := 1; n <= 40; n++ {
				r := newRand(n)
				rows := 1 + n%3
				sp, dp := n+2+n%4, n*f+n%3
				src := m.vector(t, (rows-1)*sp+n+2+AcrossSlack, n%16)
				src.plane(r, 0, sp, n+2, rows)
				dst := m.vector(t, (rows-1)*dp+n*f, (n+3)%16)
				want, scale := clone(dst.data), clone(dst.data)
				for y := range rows {
					for i := range f * n {
						// Position in the row with its neighbours.
						p := (float64(i)+0.5)/float64(f) + 0.5
						k := int(p)
						a, b := float64(src.data[y*sp+k]), float64(src.data[y*sp+k+1])
						t := p - float64(k)
						want[y*dp+i] = float32((1-t)*a + t*b)
						scale[y*dp+i] = float32(max(a, -a) + max(b, -b))
					}
				}
				Across(dst.data, dp, src.data, sp, n, f, rows)
				same(t, fmt.Sprintf("across %d, %d times: dst", n, f), dst.data, want, scale)
				src.check(t)
				dst.check(t)
			}
		}
	})
}

func TestAcrossGrad(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for _, f := range []int{2, 4, 6, 8, 16} {
			for n := 1; n <= 40; n++ {
				r := newRand(n)
				rows := 1 + n%3
				gp, dp := (n+3)*f+n%4, n+2+n%3
				g := m.vector(t, (rows-1)*gp+(n+3)*f, n%16)
				g.plane(r, 0, gp, (n+3)*f, rows)
				dst := m.vector(t, (rows-1)*dp+n+2, (n+3)%16)
				want, scale := clone(dst.data), clone(dst.data)
				for y := range rows {
					row := g.data[y*gp:][:(n+3)*f]
					for i := range row {
						if i < 3*f/2 || i >= 3*f/2+n*f {
							row[i] = 0
						}
					}
					// What each output's sources get, output by output.
					h, abs := make([]float64, n+2), make([]float64, n+2)
					for i := range f * n {
						p := (float64(i)+0.5)/float64(f) + 0.5
						k := int(p)
						v := float64(row[3*f/2+i])
						h[k] += (1 - (p - float64(k))) * v
						h[k+1] += (p - float64(k)) * v
						abs[k] += max(v, -v)
						abs[k+1] += max(v, -v)
					}
					for j := range h {
						want[y*dp+j], scale[y*dp+j] = float32(h[j]), float32(abs[j])
					}
				}
				AcrossGrad(dst.data, dp, g.data, gp, n, f, rows)
				same(t, fmt.Sprintf("gradient across %d, %d times: dst", n, f), dst.data, want, scale)
				g.check(t)
				dst.check(t)
			}
		}
	})
}
