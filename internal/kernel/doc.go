// Package kernel is the ground of the arithmetic on []float32 that the ops are made
// of: the instruction sets, the values that say where planes and weights lie, and the
// numbers that suit the kernels to the caches. The kernels themselves are in the
// packages below it, which know nothing of csnet:
//
//	dense      convolutions in which every output reads every input channel
//	winograd   the same for 3x3, with fewer products
//	depthwise  3x3 convolutions of one channel each
//	pointwise  norms, activations, sums, copies, the loss, the optimizer's step
//	half       norms and activations of maps and gradients that lie in 16 bits
//	resample   pools, padding, bilinear upsampling
//
// The doc comment of a kernel is its reference loop. Slices are trusted: the public
// layers check, the kernels index, and what assembly reads and writes is checked
// against the slices before it runs. Planes are row-major. Sums run in an order that
// depends on sizes alone, never on threads.
//
// # How a kernel is written
//
// A function Conv has these parts:
//
//	Conv                exported, with the loop as its comment
//	convGeneric         that loop in plain Go, the twin that tests compare with
//	conv                in conv_amd64.go: checks, cuts the work into tiles and blocks,
//	                    calls assembly; in plain.go, for other processors and the
//	                    build tag noasm: calls the twin
//	callDense           generated: the switch over instruction sets and variants; of
//	                    many variants one for each instruction set (callGemmAVX2)
//	denseArgs           generated: the arguments of the assembly, where they are more
//	                    than eight
//	dense8AVX512        generated: the assembly, which takes a pointer to them and
//	                    leaves them as they are
//
// Files that end with _amd64.s or _stubs_amd64.go are written by the program in
// _generate; go generate ./internal/kernel writes them anew. A family of kernels has
// one file of stubs, and one of assembly for each instruction set, or several where
// it would be larger than 400 KB.
//
// # Names of assembly functions
//
// As XNNPACK's (doc/microkernel-naming-conventions.md there), a name says the
// operation, what is added to it, the shape of a block and the instruction set:
//
//	<operation>[Grad][Act][In][<block>][Store|Stream][Native]<AVX2|AVX512>
//
//	operation  dense, denseTall, depthwise, winograd, maxPool, avgPool2, upRow, ...
//	Grad       the gradient of the operation
//	Act        the operation with what surrounds it in a trained net: bias or a sum of
//	           rows before it, PReLU after it
//	In         the transform of the inputs
//	block      dense, winograd: the number of outputs; denseGrad: outputs x taps;
//	           pools and upsampling: the factor
//	Store      the kernel stores a gradient; without it, it adds to what is there
//	Stream     its stores are streaming: they bypass the caches
//	Native     it converts bfloat16s by AVX-512 BF16 and VBMI, to the same bits
//
// Thus denseAct10AVX512 is the dense convolution with bias and PReLU that makes ten
// outputs at a time, denseGrad3x4AVX2 the weight gradient for three outputs and four
// taps, maxPoolGrad2StoreAVX512 the gradient of a 2x2 pool that is stored.
//
// # Letters
//
// Go code says Planes and Weights. Inside a kernel, and in the arguments of assembly,
// there are short names. Two letters are an array and a distance in it, in floats: s
// for stride (from plane to plane), p for pitch (from row to row), k for point, t for
// tile.
//
//	dst, x, w      output, input, weights       d, g, z      gradients, a gradient, a map before its norm
//	ds, dp         stride and pitch of dst      xs, xp       of x
//	ss, sp         of src                       gs, gp       of a gradient g
//	zs, zp         of z                         ws           from tap to tap of w
//	vk, vt         from point to point and from tile to tile of Winograd's v
//	off, taps      a tap's offsets in x, and their number
//	oc             output channels              n, rows      columns and rows to make
//	h, w           height and width of a plane  f            the factor of a pool or an upsampling
//	acc            add to what is there         slack        rows that may be read beyond (Slack)
package kernel

//go:generate sh -c "cd _generate && go run . .."
