package kernel

// The numbers that suit the kernels to a processor's caches. They were chosen on
// Intel server cores with AVX-512, 48 KiB of first-level data cache and 2 MiB of
// second-level cache a core. None of them changes a result by a bit, but for
// GradTile, which sets the order of the sums in weight gradients.
const (
	// TileFloats is how many floats of its input a dense convolution of several
	// blocks of outputs goes through before it begins the next block: 512 KiB, a
	// quarter of the second-level cache, so that the input is read from memory once.
	// Twice as many compete with the outputs for the cache, half as many load the
	// weights twice as often.
	TileFloats = 1 << 17

	// TileColumns is the least width of such a tile. It is a multiple of the columns
	// of every dense block, at either level, so that only the last tile of a row has
	// a masked end.
	TileColumns = 192

	// GradTile is how many columns times rows of the gradient a tile of a dense
	// weight gradient spans. With the six outputs of a block these are 24 KiB, half of
	// the first-level cache: they stay there while all taps of the input go by.
	GradTile = 1024
)
