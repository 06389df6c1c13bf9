//go:build !amd64 || noasm

package pixels

func blendRow(dst []uint8, a, b []float32, t float32) { blendGeneric(dst, a, b, t) }

func differenceRow(dst, x, y []uint8) { differenceGeneric(dst, x, y) }

func adlerRow(sum uint32, p []byte) uint32 { return adlerGeneric(sum, p) }

func rgbRow(dst, luma, cb, cr []uint8, pairs bool) { rgbGeneric(dst, luma, cb, cr, pairs) }

func inverseBlock(b *[64]int32, dst []byte, stride int) { inverseGeneric(b, dst, stride) }

func acrossRow(dst []float32, src []uint8, t *Taps) { acrossGeneric(dst, src, t, 0) }

func betweenRow(dst, a, b []float32, t, scale, shift float32) {
	betweenGeneric(dst, a, b, t, scale, shift)
}
