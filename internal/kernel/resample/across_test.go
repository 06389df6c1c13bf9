package resample

import (
	"fmt"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

func TestAcross(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for _, f := range []int{2, 4, 6, 8, 16} {
			for n := 1; n <= 40; n++ {
				r := kerneltest.NewRand(n)
				rows := 1 + n%3
				planes := 1 + n/2%3
				sp, dp := n+n%4, n*f+n%3
				ss, ds := rows*sp+n%5, rows*dp+n%2
				src := m.Vector(t, (planes-1)*ss+(rows-1)*sp+n+1+AcrossSlack, n%16)
				dst := m.Vector(t, (planes-1)*ds+(rows-1)*dp+n*f, (n+3)%16)
				want, scale := kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
				for k := range planes * rows {
					from, to := k/rows*ss+k%rows*sp+1, k/rows*ds+k%rows*dp
					src.Plane(r, from, sp, n, 1)
					for i := range f * n {
						p := max((float64(i)+0.5)/float64(f)-0.5, 0)
						k := int(p)
						a, b := float64(src.Data[from+k]), float64(src.Data[from+min(k+1, n-1)])
						t := p - float64(k)
						want[to+i] = float32((1-t)*a + t*b)
						scale[to+i] = float32(max(a, -a) + max(b, -b))
					}
				}
				Across(&kernel.Planes{X: dst.Data, Stride: ds, Pitch: dp}, &kernel.Planes{X: src.Data, Stride: ss, Pitch: sp}, n, f, rows, planes)
				kerneltest.Same(t, fmt.Sprintf("across %d, %d times: dst", n, f), dst.Data, want, scale)
				src.Check(t)
				dst.Check(t)
			}
		}
	})
}
