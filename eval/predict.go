package eval

import (
	"context"
	"errors"
	"fmt"

	"csnet/data"
	"csnet/internal/parallel"
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
		return fmt.Errorf("eval: threads is %d, must be at least 1", o.Threads)
	}
	bad := make([]error, len(jobs))
	workers := make([]predictWorker, min(o.Threads, len(jobs)))
	defer func() {
		for i := range workers {
			workers[i].close()
		}
	}()
	for i := range workers {
		net, err := o.NewNet()
		if err != nil {
			return err
		}
		workers[i].p = Predictor{Net: net, Size: o.Size}
	}
	err := parallel.Each(ctx, len(workers), len(jobs), o.Progress, func(k, i int) (err error) {
		bad[i], err = workers[k].predict(jobs[i])
		return err
	})
	for i := range workers {
		err = errors.Join(err, workers[i].maps.flush())
	}
	if err != nil {
		return err
	}
	return errors.Join(bad...)
}

// predictWorker predicts one photo at a time, in its own buffers.
type predictWorker struct {
	p    Predictor
	pix  []uint8
	maps mapWriter
}

// predict makes the map of one photo. A photo that does not decode is bad, all
// else that goes wrong an err.
func (w *predictWorker) predict(job Job) (bad, err error) {
	photo, bad := data.ReadPhoto(job.Photo)
	if bad != nil {
		return bad, nil
	}
	if w.pix, err = w.p.Map(w.pix, photo); err != nil {
		return nil, fmt.Errorf("%s: %w", job.Photo, err)
	}
	return nil, w.maps.add(job.Target, w.pix, photo.W, photo.H)
}

func (w *predictWorker) close() {
	if w.p.Net != nil {
		_ = w.p.Net.Close()
	}
}
