package op

// This file holds every number of the engine that was chosen by measuring. Whoever
// brings csnet to another processor begins here. None of them changes a result by one
// bit, but for MinWinogradOutputs and MinWinogradRows, which choose between two ways to
// sum, and for the bands and tiles of training, which cut its sums into parts
// (OctBandFloats, AverageFloats, DepthwiseBandFloats, WinogradGradFloats, and L2Floats and
// DilatedFloats there).
//
// Each comment says what the number is a share of, where it was measured (a commit, and
// the log of that time in docs/bench/log: epyc or xeon), and what other values did. A
// float has four bytes: 256 Ki floats are 1 MiB. "None" means no difference above noise,
// which is 0.2 ms at 224x224 and 3 ms at 672x672. The kernels' own numbers are in
// internal/kernel.

// Sizes of caches and memory.
const (
	// L2Floats is what of the maps of a segment (layers that run together in
	// inference) stays in a core's second-level cache: three quarters of 2 MiB.
	// Measured at e028846 (xeon) and again in epyc, whose cache has 1 MiB. A third
	// less: none to +0.1 ms; half: none at 224x224; 448 Ki and more: 7.6 => 8.2 ms at
	// 224x224 on xeon, none on epyc. In training it is how large the coarse maps of a group
	// of gOctConvs are at most that are held whole, and the output of a 3x3 one of which the
	// gradient is; measured at 87a52e8 (epyc) for the groups: 48, 128 and 264 Ki: none, at
	// 224x224 and 672x672.
	L2Floats = 384 << 10
	// L3Floats is the outermost cache where the processor does not tell its size: 32
	// MiB.
	L3Floats = 8 << 20
	// StreamFloats is the size from which on a map or gradient of a batch is written by
	// streaming stores: 8 MiB, a core's share of the outermost cache. Measured at
	// 00ac638 (epyc): with twice the size, and before norms were applied band by band, a
	// step took 1 ms of 60 an image longer; half: none.
	StreamFloats = 2 << 20
	// ImageStreamShare is how much of StreamFloats's worth one image's maps count in
	// inference, where they are read and written once and reused within a few rows: with
	// the default, 22 MB of maps are streamed. Measured at 4c6608d (epyc, 672x672: 63.4
	// => 62.5 ms). Near twice the share the 20 MB of maps of 448x448, which the outermost
	// cache holds, are streamed too: 32.4 => 35.9 ms (xeon). At half of it 672x672 streams
	// nothing.
	ImageStreamShare = 3. / 8
	// ArenaLimit is how much memory the maps of a training net may take before those
	// that are cheap to recompute are dropped: a run of csnet-x1 in batches of 24, with its
	// validation, then stays within 1.2 GB. Measured at 3f2196f (epyc). Without a limit
	// the run takes 1.86 GB and, in the code of then, 9% less time. At half, 0.48 GiB, no
	// plan fits any more and all that can be recomputed is (737 MB at the least).
	ArenaLimit = 244 << 20
	// MixedArenaLimit is ArenaLimit in mixed precision: a step of csnet-x1 in batches of 24
	// then takes 621 MB in all, of the 650 that are its aim. Measured at ca105ad (xeon): with
	// 122 Mi 49 MB less, and a step takes 2.5% longer. With 136 Mi (epyc) 25 MB more, and 1 to
	// 2% faster.
	MixedArenaLimit = 134 << 20
)

// Rows at a time in training.
const (
	// OctBandFloats is what a band of rows holds of the finest inputs and outputs of a
	// group of pointwise gOctConvs: 192 KiB, a fifth of a second-level cache of 1 MiB,
	// whose rest takes the coarse maps. Measured at 54142a5 and again in epyc: 16, 24
	// and 32 Ki: none. Twice as much: 3% slower (2026-11-29, epyc). A band has four rows of
	// the coarsest map at least: with two or three, at 672x672, none to 2% longer; bands of
	// eight rows for csf.fuse and csf.out, which are two of their coarsest maps', 1% longer.
	OctBandFloats = 48 << 10
	// LookaheadFloats is how many values of each map a depthwise convolution has looked up
	// at a time, once or twice as many before it comes to them: eight pages in 16 bits.
	// Measured at 92b31a7 (epyc): 32, 64 and 128 Ki: none. With nothing looked up a step of
	// csnet-x1 takes 12% longer in mixed precision.
	LookaheadFloats = 16 << 10
	// OctLookaheadFloats is LookaheadFloats of each channel of the finest maps of a group of
	// pointwise gOctConvs: four pages in 16 bits. Other values were not measured; with nothing
	// looked up by gOctConvs a step takes 3% longer.
	OctLookaheadFloats = 8 << 10
	// AverageFloats is what a band of rows of one channel holds that is average-pooled
	// before a gOctConv, and of its gradient: 64 KiB. Chosen by reckoning; whole channels of
	// 672x672 take up to 1% longer. Other values were not measured.
	AverageFloats = 16 << 10
	// DepthwiseBandFloats is what a band of one channel holds in the depthwise
	// backward pass: 16 KiB, so that three bands fit a first-level cache of 48 KiB.
	// Measured at 54142a5 (xeon) together with the change from whole planes to bands;
	// half and twice were not.
	DepthwiseBandFloats = 4 << 10
)

// Rows at a time in inference.
const (
	// OctGroupFloats is what a group of rows of a gOctConv takes in scratch memory: 160
	// KiB, an eighth of a second-level cache of 1 to 2 MiB. Half: +1.3% (xeon), none
	// (epyc); a quarter: none (epyc); twice: none.
	OctGroupFloats = 40 << 10
	// DilatedFloats is what the padded rows of an MSBlock take: 1.25 MiB, most of a
	// second-level cache of 2 MiB. Measured in xeon (672x672: 192 Ki 66.9, 320 Ki 65.9
	// ms; none at 224x224). In training it is the same forward; other values were not measured.
	DilatedFloats = 320 << 10
	// PixelOutputs is how many outputs of a gOctConv go by at a time where a 1x1
	// convolution of one output runs along: two whole blocks of ten outputs, as the
	// kernels work on them. Chosen at b4711cf (epyc) by reckoning: with half as many the
	// input is read twice as often; with twice as many the rows that the sums begin with
	// take twice as much of the cache. Neither was measured.
	PixelOutputs = 20
	// SmallMapRows is how many rows a map has at most that counts as small: threads
	// then share its channels instead of its rows, and it is pooled by each reader.
	// Measured at 0f2eb6b (xeon, two threads, 224x224): 4.47 => 4.43 ms against no such
	// maps; with 56 rows none; with 112 4.54 => 5.05. Half was not measured.
	SmallMapRows = 28
	// PrefetchFloats is the size of a map from which on dense convolutions prefetch
	// what they read next: 2 MiB, the larger second-level caches. Measured at aaabb32
	// (epyc). Half: none.
	PrefetchFloats = 512 << 10
	// PrefetchDistance is how many floats ahead they prefetch into the second-level
	// cache: 4 KiB, a row or a few. Measured at 90d87e2 (epyc, 672x672): 128 floats 69.2,
	// 512 67.9, 1,024 67.8, 2,048 68.9, 4,096 70.8 ms.
	PrefetchDistance = 1 << 10
	// MinStageBands is how many units the bands of a segment of a whole stage have at
	// least: lower bands cost more, by the rows at their borders, than the maps between
	// blocks that they save. Chosen at d67884f (epyc); 1 and 4 were not measured.
	MinStageBands = 2
	// StageShare is how many times L2Floats the windows of a segment of a whole stage
	// may take: 960 Ki floats, which live in the outermost cache. Measured at 4c6608d
	// (epyc, 672x672: 64.3 => 63.3 ms against blocks by themselves); all blocks of a
	// stage, without this bound, +10% at 448x448.
	StageShare = 5. / 2
	// PooledMapShare is how many times L2Floats a map has at least that pools spare by
	// running with the block before them. Measured at 6b8ffbf (epyc, 672x672: 70 => 66
	// ms in the best hour); at half of it, at 224x224, 6.12 => 6.18 ms.
	PooledMapShare = 2
	// MapsInCache is how many maps of its size a cache must hold for a map to stay
	// there: the input, the output and one for all else. Measured at e028846 (xeon).
	// With 2 maps that fit the cache run in bands, which cost 10%.
	MapsInCache = 3
)

// Winograd's F(4, 3).
const (
	// WinogradFloats is what the transformed inputs of some tiles take: 64 KiB, so that
	// they stay in the first caches while all outputs read them. Measured at 0ecc9a3
	// (epyc): whole maps at a time 6.49 => 6.71 ms without, and 8.20 => 8.22 with AVX2.
	WinogradFloats = 16 << 10
	// WinogradGradFloats is what the transformed rows of both maps take of which the weights'
	// gradient is made: 384 KiB, two fifths of a second-level cache of 1 MiB. Measured at
	// 4558a00 (epyc, mixed): all tiles at once, 16 MB more resident at 224x224 and 121 MB at
	// 672x672, and 1 and 3% slower; a quarter and half: none to 4% slower; twice: none to 6%
	// slower.
	WinogradGradFloats = 96 << 10
	// MinWinogradOutputs is for how many outputs a convolution goes by Winograd: with
	// fewer, the transform of the inputs takes more than the sums save. Chosen at ae2b63f
	// by reckoning.
	MinWinogradOutputs = 3
	// MinWinogradRows is how many rows, times the dilation, a map has at least that
	// goes by Winograd: a tile is four rows and reads six, so of fewer rows more than a
	// third of the tiles would be zeros. Chosen at c64bf24 by reckoning.
	MinWinogradRows = 6
)
