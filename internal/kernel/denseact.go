package kernel

// Act is what DenseAct does beyond the convolution. Row r is of phase p = r %
// Phases (0 stands for 1; there are as many rows of each), of which ZOff and ZW
// hold the terms one phase after the other. A sum begins with
//
//	Bias[o] + sum over the phase's k of ZW[k] * Z[ZOff[k] + o*ZS + r/Phases*ZP + i]
//
// and ends with the PReLU of Slope, which must be finite. Nil leaves out. The
// first term may be dst itself.
type Act struct {
	Bias, Slope []float32
	Z           []float32
	ZS, ZP      int
	ZOff        []int32
	ZW          []float32
	Phases      int
	// Ahead is how many floats further on in x lies what is brought into the
	// second-level cache meanwhile; 0: nothing.
	Ahead int
}

func (a *Act) phases() int { return max(a.Phases, 1) }

// DenseAct is Dense that starts from a sum of rows, such as those a bilinear
// upsampling lies between, and ends with a PReLU:
//
//	for o < oc, r < rows, i < n:
//		s = start of a
//		for t < len(off): s += w[t*ws+o] * x[off[t] + r*xp + i]
//		dst[o*ds + r*dp + i] = Slope[o]*s if s < 0, else s
func DenseAct(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act) {
	denseAct(dst, ds, dp, x, xp, off, w, ws, oc, n, rows, a)
}

func denseActGeneric(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act) {
	for o := range oc {
		for r := range rows {
			d := dst[o*ds+r*dp:][:n]
			a.start(d, o, r)
			denseGeneric(d, 0, 0, x[min(r*xp, len(x)):], 0, off, w[min(o, len(w)):], ws, 1, n, 1, true)
			if a.Slope != nil {
				preluGeneric(d, a.Slope[o])
			}
		}
	}
}

// Dot is the last step of DenseDot: factors by output, and what sums begin with:
// Bias or, with Acc, what dst holds.
type Dot struct {
	W    []float32
	Bias float32
	Acc  bool
}

// DenseDot is DenseAct with a convolution of one output over its result, which is
// not kept:
//
//	for r < rows, i < n:
//		s = begin of d
//		for o < oc: s += d.W[o] * (what DenseAct makes of output o, row r, column i)
//		dst[r*dp+i] = s
//
// Sums run over the outputs in turn, as Dense's over taps. scratch has 4*n*rows
// floats.
func DenseDot(dst []float32, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act, d *Dot, scratch []float32) {
	denseDot(dst, dp, x, xp, off, w, ws, oc, n, rows, a, d, scratch)
}

// denseDotGeneric makes four outputs at a time by DenseAct: the plain Dense sums
// as many together.
func denseDotGeneric(dst []float32, dp int, x []float32, xp int, off []int32, w []float32, ws, oc, n, rows int, a *Act, d *Dot, scratch []float32) {
	for r := range rows {
		if row := dst[r*dp:][:n]; !d.Acc {
			for i := range row {
				row[i] = d.Bias
			}
		}
	}
	some := *a
	plane := n * rows
	four := [4]int32{0, int32(plane), int32(2 * plane), int32(3 * plane)}
	for o := 0; o < oc; o += len(four) {
		if a.Bias != nil {
			some.Bias = a.Bias[o:]
		}
		if a.Slope != nil {
			some.Slope = a.Slope[o:]
		}
		if len(a.ZOff) > 0 {
			some.Z = a.Z[o*a.ZS:]
		}
		k := min(len(four), oc-o)
		denseAct(scratch, plane, n, x, xp, off, w[min(o, len(w)):], ws, k, n, rows, &some)
		dense(dst, 0, dp, scratch, n, four[:k], d.W[o:], 1, 1, n, rows, true)
	}
}

// preluGeneric multiplies what is below 0 by slope.
func preluGeneric(d []float32, slope float32) {
	for i, u := range d {
		if u < 0 {
			d[i] = u * slope
		}
	}
}

// start sets d to what the sums of row r of output o begin with; the first term
// may be d itself.
func (a *Act) start(d []float32, o, r int) {
	var b float32
	if a.Bias != nil {
		b = a.Bias[o]
	}
	if len(a.ZOff) == 0 {
		for i := range d {
			d[i] = b
		}
	}
	phases := a.phases()
	terms := len(a.ZOff) / phases
	from := r % phases * terms
	for k, f := range a.ZOff[from:][:terms] {
		z, w := a.Z[int(f)+o*a.ZS+r/phases*a.ZP:][:len(d)], a.ZW[from+k]
		if k == 0 {
			for i, v := range z {
				d[i] = b + w*v
			}
			continue
		}
		for i, v := range z {
			d[i] += w * v
		}
	}
}
