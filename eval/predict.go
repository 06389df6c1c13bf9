package eval

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"csnet/data"
)

// PredictOptions of PredictAll.
type PredictOptions struct {
	NewNet   func() (Net, error) // makes a net for one worker
	Size     int                 // side of the net's input, pixels
	Threads  int                 // workers, at least 1
	Progress func(done, total int)
}

// PredictAll writes the map of every job as an 8-bit grey PNG at the photo's
// size (turned as its EXIF says), each whole or not at all. Photos that do not
// decode do not stop the others: their errors are returned joined, in the order
// of jobs. A failing net, a map that cannot be written or a cancelled ctx ends it.
func PredictAll(ctx context.Context, jobs []Job, o PredictOptions) error {
	if o.Threads < 1 {
		return fmt.Errorf("eval: threads is %d, want at least 1", o.Threads)
	}
	bad := make([]error, len(jobs))
	n := min(o.Threads, len(jobs))
	fatal := make([]error, n)
	next := newQueue(len(jobs))
	count := &counter{total: len(jobs), report: o.Progress}
	var wg sync.WaitGroup
	for k := range n {
		wg.Go(func() {
			if fatal[k] = predictWorker(ctx, jobs, o, next, count, bad); fatal[k] != nil {
				next.stop()
			}
		})
	}
	wg.Wait()
	if err := errors.Join(fatal...); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return errors.Join(bad...)
}

// predictWorker takes jobs until there are none.
func predictWorker(ctx context.Context, jobs []Job, o PredictOptions, next *queue, count *counter, bad []error) (err error) {
	net, err := o.NewNet()
	if err != nil {
		return err
	}
	if c, ok := net.(interface{ Close() error }); ok {
		defer func() { _ = c.Close() }()
	}
	p := Predictor{Net: net, Size: o.Size}
	var pix []uint8
	var maps mapWriter
	defer func() { err = errors.Join(err, maps.flush()) }()
	for i, ok := next.take(ctx); ok; i, ok = next.take(ctx) {
		photo, err := data.ReadPhoto(jobs[i].Photo)
		if err != nil {
			bad[i] = err
			count.add()
			continue
		}
		if pix, err = p.Map(pix, photo); err != nil {
			return fmt.Errorf("%s: %w", jobs[i].Photo, err)
		}
		if err := maps.add(jobs[i].Target, pix, photo.W, photo.H); err != nil {
			return err
		}
		count.add()
	}
	return nil
}
