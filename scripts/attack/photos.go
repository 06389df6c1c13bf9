//go:build unix

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// drawPhotos makes pictures of every kind that Go can write.
func (a *arena) drawPhotos() error {
	files, err := filepath.Glob(filepath.Join(a.set, "images", "*"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%s: no images: %w", a.set, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	b := img.Bounds()
	deep, grey, palette := image.NewNRGBA64(b), image.NewGray(b), image.NewPaletted(b, color.Palette{color.Black, color.White, color.RGBA{200, 10, 10, 255}})
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			deep.Set(x, y, img.At(x, y))
			grey.Set(x, y, img.At(x, y))
			palette.Set(x, y, img.At(x, y))
		}
	}
	for _, k := range []struct {
		name string
		to   func(w *bytes.Buffer) error
	}{
		{"jpg", func(w *bytes.Buffer) error { return jpeg.Encode(w, img, nil) }},
		{"jpg", func(w *bytes.Buffer) error { return jpeg.Encode(w, grey, nil) }},
		{"png", func(w *bytes.Buffer) error { return png.Encode(w, img) }},
		{"png", func(w *bytes.Buffer) error { return png.Encode(w, deep) }},
		{"png", func(w *bytes.Buffer) error { return png.Encode(w, palette) }},
		{"gif", func(w *bytes.Buffer) error { return gif.Encode(w, img, nil) }},
		{"bmp", func(w *bytes.Buffer) error { return bmp.Encode(w, img) }},
		{"tif", func(w *bytes.Buffer) error { return tiff.Encode(w, img, nil) }},
		{"tif", func(w *bytes.Buffer) error { return tiff.Encode(w, deep, &tiff.Options{Compression: tiff.Deflate}) }},
	} {
		var w bytes.Buffer
		if err := k.to(&w); err != nil {
			return err
		}
		a.photos, a.names = append(a.photos, w.Bytes()), append(a.names, k.name)
	}
	return nil
}

// hostile is a damaged picture. must: nothing of it may be taken for a picture.
func (a *arena) hostile() (name string, content []byte, must bool) {
	k := a.rng.IntN(len(a.photos))
	name, content = "bad."+a.names[k], a.photos[k]
	switch a.rng.IntN(8) {
	case 0:
		return name, a.bomb(a.names[k], content), false
	case 1:
		return name, []byte{}, true
	case 2: // not what its name says
		other := a.rng.IntN(len(a.photos))
		return "bad." + a.names[other], content, false
	case 3: // another format
		heads := []string{"RIFF\x10\x00\x00\x00WEBPVP8 ", "\x00\x00\x00\x18ftypheic", "8BPS\x00\x01", "%PDF-1.7", "<svg/>", "\xff\x0a", "II*\x00\xff\xff\xff\xff", "BM\xff\xff\xff\xff"}
		return name, append([]byte(heads[a.rng.IntN(len(heads))]), content[:len(content)/2]...), true
	case 4:
		if a.names[k] == "png" {
			out, cut := mutate(a.rng, content)
			return name, mendCRC(out), cut
		}
	}
	out, cut := mutate(a.rng, content)
	// Of these nothing tells where they end but the pixels, and those may be padding.
	return name, out, cut && (a.names[k] == "png" || a.names[k] == "jpg")
}

// bomb claims a size in a picture's header that its pixels do not have.
func (a *arena) bomb(kind string, file []byte) []byte {
	sizes := []uint32{0, 1, 65535, 16384, 1 << 20, 1<<31 - 1, 1 << 31, 1<<32 - 1}
	w, h := sizes[a.rng.IntN(len(sizes))], sizes[a.rng.IntN(len(sizes))]
	out := slices.Clone(file)
	switch kind {
	case "png":
		binary.BigEndian.PutUint32(out[16:], w)
		binary.BigEndian.PutUint32(out[20:], h)
		return mendCRC(out)
	case "gif":
		binary.LittleEndian.PutUint16(out[6:], uint16(w))
		binary.LittleEndian.PutUint16(out[8:], uint16(h))
	case "bmp":
		binary.LittleEndian.PutUint32(out[18:], w)
		binary.LittleEndian.PutUint32(out[22:], h)
	case "jpg":
		if at := bytes.Index(out, []byte{0xff, 0xc0}); at >= 0 {
			binary.BigEndian.PutUint16(out[at+5:], uint16(h))
			binary.BigEndian.PutUint16(out[at+7:], uint16(w))
		}
	case "tif":
		for range 3 {
			out[len(out)-1-a.rng.IntN(min(len(out), 200))] = 0xff
		}
	}
	return out
}

// photo is a hostile photo for predict; of a whole one the map must be whole too.
func photo(a *arena, i int) (trial, error) {
	name, content, must := a.hostile()
	out := a.path("map.png")
	_ = os.Remove(out)
	args := []string{"predict", "--checkpoint", filepath.Join(a.run, "checkpoints", "last.safetensors"), "--overwrite", "--out", out, name}
	if i%4 == 0 {
		args = append(args, "--as", "cutout")
	}
	return trial{args: args, place: name, must: must, check: func() error { return wholePNG(out) }}, a.write(name, content)
}
