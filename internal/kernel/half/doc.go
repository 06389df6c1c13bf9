// Package half holds the kernels of training on maps and gradients that lie in 16 bits: the
// same arithmetic in float32 as in package pointwise, converted in the load and the store.
// Maps before their norm are float16s, gradients are bfloat16s (docs/adr/0014). Every
// instruction set rounds to the same bits, those of kernel.ToFloat16 and kernel.ToBFloat16.
package half
