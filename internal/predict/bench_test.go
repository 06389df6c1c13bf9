package predict

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"csnet/checkpoint"
	"csnet/graph"
	"csnet/internal/imagefile"
	jpegfile "csnet/internal/jpeg"
	"csnet/internal/pngfile"
	"csnet/internal/saliency"
	"csnet/internal/shared"
)

// phonePhoto is a JPEG of 12 megapixels as a phone writes it: quality 92, 4:2:0,
// with slopes, edges and noise.
func phonePhoto(b *testing.B) []byte {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewNRGBA(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			v := 110 + 50*math.Sin(float64(x)/190)*math.Cos(float64(y)/130) + float64(r.IntN(12))
			if math.Hypot(float64(x)-1700, float64(y)-1500) < 900 {
				v += 70
			}
			img.SetNRGBA(x, y, color.NRGBA{uint8(v), uint8(60 + y/25), uint8(v / 2), 255})
		}
	}
	var j bytes.Buffer
	if err := jpeg.Encode(&j, img, &jpeg.Options{Quality: 92}); err != nil {
		b.Fatal(err)
	}
	return j.Bytes()
}

// BenchmarkParts times what predict does with a photo of 12 megapixels, part by
// part, on one thread, and all of it. The photo is drawn, or with PHOTO=FILE another
// JPEG. Floors stand beside the parts: what no program is spared. They are copying the
// decoded picture once for reducing it, the map's bytes for making and for packing it, and
// taking the colours out of the photo for refining; that of decoding is in internal/jpeg,
// BenchmarkDecode, that of the net in csnet bench.
func BenchmarkParts(b *testing.B) {
	c, err := checkpoint.Import(shared.Glob(b, "checkpoints/csnet-L-x1.pth.tar")[0])
	if err != nil {
		b.Fatal(err)
	}
	content := phonePhoto(b)
	if name := os.Getenv("PHOTO"); name != "" {
		if content, err = os.ReadFile(name); err != nil {
			b.Fatal(err)
		}
	}
	net := graph.NewPredictor(c.Spec, c.Params, 1)
	b.Cleanup(func() { _ = net.Close() })
	p := saliency.Predictor{Net: net, Size: 224}
	f, err := imagefile.Open(content)
	if err != nil {
		b.Fatal(err)
	}
	seen, err := saliency.See(f)
	if err != nil {
		b.Fatal(err)
	}
	prob, err := p.Prob(seen)
	if err != nil {
		b.Fatal(err)
	}
	img, err := f.Decode()
	if err != nil {
		b.Fatal(err)
	}
	eighth, err := jpegfile.Decode(content, 8)
	if err != nil {
		b.Fatal(err)
	}
	line, pix := make([]uint8, f.W), make([]uint8, f.W*f.H)
	rows := saliency.Plain(prob, 224, f.W, f.H)
	for y := range f.H {
		rows.Bytes(pix[y*f.W:(y+1)*f.W], y)
	}
	edges := saliency.NewEdges(prob, 224, seen)
	planes, _ := eighth.(*image.YCbCr)
	if planes == nil {
		b.Fatalf("the photo decodes to %T, a JPEG in colours is needed", eighth)
	}
	read := slices.Concat(planes.Y, planes.Cb, planes.Cr)
	into, colours := make([]uint8, len(read)), make([]uint8, 3*f.W)
	var e pngfile.Encoder
	m := NewMaker(net, 224, style(Map))
	cut := NewMaker(net, 224, style(CutOut))
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"decode", func() error { _, err := jpegfile.Decode(content, 8); return err }},
		{"reduce", func() error { imagefile.Reduce(eighth, 500); return nil }},
		{"reduce-floor", func() error { copy(into, read); return nil }},
		{"net", func() error { _, err := p.Prob(seen); return err }},
		{"enlarge", func() error {
			rows := saliency.Plain(prob, 224, f.W, f.H)
			for y := range f.H {
				rows.Bytes(line, y)
			}
			return nil
		}},
		{"enlarge-and-pack-floor", func() error {
			for y := range f.H {
				copy(line, pix[y*f.W:(y+1)*f.W])
			}
			return nil
		}},
		{"pack", func() error {
			h := pngfile.Header{W: f.W, H: f.H, Channels: 1, Bits: 8}
			return e.Encode(new(bytes.Buffer), h, func(dst []byte, y int) error { copy(dst, pix[y*f.W:]); return nil })
		}},
		{"map", func() error { _, err := m.Make(content); return err }},
		{"decode-in-full", func() error { _, err := f.Decode(); return err }},
		{"refine-small", func() error { saliency.NewEdges(prob, 224, seen); return nil }},
		{"refine-large", func() error {
			rows := edges.Rows(f.W, f.H, imagefile.NewRows(img).RGB)
			for y := range f.H {
				rows.Bytes(line, y)
			}
			return nil
		}},
		{"refine-large-floor", func() error {
			r := imagefile.NewRows(img)
			for y := range f.H {
				r.RGB(colours, y)
			}
			return nil
		}},
		{"cutout", func() error { _, err := cut.Make(content); return err }},
	} {
		b.Run(part.name, func(b *testing.B) {
			for b.Loop() {
				if err := part.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
