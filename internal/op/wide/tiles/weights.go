package tiles

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/gemm"
	"csnet/internal/kernel/winograd2d"
	"csnet/internal/op"
	"csnet/internal/op/wide/matmul"
)

// WeightFloats is the size of the evaluated weights.
func (v *Conv) WeightFloats() int { return winograd2d.Points * v.c * v.columns }

// Pack evaluates part i, one of op.Parts, of the weights w (Out, C, 3, 3), with a factor for
// each output: [point][sum], each as gemm.MulRows takes it.
func (v *Conv) Pack(dst, w []float32, factor func(output int) float32, i int) {
	lo, hi := op.Cut(v.columns, i, op.Parts), op.Cut(v.columns, i+1, op.Parts)
	for s := range matmul.Sums(v.c) {
		from, to := v.sum(s)
		place, step := make([]int, hi-lo), make([]int, hi-lo)
		for o := range place {
			place[o], step[o] = places(v.columns, to-from, lo+o)
		}
		for c := from; c < to; c++ {
			for o := lo; o < hi; o++ {
				var u [winograd2d.Points]float32
				if o < v.out {
					u = taps(w[(o*v.c+c)*9:], factor(o))
				}
				at := from*v.columns + place[o-lo] + (c-from)*step[o-lo]
				for p, x := range u {
					dst[p*v.c*v.columns+at] = x
				}
			}
		}
	}
}

// taps evaluates the first nine of w times f.
func taps(w []float32, f float32) [winograd2d.Points]float32 {
	var g [9]float32
	for j, x := range w[:9] {
		g[j] = x * f
	}
	return winograd2d.Taps(&g)
}

// sum returns the channels that are summed by themselves as sum number i.
func (v *Conv) sum(i int) (from, to int) {
	return i * matmul.SumLength, min((i+1)*matmul.SumLength, v.c)
}

// MultiplyTasks is the number of tasks of Multiply.
func (v *Conv) MultiplyTasks() int { return winograd2d.Points }

// Multiply makes the products of run r at point p.
func (v *Conv) Multiply(products, values, weights []float32, r, p int) {
	first, end := v.run(r)
	dst := kernel.Rows(products[p*v.point(v.products):], v.products)
	for s := range matmul.Sums(v.c) {
		from, to := v.sum(s)
		x := kernel.Rows(values[p*v.point(v.values)+from:], v.values)
		gemm.MulRows(dst, x, weights[p*v.c*v.columns+from*v.columns:], end-first, v.columns, to-from, s > 0)
	}
}
