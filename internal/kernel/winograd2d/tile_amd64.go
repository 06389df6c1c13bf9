//go:build amd64 && !noasm

package winograd2d

import "csnet/internal/kernel"

func in(dst []float32, point int, src []float32, row, column, n int, scratch []float32) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 {
		inGeneric(dst, point, src, row, column, n)
		return
	}
	check(n)
	_, _, _ = dst[(Points-1)*point+n-1], src[(Side-1)*(row+column)+n-1], scratch[Scratch-1]
	callWinograd2dIn(level, &dst[0], point, &src[0], row, column, n, &scratch[0])
}

func out(dst []float32, row, column int, src []float32, point, n int, scratch []float32) {
	level := kernel.Current()
	if level == kernel.Plain || n <= 0 {
		outGeneric(dst, row, column, src, point, n)
		return
	}
	check(n)
	_, _, _ = dst[(Tile-1)*(row+column)+n-1], src[(Points-1)*point+n-1], scratch[Scratch-1]
	callWinograd2dOut(level, &dst[0], row, column, &src[0], point, n, &scratch[0])
}

// check panics, as an index would, unless n is a multiple of Channels.
func check(n int) {
	if n%Channels != 0 {
		panic("winograd2d: channels are no multiple of 16")
	}
}

// turn goes through strips of eight rows, of which the last may begin in the one before.
func turn(dst []float32, ds int, src []float32, ss, rows, columns int) {
	const side = 8
	level := kernel.Current()
	if level == kernel.Plain || rows < side || columns < side {
		transposeGeneric(dst, ds, src, ss, rows, columns)
		return
	}
	for r := 0; r < rows; r += side {
		r := min(r, rows-side)
		callTranspose(level, &dst[r], ds, &src[r*ss], ss, columns)
	}
}
