//go:build !amd64 || noasm

package winograd2d

func in(dst []float32, point int, src []float32, row, column, n int, _ []float32) {
	inGeneric(dst, point, src, row, column, n)
}

func out(dst []float32, row, column int, src []float32, point, n int, _ []float32) {
	outGeneric(dst, row, column, src, point, n)
}

func turn(dst []float32, ds int, src []float32, ss, rows, columns int) {
	transposeGeneric(dst, ds, src, ss, rows, columns)
}
