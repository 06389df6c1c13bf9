//go:build !amd64 || noasm

package winograd

import "csnet/internal/kernel"

func in(dst *kernel.Planes, x *[Points]Row, n, planes int) {
	inGeneric(dst, x, n, planes)
}

func gradIn(dst *kernel.Planes, x *[Rows]Row, n, planes int) {
	gradInGeneric(dst, x, n, planes)
}

func convAct(dst, v *kernel.Planes, off []int32, w *kernel.Weights, n, skip, rows int, e *End) {
	convActGeneric(dst, v, off, w, n, skip, rows, e)
}
