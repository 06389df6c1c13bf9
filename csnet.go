// Package csnet gives saliency maps, masks and cut-outs of photos.
//
//	m, err := csnet.Embedded(csnet.Options{}) // or csnet.Open("net.safetensors", csnet.Options{})
//	if err != nil { ... }
//	defer m.Close()
//	cut, err := m.CutOut(photo) // an image.Image in, an image.NRGBA with alpha out
//
// A Model may be used by any number of goroutines at once. Training, pruning and
// scoring are in the packages train, prune and eval.
package csnet

import (
	"errors"
	"fmt"
	"image"
	"runtime"
	"sync"

	"csnet/checkpoint"
	"csnet/checkpoint/embedded"
	"csnet/graph"
	"csnet/internal/config"
	"csnet/internal/forms"
	"csnet/internal/imagefile"
	"csnet/internal/saliency"
)

// Options says how a Model runs. The zero value is right for most programs.
type Options struct {
	// Size is the side of the net's square input in pixels, a multiple of what the
	// net needs (16 for the nets of the paper). 0: the size that it was trained for.
	Size int
	// Nets is how many photos are worked on at the same time; further callers wait.
	// Each net takes some 10 MB. 0: one for each processor.
	Nets int
}

// Model is a net that is ready for photos. It is safe for concurrent use.
type Model struct {
	c    *checkpoint.Checkpoint
	size int
	idle chan *saliency.Predictor // nil: not made yet

	closing sync.Once
	closed  chan struct{}
}

// Open reads the checkpoint at path, as csnet train, prune and import write it.
// Errors: a file that is not there, that is no checkpoint or that is damaged; a
// size that the net cannot take.
func Open(path string, o Options) (*Model, error) {
	c, err := checkpoint.Load(path)
	if err != nil {
		return nil, err
	}
	return newModel(path, c, o)
}

// Embedded returns the model that is part of the program.
func Embedded(o Options) (*Model, error) {
	c, err := embedded.Load()
	if err != nil {
		return nil, err
	}
	return newModel(embedded.Name, c, o)
}

func newModel(name string, c *checkpoint.Checkpoint, o Options) (*Model, error) {
	if o.Nets < 0 || o.Size < 0 {
		return nil, fmt.Errorf("csnet: Nets is %d and Size %d, must be at least 0", o.Nets, o.Size)
	}
	if o.Size == 0 {
		conf, err := config.LoadBytes(name+": config", []byte(c.Config), nil)
		if err != nil {
			return nil, err
		}
		o.Size = conf.Eval.Size
	}
	if err := c.Spec.CheckSize(o.Size, o.Size); err != nil {
		return nil, fmt.Errorf("csnet: %w", err)
	}
	if o.Nets == 0 {
		o.Nets = runtime.GOMAXPROCS(0)
	}
	m := &Model{c: c, size: o.Size, idle: make(chan *saliency.Predictor, o.Nets), closed: make(chan struct{})}
	for range o.Nets {
		m.idle <- nil
	}
	return m, nil
}

// Parameters is how many parameters the net has.
func (m *Model) Parameters() int { return m.c.Spec.ParamCount() }

// Size is the side of the net's square input in pixels.
func (m *Model) Size() int { return m.size }

// Close frees the nets once no call is running; calls after it fail.
func (m *Model) Close() error {
	m.closing.Do(func() {
		close(m.closed)
		for range cap(m.idle) {
			if p := <-m.idle; p != nil {
				_ = p.Net.Close()
			}
		}
	})
	return nil
}

// ErrClosed is what calls of a closed Model return.
var ErrClosed = errors.New("csnet: the model is closed")

// see runs the net on a photo and hands on its probabilities, (size, size), and
// what the net saw, both valid until use returns.
func (m *Model) see(photo image.Image, use func(prob []float32, e *saliency.Edges) error, sharp bool) error {
	if photo == nil || photo.Bounds().Empty() {
		return fmt.Errorf("csnet: the photo has no pixels")
	}
	var p *saliency.Predictor
	select {
	case <-m.closed:
		return ErrClosed
	default:
	}
	select {
	case <-m.closed:
		return ErrClosed
	case p = <-m.idle:
	}
	if p == nil {
		p = &saliency.Predictor{Net: graph.NewPredictor(m.c.Spec, m.c.Params, 1), Size: m.size}
	}
	defer func() { m.idle <- p }()
	seen := saliency.SeeImage(photo)
	prob, err := p.Prob(seen)
	if err != nil {
		return fmt.Errorf("csnet: %w", err)
	}
	var e *saliency.Edges
	if sharp {
		e = saliency.NewEdges(prob, m.size, seen)
	}
	return use(prob, e)
}

// Map returns the saliency map of a photo at the photo's size: 255 stands out, 0
// does not. The photo is looked at as it is: turn it as its EXIF orientation says
// before, if it has one.
func (m *Model) Map(photo image.Image) (*image.Gray, error) { return m.mapOf(photo, false) }

// Sharp is Map sharpened along the photo's own edges: what cut-outs are made with.
func (m *Model) Sharp(photo image.Image) (*image.Gray, error) { return m.mapOf(photo, true) }

func (m *Model) mapOf(photo image.Image, sharp bool) (*image.Gray, error) {
	var out *image.Gray
	err := m.see(photo, func(prob []float32, e *saliency.Edges) error {
		w, h := photo.Bounds().Dx(), photo.Bounds().Dy()
		rows := saliency.Plain(prob, m.size, w, h)
		if e != nil {
			rows = e.Rows(w, h, imagefile.NewRows(photo).RGB)
		}
		out = image.NewGray(image.Rect(0, 0, w, h))
		for y := range h {
			rows.Bytes(out.Pix[y*out.Stride:][:w], y)
		}
		return nil
	}, sharp)
	return out, err
}

// Mask returns what stands out in a photo as 255 and the rest as 0: the map above
// Otsu's threshold.
func (m *Model) Mask(photo image.Image) (*image.Gray, error) {
	g, err := m.Map(photo)
	if err != nil {
		return nil, err
	}
	a := forms.Map{W: g.Rect.Dx(), H: g.Rect.Dy(), Pix: g.Pix}
	t := a.Otsu()
	for i, v := range g.Pix {
		g.Pix[i] = 0
		if v > t {
			g.Pix[i] = 255
		}
	}
	return g, nil
}

// CutOut returns the photo with the sharpened map as its alpha channel.
func (m *Model) CutOut(photo image.Image) (image.Image, error) {
	g, err := m.Sharp(photo)
	if err != nil {
		return nil, err
	}
	a := forms.Map{W: g.Rect.Dx(), H: g.Rect.Dy(), Pix: g.Pix}
	return forms.CutOut(imagefile.NewRows(photo), a).Image(), nil
}
