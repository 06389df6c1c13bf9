package jpeg

import (
	"fmt"
	"os"
	"testing"
)

// BenchmarkDecode decodes a drawn photo of 12 megapixels, or with PHOTO=FILE another
// JPEG, at every scale. The floor of an eighth is the chain of look-ups alone: as many
// bits as the file has, passed over by the table of its first AC codes, one window of
// bits after the other, without blocks, differences and pixels.
func BenchmarkDecode(b *testing.B) {
	file := drawn(b, 4000, 3000, 92, false)
	if name := os.Getenv("PHOTO"); name != "" {
		var err error
		if file, err = os.ReadFile(name); err != nil {
			b.Fatal(err)
		}
	}
	for _, scale := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprint(scale), func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := Decode(file, scale); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	d := &decoder{file: file, scale: 8, side: 1, keep: new(Buffers)}
	if err := d.segments(); err != nil {
		b.Fatal(err)
	}
	t := d.ac[0]
	t.toSkip()
	for i, e := range t.skip {
		if e&31 == 0 { // no code of the table: one bit
			t.skip[i] = 1
		}
	}
	b.Run("floor", func(b *testing.B) {
		b.SetBytes(int64(len(file)))
		for b.Loop() {
			chain(&d.bits, t, file)
		}
	})
}

// chain looks up windows of bits, as many as the file has bytes for, marks and all.
func chain(b *bits, t *table, file []byte) {
	b.start(nil)
	for at := 0; at+windowSize <= len(file); at += windowSize {
		copy(b.buf, file[at:at+windowSize])
		c := cursor{}
		for c.pos < windowSize {
			if c.n < 32 {
				c = c.filled(b.buf)
			}
			c = c.behind(uint32(t.skip[c.acc>>(64-skipBits)]))
		}
	}
}
