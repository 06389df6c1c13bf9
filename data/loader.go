package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"csnet/internal/imagefile"
	"csnet/internal/pages"
)

// Batch is one training batch.
type Batch struct {
	N, Size int       // Size: 0 where the picture has its own size
	H, W    int       // sides, Size each or the picture's own
	X       []float32 // (N, 3, H, W): photos as by Input
	Y       []float32 // (N, 1, H, W): masks, 0..1
	Stems   []string  // N
	Epoch   int
	Index   int // of the batch in its epoch
}

// LoaderOptions says what a Loader loads.
type LoaderOptions struct {
	Pairs   []Pair
	Parts   []Part // of several sets mixed by shares; nil: every pair once in an epoch
	Size    int    // side of the net input, pixels
	Batch   int    // pictures a batch
	Seed    uint64
	Workers int // decoding goroutines; 0 = GOMAXPROCS
	Augment Augment
	// OwnSize loads every picture in its own size, flipped at most; a batch is one picture.
	OwnSize bool
	// From and To are the places of every batch that are loaded, From to To-1, where
	// others load the rest; 0 and 0: all. What is in a place does not depend on them.
	From, To int
}

// Loader loads shuffled, augmented batches. What a batch holds depends on pairs,
// options but Workers, epoch and index alone. While one batch is in use the next
// is being made; there are two buffers, and no more memory is taken once warm
// than what decoding takes.
type Loader struct {
	opts  LoaderOptions
	order []int
	slots []*slot
	busy  atomic.Bool
	ahead *running // that Ahead began, and nobody has taken yet; nil: none
	room  *imagefile.Room
}

// running is an epoch that is being loaded.
type running struct {
	epoch, from int
	free        chan *slot // to be filled
	ended       context.Context
	end         context.CancelFunc
	work        sync.WaitGroup
}

// A slot is a batch being filled by workers.
type slot struct {
	batch Batch
	errs  []error
	left  atomic.Int64  // pictures to come
	ready chan struct{} // one signal when left is 0
}

// A job is one picture of one slot.
type job struct {
	slot  *slot
	place int // in the batch
	pos   int // in the epoch's order
}

// NewLoader checks the options. Errors: fewer pairs than a batch, a size, batch
// or number of workers out of range, an impossible Augment.
func NewLoader(o LoaderOptions) (*Loader, error) {
	switch {
	case o.Size < 1 || o.Size > 1<<14:
		return nil, fmt.Errorf("data: size is %d, must be 1 to %d", o.Size, 1<<14)
	case o.Batch < 1:
		return nil, fmt.Errorf("data: batch is %d, must be at least 1", o.Batch)
	case o.Workers < 0:
		return nil, fmt.Errorf("data: workers is %d, must be at least 0", o.Workers)
	case len(o.Pairs) < o.Batch:
		return nil, fmt.Errorf("data: %d pairs are fewer than one batch of %d", len(o.Pairs), o.Batch)
	}
	if err := o.Augment.validate(); err != nil {
		return nil, err
	}
	if o.OwnSize && (o.Batch != 1 || !o.Augment.FlipsAlone()) {
		return nil, fmt.Errorf("data: pictures in their own size come in batches of 1, here %d, and are flipped at most", o.Batch)
	}
	if o.To == 0 {
		o.To = o.Batch
	}
	if o.From < 0 || o.From >= o.To || o.To > o.Batch {
		return nil, fmt.Errorf("data: places %d to %d of a batch of %d", o.From, o.To, o.Batch)
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Pairs = slices.Clone(o.Pairs)
	return &Loader{opts: o, room: newRoom()}, nil
}

// Resize makes the epochs to come load batches of another size. Errors: a size out
// of range; an epoch is running.
func (l *Loader) Resize(size int) error {
	if size < 1 || size > 1<<14 {
		return fmt.Errorf("data: size is %d, must be 1 to %d", size, 1<<14)
	}
	if size == l.opts.Size && l.ahead != nil {
		return nil
	}
	l.DropAhead()
	if !l.busy.CompareAndSwap(false, true) {
		return errors.New("data: an epoch of this loader is running")
	}
	defer l.busy.Store(false)
	if size != l.opts.Size {
		l.opts.Size, l.slots = size, nil
	}
	return nil
}

// Ahead begins to load the first batch that Epoch will give when it is called like this
// next. Where an epoch is running, or Epoch would refuse, it does nothing.
func (l *Loader) Ahead(epoch, from int) {
	if epoch < 0 || from < 0 || from > l.Steps() || !l.busy.CompareAndSwap(false, true) {
		return
	}
	l.ahead = l.begin(context.Background(), epoch, from)
	l.ahead.free <- l.slots[0]
}

// DropAhead ends what Ahead began, unless Epoch has taken it.
func (l *Loader) DropAhead() {
	if r := l.ahead; r != nil {
		l.ahead = nil
		r.stop()
		l.busy.Store(false)
	}
}

// Steps is the number of batches in an epoch; pictures that do not fill a batch
// are left out (others in each epoch).
func (l *Loader) Steps() int { return len(l.opts.Pairs) / l.opts.Batch }

// Epoch gives the batches of an epoch from batch `from` on, exactly those that a
// run from 0 would have given. A batch is valid until the next one is asked for.
// The first error ends it: a picture that cannot be read (named), a cancelled ctx.
// Its goroutines have ended when the loop has, however it ended. Only one epoch of
// a Loader can run at a time.
func (l *Loader) Epoch(ctx context.Context, epoch, from int) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		if epoch < 0 || from < 0 || from > l.Steps() {
			yield(nil, fmt.Errorf("data: batch %d of epoch %d asked for, an epoch has %d", from, epoch, l.Steps()))
			return
		}
		r := l.ahead
		if r != nil && r.epoch == epoch && r.from == from {
			l.ahead = nil
			defer context.AfterFunc(ctx, r.end)()
		} else {
			l.DropAhead()
			if !l.busy.CompareAndSwap(false, true) {
				yield(nil, errors.New("data: another epoch of this loader is running"))
				return
			}
			r = l.begin(ctx, epoch, from)
			r.free <- l.slots[0]
		}
		for _, s := range l.slots[1:] {
			r.free <- s
		}
		defer l.busy.Store(false)
		defer r.stop()
		l.give(ctx, r, yield)
	}
}

// begin begins to load an epoch, as its slots come free.
func (l *Loader) begin(ctx context.Context, epoch, from int) *running {
	if l.opts.Parts != nil {
		l.order = mixedOrder(l.order, l.opts.Parts, len(l.opts.Pairs), l.opts.Seed, epoch)
	} else {
		l.order = shuffled(l.order, len(l.opts.Pairs), l.opts.Seed, epoch)
	}
	l.allocate()
	r := &running{epoch: epoch, from: from, free: make(chan *slot, len(l.slots))}
	r.ended, r.end = context.WithCancel(ctx)
	jobs := make(chan job)
	r.work.Go(func() { l.deal(r.ended, epoch, from, r.free, jobs) })
	for range l.opts.Workers {
		r.work.Go(func() { l.work(r.ended, jobs, epoch) })
	}
	return r
}

// stop ends it, and waits for its goroutines.
func (r *running) stop() {
	r.end()
	r.work.Wait()
}

// give gives the batches of r.
func (l *Loader) give(ctx context.Context, r *running, yield func(*Batch, error) bool) {
	for i := r.from; i < l.Steps(); i++ {
		s := l.slots[(i-r.from)%len(l.slots)]
		select {
		case <-s.ready:
		case <-r.ended.Done():
			yield(nil, ctx.Err())
			return
		}
		for _, err := range s.errs {
			if err != nil {
				yield(nil, err)
				return
			}
		}
		if !yield(&s.batch, nil) {
			return
		}
		r.free <- s // never blocks: it has room for all
	}
}

// allocate makes the slots, or clears what a broken-off epoch left in them.
func (l *Loader) allocate() {
	n, size := l.opts.To-l.opts.From, l.opts.Size
	if l.opts.OwnSize {
		size = 0
	}
	px := size * size
	for len(l.slots) < 2 {
		l.slots = append(l.slots, &slot{
			batch: Batch{N: n, Size: size, H: size, W: size, X: pages.Floats(n * 3 * px)[:n*3*px], Y: pages.Floats(n * px)[:n*px], Stems: make([]string, n)},
			errs:  make([]error, n),
		})
	}
	for _, s := range l.slots {
		s.ready = make(chan struct{}, 1)
	}
}

// deal hands out the pictures of batch after batch, as slots come free. They come
// free in order, so batch i always takes slot (i-from)%2.
func (l *Loader) deal(ctx context.Context, epoch, from int, free <-chan *slot, jobs chan<- job) {
	defer close(jobs)
	for i := from; i < l.Steps(); i++ {
		var s *slot
		select {
		case s = <-free:
		case <-ctx.Done():
			return
		}
		s.batch.Epoch, s.batch.Index = epoch, i
		s.left.Store(int64(l.opts.To - l.opts.From))
		for place := range l.opts.To - l.opts.From {
			select {
			case jobs <- job{s, place, i*l.opts.Batch + l.opts.From + place}:
			case <-ctx.Done():
				return
			}
		}
	}
}

// work fills places of batches until there are no more.
func (l *Loader) work(ctx context.Context, jobs <-chan job, epoch int) {
	var r reader
	var s sampler
	for j := range jobs {
		if ctx.Err() != nil {
			return
		}
		j.slot.errs[j.place] = l.fill(&r, &s, j, epoch)
		if j.slot.left.Add(-1) == 0 {
			j.slot.ready <- struct{}{}
		}
	}
}

// fill reads, augments and resizes one picture.
func (l *Loader) fill(r *reader, s *sampler, j job, epoch int) error {
	pair := l.opts.Pairs[l.order[j.pos]]
	defer r.hold(l.room, 0, pair.Image, pair.Mask)()
	photo, mask, _, err := r.readPair(pair)
	if err != nil {
		return err
	}
	b, rng := &j.slot.batch, stream(l.opts.Seed, uint64(epoch), uint64(j.pos))
	win := l.opts.Augment.draw(rng, photo.W, photo.H)
	if b.Stems[j.place] = pair.Stem; l.opts.OwnSize {
		b.ownSize(photo, mask, win)
		return nil
	}
	v := l.opts.Augment.vary(rng, &win)
	px := b.Size * b.Size
	s.varied(b.X[j.place*3*px:(j.place+1)*3*px], b.Y[j.place*px:(j.place+1)*px], photo, mask, win, v, b.Size)
	return nil
}
