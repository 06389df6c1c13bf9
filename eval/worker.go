package eval

import (
	"fmt"
	"math"
	"path/filepath"

	"csnet/data"
	"csnet/internal/imagefile"
	"csnet/internal/saliency"
	"csnet/metrics"
)

// worker scores images of one method, one at a time, in its own buffers.
type worker struct {
	o       *Options
	room    *imagefile.Room // shared by all workers
	scorer  *metrics.Scorer
	predict Predictor
	image   metrics.Image
	buf     []uint8
	truth   *data.Mask // of the item scored last
	fit     string     // what was done to its map
	brief   *metrics.Scorer
	bell    []uint8
	masks   greyReader
	maps    greyReader
	writer  mapWriter
	timed   int     // maps of the net
	seconds float64 // that they took, with Options.Seconds
}

func newWorker(o *Options, m *Method, room *imagefile.Room) (*worker, error) {
	w := &worker{o: o, room: room}
	w.empty()
	if m.NewNet != nil {
		net, err := m.NewNet()
		if err != nil {
			return nil, fmt.Errorf("eval: method %s: %w", m.Name, err)
		}
		w.predict = Predictor{Net: net, Size: m.Size, Reduce: m.Reduce}
	}
	return w, nil
}

// empty drops the buffers, which are as large as the largest picture so far.
func (w *worker) empty() {
	w.scorer, w.brief, w.buf, w.bell, w.truth = metrics.NewScorer(), metrics.NewScorer(), nil, nil, nil
	w.brief.Brief = true
}

// scoreBytes is what scoring takes for every pixel of a picture: the map and two more
// at its size, distances and errors.
const scoreBytes = 24

// hold waits until an item's pictures fit into the room.
func (w *worker) hold(it item) (give func()) {
	photo := it.photo
	if w.predict.Net == nil { // looked at for its size alone
		photo = ""
	}
	free, large := data.Hold(w.room, scoreBytes, photo, it.mask, it.given)
	return func() {
		if large {
			w.empty()
		}
		free()
	}
}

// close releases a net that wants to be released.
func (w *worker) close() {
	if w.predict.Net != nil {
		_ = w.predict.Net.Close()
	}
}

// badFile marks an error of one image's files; the others can still be scored.
type badFile struct {
	path string
	err  error
}

func (b *badFile) Error() string { return b.err.Error() }
func (b *badFile) Unwrap() error { return b.err }

// picture is what an item's files give.
type picture struct {
	photo *data.Photo // nil unless needed
	mask  *data.Mask
	pred  []uint8 // the map at the mask's size
	fit   string  // size of a map that was resized, or one of fitTurned and the like
}

// load reads an item and makes its map. A net sees the photo upright, as csnet predict
// does; what comes back is as the mask's file has it. The result is valid until the next
// call.
func (w *worker) load(t *task, it item, wantPhoto bool) (p picture, err error) {
	var info data.PairInfo
	if t.method.NewNet != nil || wantPhoto && it.photo != "" {
		p.photo, p.mask, info, err = data.ReadPair(data.Pair{Stem: it.stem, Image: it.photo, Mask: it.mask, Read: it.read})
		if err != nil && t.method.NewNet != nil {
			return p, &badFile{it.photo, err}
		}
	}
	if p.mask == nil {
		if it.read.Mask.Plain() {
			p.mask, err = w.masks.read(it.mask)
		} else {
			p.mask, err = data.ReadMaskAs(it.mask, it.read.Mask)
		}
		if err != nil {
			return p, &badFile{it.mask, err}
		}
	}
	if t.method.NewNet != nil {
		if p.pred, err = w.map8(p.photo); err != nil {
			return p, fmt.Errorf("eval: method %s, %s: %w", t.method.Name, it.photo, err)
		}
		p.fit = fitOf(p.photo, t.method.Reduce)
	}
	p.photo, p.mask, p.pred = info.TurnBack(p.photo, p.mask, p.pred)
	switch {
	case t.method.NewNet != nil:
	case t.method.Draw != nil:
		w.buf = t.method.Draw(w.buf, p.mask.W, p.mask.H)
		p.pred = w.buf
	default:
		if p.pred, p.fit, err = w.stored(it, p.mask); err != nil {
			return p, &badFile{it.given, err}
		}
	}
	return p, nil
}

// map8 runs the net on a photo and notes how long it took.
func (w *worker) map8(photo *data.Photo) ([]uint8, error) {
	began := 0.0
	if w.o.Seconds != nil {
		began = w.o.Seconds()
	}
	pix, err := w.predict.Map(w.buf, photo)
	if w.o.Seconds != nil && err == nil {
		w.seconds += w.o.Seconds() - began
		w.timed++
	}
	w.buf = pix
	return pix, err
}

// stored reads a map and brings it to the mask's size if that is allowed. fit says
// what was done to it, "" for nothing.
func (w *worker) stored(it item, mask *data.Mask) (pix []uint8, fit string, err error) {
	m, err := w.maps.readMap(it.given, w.o.MapChannel)
	if err != nil {
		return nil, "", err
	}
	if m.W == mask.W && m.H == mask.H {
		return m.Pix, "", nil
	}
	if it.photo != "" {
		if back := data.AsStored(it.photo, m, mask.W, mask.H); back != nil {
			return back.Pix, fitTurned, nil
		}
	}
	sizes := fmt.Sprintf("%dx%d", m.W, m.H)
	if !w.o.ResizeMaps {
		return nil, "", fmt.Errorf("eval: %s: map is %s, mask is %dx%d (--resize-maps would resize it)", it.given, sizes, mask.W, mask.H)
	}
	if m.W != m.H && !sameAspect(m, mask) {
		return nil, "", fmt.Errorf("eval: %s: map is %s, mask is %dx%d: its sides are in another proportion, so it is of another picture or turned, and is not resized", it.given, sizes, mask.W, mask.H)
	}
	return resizeMap(m, mask.W, mask.H), sizes, nil
}

// What was done to a map, or to the photo that the net saw, but for resizing.
const (
	fitTurned  = "turned"  // back, as its photo's EXIF says
	fitReduced = "reduced" // the photo, by area
	fitSampled = "sampled" // the photo, which is large, as the protocol does it
)

// fitOf says what becomes of a photo on its way to a net; "" for nothing that is to be
// told.
func fitOf(p *data.Photo, reduce bool) string {
	long := max(p.W, p.H)
	switch {
	case reduce && saliency.SideOf(p.W, p.H) < long:
		return fitReduced
	case !reduce && long >= 2*saliency.Side:
		return fitSampled
	}
	return ""
}

// sameAspect says whether two pictures have the same proportions, but for rounding.
// (Square maps are a net's own size, and are resized to any.)
func sameAspect(a, b *data.Mask) bool {
	want := float64(a.W) * float64(b.H) / float64(b.W)
	off := math.Abs(want - float64(a.H))
	return off <= 1 || off <= math.Max(1, float64(a.H)/float64(a.W))
}

// resizeMap is bilinear, rounded to the nearest level.
func resizeMap(m *data.Mask, w, h int) []uint8 {
	src, dst := make([]float32, len(m.Pix)), make([]float32, w*h)
	for i, v := range m.Pix {
		src[i] = float32(v)
	}
	data.Resize(dst, w, h, src, m.W, m.H, 1)
	out := make([]uint8, len(dst))
	for i, v := range dst {
		out[i] = uint8(min(max(v+0.5, 0), 255))
	}
	return out
}

// baseline fills w.image with the terms of a centred Gaussian on the item scored
// last, S, E and weighted F left out.
func (w *worker) baseline() error {
	m := w.truth
	w.bell = CentredGaussian(w.bell, m.W, m.H)
	return w.brief.Score(w.bell, m.Pix, m.W, m.H, w.o.Protocol, &w.image)
}

// score fills w.image with one item's terms and saves its map if asked to.
func (w *worker) score(t *task, it item) error {
	p, err := w.load(t, it, false)
	if err != nil {
		return err
	}
	w.truth, w.fit = p.mask, p.fit
	if t.save != "" {
		if err := w.writer.add(filepath.Join(t.save, it.stem+".png"), p.pred, p.mask.W, p.mask.H); err != nil {
			return err
		}
	}
	return w.scorer.Score(p.pred, p.mask.Pix, p.mask.W, p.mask.H, w.o.Protocol, &w.image)
}
