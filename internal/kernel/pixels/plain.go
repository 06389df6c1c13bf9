//go:build !amd64 || noasm

package pixels

func blendRow(dst []uint8, a, b []float32, t float32) { blendGeneric(dst, a, b, t) }

func differenceRow(dst, x, y []uint8) { differenceGeneric(dst, x, y) }

func adlerRow(sum uint32, p []byte) uint32 { return adlerGeneric(sum, p) }

func rgbRow(dst, luma, cb, cr []uint8, pairs bool) { rgbGeneric(dst, luma, cb, cr, pairs) }
