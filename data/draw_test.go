package data

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

const (
	jpegMagic = "\xff\xd8"
	pngMagic  = "\x89PNG\r\n\x1a\n"
)

// write puts a file under a path whose folders it makes.
func write(t testing.TB, path string, content []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func pngBytes(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegBytes(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// drawPhoto draws a colourful picture that k makes different from others.
func drawPhoto(w, h, k int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(7*x + 31*k), uint8(5*y + 3*x), uint8(11*k + x*y), 255})
		}
	}
	return img
}

// drawMask draws a white box on black.
func drawMask(w, h, k int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := h / 4; y < h*3/4; y++ {
		for x := w / 4; x < w*3/4-k%2; x++ {
			img.Pix[img.PixOffset(x, y)] = 255
		}
	}
	return img
}

// drawSet writes n pairs of changing sizes as images/ and GT/ and gives them.
func drawSet(t testing.TB, dir string, n int) []Pair {
	t.Helper()
	var pairs []Pair
	for k := range n {
		w, h, stem := 60+3*k, 80-2*k, "p"+strconv.Itoa(100+k)
		image, content := "images/"+stem+".png", pngBytes(t, drawPhoto(w, h, k))
		if k%2 == 1 {
			image, content = "images/"+stem+".jpg", jpegBytes(t, drawPhoto(w, h, k))
		}
		pairs = append(pairs, Pair{Stem: stem, Image: write(t, filepath.Join(dir, image), content),
			Mask: write(t, filepath.Join(dir, "GT", stem+".png"), pngBytes(t, drawMask(w, h, k)))})
	}
	return pairs
}

// exifBlock is a TIFF block with an orientation as SHORT, after another tag.
func exifBlock(order binary.AppendByteOrder, orientation int) []byte {
	b := []byte("II")
	if order.String() == "BigEndian" {
		b = []byte("MM")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 0x010f) // maker
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, 4)
	b = append(b, "abc\x00"...)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, uint16(orientation))
	return append(b, 0, 0, 0, 0, 0, 0)
}

// withExif puts an EXIF block into a JPEG or PNG.
func withExif(file, block []byte) []byte {
	if bytes.HasPrefix(file, []byte(jpegMagic)) {
		segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(8+len(block)))
		segment = append(append(segment, "Exif\x00\x00"...), block...)
		return slices.Concat(file[:2], segment, file[2:])
	}
	return slices.Concat(file[:33], pngChunk("eXIf", block), file[33:]) // after IHDR
}

func pngChunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// A flatJPEG is a JPEG of 8x8 blocks of one colour each, which it stores exactly:
// quantiser 8, DC only. It writes the kinds that image/jpeg cannot.
type flatJPEG struct {
	cols, rows  int
	planes      [][]uint8 // per component, cols*rows values
	adobe       int       // colour transform of the Adobe marker; -1 = no marker
	progressive bool
}

func (f flatJPEG) bytes() []byte {
	be := binary.BigEndian
	n := len(f.planes)
	segment := func(out []byte, marker byte, body []byte) []byte {
		return append(be.AppendUint16(append(out, 0xff, marker), uint16(2+len(body))), body...)
	}
	out := []byte(jpegMagic)
	if f.adobe >= 0 {
		out = segment(out, 0xee, append([]byte("Adobe\x00\x64\x00\x00\x00\x00"), byte(f.adobe)))
	}
	out = segment(out, 0xdb, append([]byte{0}, bytes.Repeat([]byte{8}, 64)...))
	frame := []byte{8}
	frame = be.AppendUint16(frame, uint16(8*f.rows))
	frame = be.AppendUint16(frame, uint16(8*f.cols))
	frame = append(frame, byte(n))
	for c := range n {
		frame = append(frame, byte(c+1), 0x11, 0)
	}
	out = segment(out, map[bool]byte{false: 0xc0, true: 0xc2}[f.progressive], frame)
	// DC: twelve categories of four bits each; AC: end of block in one bit.
	out = segment(out, 0xc4, append(append([]byte{0, 0, 0, 0, 12}, make([]byte, 12)...), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
	out = segment(out, 0xc4, append(append([]byte{0x10, 1}, make([]byte, 15)...), 0))
	all := make([]int, n)
	for c := range all {
		all[c] = c
	}
	if !f.progressive {
		return append(f.scan(out, all, true, true), 0xff, 0xd9)
	}
	out = f.scan(out, all, true, false)
	for c := range n {
		out = f.scan(out, []int{c}, false, true)
	}
	return append(out, 0xff, 0xd9)
}

// scan writes one scan of some components, with or without DC and AC.
func (f flatJPEG) scan(out []byte, comps []int, dc, ac bool) []byte {
	head := []byte{byte(len(comps))}
	for _, c := range comps {
		head = append(head, byte(c+1), 0)
	}
	first, last := byte(1), byte(0)
	if dc {
		first = 0
	}
	if ac {
		last = 63
	}
	head = append(head, first, last, 0)
	out = append(binary.BigEndian.AppendUint16(append(out, 0xff, 0xda), uint16(2+len(head))), head...)
	var acc, held uint32
	put := func(v, n uint32) {
		for ; n > 0; n-- {
			acc, held = acc<<1|v>>(n-1)&1, held+1
			if held == 8 {
				out = append(out, byte(acc))
				if byte(acc) == 0xff {
					out = append(out, 0)
				}
				acc, held = 0, 0
			}
		}
	}
	last8 := make([]int, len(f.planes))
	for i := range f.cols * f.rows {
		for _, c := range comps {
			if dc {
				v := int(f.planes[c][i]) - 128
				diff := v - last8[c]
				last8[c] = v
				size := uint32(0)
				for d := max(diff, -diff); d > 0; d >>= 1 {
					size++
				}
				put(size, 4)
				if diff < 0 {
					diff += 1<<size - 1
				}
				put(uint32(diff), size)
			}
			if ac {
				put(0, 1)
			}
		}
	}
	put(0x7f, (8-held)%8)
	return out
}
