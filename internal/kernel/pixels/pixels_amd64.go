//go:build amd64 && !noasm

package pixels

import "csnet/internal/kernel"

// block is what the kernels' counts are multiples of.
const block = 32

// The last block of a row overlaps the one before it.

func blendRow(dst []uint8, a, b []float32, t float32) {
	n := len(dst)
	if n < block || kernel.Current() == kernel.Plain {
		blendGeneric(dst, a, b, t)
		return
	}
	blend(&dst[0], &a[0], &b[0], n&^(block-1), t)
	if at := n - block; n%block > 0 {
		blend(&dst[at], &a[at], &b[at], block, t)
	}
}

func differenceRow(dst, x, y []uint8) {
	n, whole := len(dst), len(dst)&^(block-1)
	if n < block || kernel.Current() == kernel.Plain {
		differenceGeneric(dst, x, y)
		return
	}
	difference(&dst[0], &x[0], &y[0], whole)
	differenceGeneric(dst[whole:], x[whole:], y[whole:]) // dst may be x: no byte twice
}

// adlerMost is how many bytes are added before sums are reduced. The sums before each
// block grow fastest: n bytes make a lane of 32 bits n*n at most.
const adlerMost = 8192

func adlerRow(sum uint32, p []byte) uint32 {
	if len(p) < block || kernel.Current() == kernel.Plain {
		return adlerGeneric(sum, p)
	}
	a, b := uint64(sum&0xffff), uint64(sum>>16)
	for len(p) >= block {
		n := min(len(p), adlerMost) &^ (block - 1)
		var sums [24]uint32
		adler(&sums[0], &p[0], n)
		var total [3]uint64
		for i, v := range sums {
			total[i/8] += uint64(v)
		}
		b = (b + uint64(n)*a + block*total[1] + total[2]) % adlerMod
		a = (a + total[0]) % adlerMod
		p = p[n:]
	}
	sum = uint32(b)<<16 | uint32(a)
	if len(p) > 0 {
		sum = adlerGeneric(sum, p)
	}
	return sum
}

// rgbRow leaves what the kernel would write beyond the row to plain Go.
func rgbRow(dst, luma, cb, cr []uint8, pairs bool) {
	n := 0
	if len(luma) >= 16 && kernel.Current() != kernel.Plain {
		n = (len(luma) - 2) &^ 7
		if pairs {
			rgbPairs(&dst[0], &luma[0], &cb[0], &cr[0], n)
			cb, cr = cb[n/2:], cr[n/2:]
		} else {
			rgb(&dst[0], &luma[0], &cb[0], &cr[0], n)
			cb, cr = cb[n:], cr[n:]
		}
	}
	rgbGeneric(dst[3*n:], luma[n:], cb, cr, pairs)
}

func inverseBlock(b *[64]int32, dst []byte, stride int) {
	if kernel.Current() == kernel.Plain || stride < 0 {
		inverseGeneric(b, dst, stride)
		return
	}
	_ = dst[7*stride+7]
	inverse(&dst[0], stride, &b[0])
}

// acrossRow leaves to plain Go a row whose pixels lie at the end of src, where the kernel
// would read a byte beyond it.
func acrossRow(dst []float32, src []uint8, t *Taps) {
	n, k := len(t.w)&^7, len(t.w)
	if kernel.Current() == kernel.Plain || t.end >= len(src) {
		n = 0
	}
	if n > 0 {
		acrossRGB(&dst[0], &dst[k], &dst[2*k], &src[0], &t.a[0], &t.b[0], &t.w[0], n)
	}
	acrossGeneric(dst, src, t, n)
}

func betweenRow(dst, a, b []float32, t, scale, shift float32) {
	n := len(dst) &^ 7
	if kernel.Current() == kernel.Plain {
		n = 0
	}
	if n > 0 {
		between(&dst[0], &a[0], &b[0], n, t, scale, shift)
	}
	betweenGeneric(dst[n:], a[n:], b[n:], t, scale, shift)
}
