package conv

import (
	"csnet/internal/kernel/gemm"
	"csnet/internal/op/wide/matmul"
)

// product runs the products of matrices of an op, forwards or backwards, one at a time.
type product struct {
	env    *Env
	p      *matmul.Product
	matrix []float32 // of p, packed
	cols   matmul.Columns
	dst    []float32 // the output, of one image
	acc    bool      // it is added to dst
	shared []float32 // all columns, where tasks share them
	end    gemm.End  // what is done with the sums
	// after is called for the outputs lo to hi-1 of rows from to to-1 when they are made,
	// while they are in the cache; nil: for none.
	after func(lo, hi, from, to int)

	weights []float32 // that are packed
	places  matmul.Matrix

	tasks struct{ pack, fill, multiply func(thread, i int) }
}

func (r *product) init(env *Env) {
	r.env = env
	r.tasks.pack = func(_, i int) { r.p.Pack(r.matrix, r.weights, &r.places, i) }
	r.tasks.fill = func(_, i int) { r.p.Fill(r.shared, &r.cols, i) }
	r.tasks.multiply = r.multiply
}

// pack makes p the product at hand and packs its weights w, which lie at places, into
// matrix.
func (r *product) pack(p *matmul.Product, matrix, w []float32, places matmul.Matrix) {
	r.p, r.matrix, r.weights, r.places = p, matrix, w, places
	r.env.Run(p.PackTasks(), r.tasks.pack)
}

// run runs the product at hand over cols.
func (r *product) run() {
	if r.p.Shares(&r.cols) {
		r.shared = r.env.get(input, r.p.SharedFloats())
		r.env.Run(r.p.Sums(), r.tasks.fill)
	}
	r.env.Run(r.p.Tasks(), r.tasks.multiply)
}

// multiply makes task i of the product.
func (r *product) multiply(thread, i int) {
	b := r.shared
	if !r.p.Shares(&r.cols) {
		b = r.env.scratch(thread, r.p.Scratch())
	}
	lo, hi, from, to := r.p.Multiply(r.dst, r.matrix, &r.cols, b, r.acc, &r.end, i)
	if r.after != nil {
		r.after(lo, hi, from, to)
	}
}
