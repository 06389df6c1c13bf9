//go:build amd64 && !noasm

package kernel

func denseTall(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, oc, n, rows int, bias, slope []float32) {
	level := Current()
	if level == Plain || len(off) == 0 || n <= 0 || rows <= 0 {
		denseTallGeneric(dst, ds, dp, x, xp, off, w, oc, n, rows, bias, slope)
		return
	}
	if slope != nil && steep(slope[:oc]) {
		denseTall(dst, ds, dp, x, xp, off, w, oc, n, rows, bias, nil)
		for o, s := range slope[:oc] {
			normActRows(dst[o*ds:], dp, dst[o*ds:], dp, n, rows, 1, 0, s)
		}
		return
	}
	checkPlanes(x, xp, off, n, rows+2)
	_, _ = dst[(oc-1)*ds+(rows-1)*dp+n-1], w[3*len(off)*oc-1]
	if bias != nil {
		_ = bias[oc-1]
	}
	callDenseTall(level, oc, &denseTallArgs{
		dst: &dst[0], ds: ds, dp: dp, x: &x[0], xp: xp, off: &off[0], taps: len(off), w: &w[0],
		n: n, rows: rows, bias: first(bias), slope: first(slope),
	})
}
