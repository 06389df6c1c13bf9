package dense

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

// Act is what ConvAct does before and after the convolution. Row r is of phase
// p = r % Phases, of which there are as many rows each; 0 phases stand for 1. ZOff
// and ZW hold the terms of one phase after the other. A sum begins with
//
//	Bias[o] + sum over the phase's k of ZW[k] * Z.X[ZOff[k] + o*Z.Stride + r/Phases*Z.Pitch + i]
//
// and ends with the PReLU of Slope, which must be finite. A nil Bias, Slope or ZOff
// is left out. The first term may be dst itself.
type Act struct {
	Bias, Slope []float32
	Z           kernel.Planes
	ZOff        []int32
	ZW          []float32
	Phases      int
	// Prefetch is the distance, in floats, from what is read of x to what is
	// prefetched into the second-level cache meanwhile; 0: nothing is.
	Prefetch int
}

func (a *Act) phases() int { return max(a.Phases, 1) }

// ConvAct is Conv that starts from a sum of rows, such as those a bilinear
// upsampling lies between, and ends with a PReLU:
//
//	for o < w.Outputs, r < rows, i < n:
//		s = start of a
//		for t < len(off): s += w.W[t*w.Stride+o] * x.X[off[t] + r*x.Pitch + i]
//		row r of plane o of dst at i = Slope[o]*s if s < 0, else s
func ConvAct(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act) {
	convAct(dst, x, off, w, n, rows, a)
}

func convActGeneric(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act) {
	for o := range w.Outputs {
		one := kernel.Weights{W: w.W[min(o, len(w.W)):], Stride: w.Stride, Outputs: 1}
		for r := range rows {
			d := dst.X[o*dst.Stride+r*dst.Pitch:][:n]
			a.start(d, o, r)
			row := kernel.Planes{X: x.X[min(r*x.Pitch, len(x.X)):]}
			ConvGeneric(&kernel.Planes{X: d}, &row, off, &one, n, 1, true)
			if a.Slope != nil {
				pointwise.PReLU(d, a.Slope[o])
			}
		}
	}
}

// Reduce is the last step of ConvReduce: a factor per output, and what sums begin
// with, Bias or, with Acc, what dst holds.
type Reduce struct {
	W       []float32
	Bias    float32
	Acc     bool
	Scratch []float32 // 4*n*rows floats
}

// ConvReduce is ConvAct followed by a 1x1 convolution of one output over its result,
// which is not kept:
//
//	for r < rows, i < n:
//		s = Bias or, with Acc, row r of dst at i
//		for o < w.Outputs: s += d.W[o] * (what ConvAct makes of output o, row r, column i)
//		row r of dst at i = s
//
// Sums run over the outputs in turn, as Conv's over taps.
func ConvReduce(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act, d *Reduce) {
	convReduce(dst, x, off, w, n, rows, a, d)
}

// convReduceGeneric makes four outputs at a time by ConvAct: the plain Conv sums as
// many together.
func convReduceGeneric(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, a *Act, d *Reduce) {
	for r := range rows {
		if row := dst.X[r*dst.Pitch:][:n]; !d.Acc {
			for i := range row {
				row[i] = d.Bias
			}
		}
	}
	part := *a
	plane := n * rows
	maps := kernel.Planes{X: d.Scratch, Stride: plane, Pitch: n}
	four := [4]int32{0, int32(plane), int32(2 * plane), int32(3 * plane)}
	for o := 0; o < w.Outputs; o += len(four) {
		if a.Bias != nil {
			part.Bias = a.Bias[o:]
		}
		if a.Slope != nil {
			part.Slope = a.Slope[o:]
		}
		if len(a.ZOff) > 0 {
			part.Z.X = a.Z.X[o*a.Z.Stride:]
		}
		k := min(len(four), w.Outputs-o)
		some := kernel.Weights{W: w.W[min(o, len(w.W)):], Stride: w.Stride, Outputs: k}
		ConvAct(&maps, x, off, &some, n, rows, &part)
		Conv(kernel.Rows(dst.X, dst.Pitch), &maps, four[:k], kernel.Packed(d.W[o:], 1), n, rows, true)
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
		z, w := a.Z.X[int(f)+o*a.Z.Stride+r/phases*a.Z.Pitch:][:len(d)], a.ZW[from+k]
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
