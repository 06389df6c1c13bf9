package predict

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"

	"csnet/internal/forms"
	"csnet/internal/imagefile"
	"csnet/internal/output"
	"csnet/internal/pngfile"
	"csnet/internal/saliency"
)

// Refine says which forms get a map that is sharpened along the photo's edges.
type Refine int

// Refine's values.
const (
	RefineCutOuts Refine = iota
	RefineAll
	RefineNone
)

// Otsu as a threshold lets each map have its own.
const Otsu = -1

// Style is how results look.
type Style struct {
	Forms     []Form
	Format    Format // of cut-outs, overlays and crops
	Bits      int    // a map's: 8 or 16
	Threshold int    // of masks, boxes and crops: 0..254 of 255, or Otsu
	Refine    Refine
	SaveSize  int          // the longer side of results at most, pixels; 0 = the photo's
	Margin    float64      // around a crop, a share of the object's longer side
	OnColour  *color.NRGBA // the background of cut-outs; with OnImage nil: none
	OnImage   image.Image  // likewise; it is scaled to cover
	Facts     bool         // measure the map
}

// Overlays are tinted with this.
func tint() color.NRGBA { return color.NRGBA{255, 0, 64, 255} }

// Maker makes the results of one photo at a time and keeps its buffers. It serves
// one goroutine.
type Maker struct {
	Room  *imagefile.Room // that photos being decoded share with those of other Makers; nil: no bound
	style Style
	net   saliency.Predictor
	png   pngfile.Encoder
	line  []float32
	seen  imagefile.Buffers // of the photo as the net sees it
}

// NewMaker makes results with a net whose input is size x size.
func NewMaker(net saliency.Net, size int, s Style) *Maker {
	return &Maker{style: s, net: saliency.Predictor{Net: net, Size: size}}
}

// SetStyle changes how the next results look.
func (m *Maker) SetStyle(s Style) { m.style = s }

// Close frees the net.
func (m *Maker) Close() error { return m.net.Net.Close() }

// Product is what was made of a photo.
type Product struct {
	W, H  int         // of the map, pixels
	Files [][]byte    // one a form, in the order of Style.Forms
	Facts forms.Facts // with Style.Facts
}

// BadPhoto is the error of a photo that cannot be read, which says nothing against
// the next one.
type BadPhoto struct{ Err error }

func (b *BadPhoto) Error() string { return b.Err.Error() }
func (b *BadPhoto) Unwrap() error { return b.Err }

// Make makes all forms of the photo in a file. Errors: a BadPhoto; others are the
// net's.
func (m *Maker) Make(content []byte) (Product, error) {
	f, err := imagefile.Open(content)
	if err != nil {
		return Product{}, &BadPhoto{err}
	}
	f.OwnBits = true
	give, err := m.Room.Take(m.need(f))
	if err != nil {
		return Product{}, &BadPhoto{err}
	}
	defer give()
	f.Buffers = &m.seen
	seen, err := saliency.See(f)
	f.Buffers = nil // what is decoded besides has memory of its own
	if err != nil {
		return Product{}, &BadPhoto{err}
	}
	prob, err := m.net.Prob(seen)
	if err != nil {
		return Product{}, err
	}
	j := &sheet{Maker: m, file: f, prob: prob}
	j.w, j.h = f.Size()
	if m.style.SaveSize > 0 {
		j.w, j.h = imagefile.Fitting(j.w, j.h, m.style.SaveSize)
	}
	if m.wantsPhoto() {
		if err := j.decode(); err != nil {
			return Product{}, &BadPhoto{err}
		}
	}
	if m.style.Refine == RefineAll || m.style.Refine == RefineCutOuts && m.has(CutOut) {
		j.edges = saliency.NewEdges(prob, m.net.Size, seen)
	}
	p := Product{W: j.w, H: j.h}
	for _, form := range m.style.Forms {
		file, err := j.form(form)
		if err != nil {
			return Product{}, err
		}
		p.Files = append(p.Files, file)
	}
	if m.style.Facts {
		alpha := j.alpha(m.style.Refine == RefineAll)
		p.Facts = alpha.Measure(m.threshold(alpha))
	}
	return p, nil
}

func (m *Maker) has(f Form) bool {
	for _, g := range m.style.Forms {
		if g == f {
			return true
		}
	}
	return false
}

// wantsPhoto says whether the photo is needed at the results' size.
func (m *Maker) wantsPhoto() bool {
	return m.style.Refine == RefineAll || m.has(CutOut) || m.has(Overlay) || m.has(Crop)
}

// need estimates what a photo takes: to be seen by the net, or in full with its forms.
func (m *Maker) need(f *imagefile.File) int64 {
	w, h := f.Size()
	if m.style.SaveSize > 0 {
		w, h = imagefile.Fitting(w, h, m.style.SaveSize)
	}
	results := int64(w) * int64(h)
	n := f.Need(saliency.SideOf(f.W, f.H)) + 2*results // the map and its file
	if m.wantsPhoto() {
		each := int64(formBytes)
		if f.Orientation != imagefile.Upright {
			each += rgbaBytes // turned
		}
		if m.style.OnImage != nil || m.style.OnColour != nil {
			each += rgbaBytes
		}
		n = max(n, f.Need(m.style.SaveSize)) + each*results
	}
	return n
}

// What forms take for every pixel of theirs: two maps and a file, as rows are made one
// after the other; and a picture in colours, where one is needed beside the photo.
const (
	formBytes = 4
	rgbaBytes = 4
)

func (m *Maker) threshold(a forms.Map) uint8 {
	if m.style.Threshold == Otsu {
		return a.Otsu()
	}
	return uint8(m.style.Threshold)
}

// sheet is one photo at work.
type sheet struct {
	*Maker
	file         *imagefile.File
	prob         []float32
	w, h         int
	photo        image.Image // upright, w x h
	edges        *saliency.Edges
	plain, sharp *forms.Map
}

// decode reads the photo at the results' size.
func (j *sheet) decode() error {
	if w, h := j.file.Size(); w == j.w && h == j.h {
		img, err := j.file.Decode()
		if err == nil {
			j.photo = imagefile.UprightImage(img, j.file.Orientation)
		}
		return err
	}
	pix, w, h, err := j.file.Reduced(max(j.w, j.h))
	if err != nil {
		return err
	}
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(m.Pix[4*i:4*i+3], pix[3*i:])
		m.Pix[4*i+3] = 255
	}
	j.photo, j.w, j.h = m, w, h
	return nil
}

// rows is the map row by row.
func (j *sheet) rows(sharp bool) saliency.Rows {
	if sharp {
		return j.edges.Rows(j.w, j.h, imagefile.NewRows(j.photo).RGB)
	}
	return saliency.Plain(j.prob, j.net.Size, j.w, j.h)
}

// alpha is the whole map in 8 bits, made once.
func (j *sheet) alpha(sharp bool) forms.Map {
	to := &j.plain
	if sharp {
		to = &j.sharp
	}
	if *to == nil {
		a := &forms.Map{W: j.w, H: j.h, Pix: make([]uint8, j.w*j.h)}
		rows := j.rows(sharp)
		for y := range j.h {
			rows.Bytes(a.Pix[y*j.w:(y+1)*j.w], y)
		}
		*to = a
	}
	return **to
}

// form makes one form's file.
func (j *sheet) form(f Form) ([]byte, error) {
	sharp := j.style.Refine == RefineAll || j.style.Refine == RefineCutOuts && f == CutOut
	if f == Map {
		return j.mapFile(sharp)
	}
	a := j.alpha(sharp)
	photo := imagefile.NewRows(j.photo)
	switch f {
	case Mask:
		return j.encode(a.Mask(j.threshold(a)), f, PNG, nil)
	case Overlay:
		return j.encode(forms.Overlay(photo, a, tint()), f, j.style.Format, j.file.Profile())
	case Crop:
		box := forms.Around(a.Measure(j.threshold(a)).Box, j.style.Margin, j.w, j.h)
		return j.encode(forms.Crop(photo, j.w, box), f, j.style.Format, j.file.Profile())
	}
	cut := forms.CutOut(photo, a)
	if j.style.OnImage != nil || j.style.OnColour != nil {
		var plain color.NRGBA
		if j.style.OnColour != nil {
			plain = *j.style.OnColour
		}
		cut = forms.On(cut, imagefile.NewRows(forms.Cover(j.style.OnImage, plain, j.w, j.h)))
	}
	return j.encode(cut, f, j.style.Format, j.file.Profile())
}

// mapFile packs the map as its rows are made: the whole of it is never there.
func (j *sheet) mapFile(sharp bool) ([]byte, error) {
	rows := j.rows(sharp)
	if len(j.line) < j.w {
		j.line = make([]float32, j.w)
	}
	var b bytes.Buffer
	h := pngfile.Header{W: j.w, H: j.h, Channels: 1, Bits: j.style.Bits}
	err := j.png.Encode(output.MarkPNG(&b, Map.what()), h, func(dst []byte, y int) error {
		if j.style.Bits == 8 {
			rows.Bytes(dst, y)
			return nil
		}
		line := j.line[:j.w]
		rows.Floats(line, y)
		for x, v := range line {
			binary.BigEndian.PutUint16(dst[2*x:], uint16(min(max(v*65535, 0), 65535)))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	return b.Bytes(), nil
}
