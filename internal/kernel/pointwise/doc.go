// Package pointwise holds what goes over floats one by one: sums, norms with their
// activations and the gradients of both, copies, the loss, the optimizer's step.
// Package kernel explains the names.
package pointwise
