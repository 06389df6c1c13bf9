package predict

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"csnet/internal/imagefile"
	"csnet/internal/parallel"
	"csnet/internal/saliency"
	"csnet/internal/wholefile"
)

// Options of Run and Watch.
type Options struct {
	NewNet   func() (saliency.Net, error) // makes a net for one worker
	Size     int                          // side of the net's input, pixels
	Threads  int                          // workers, at least 1
	Style    Style
	Room     *imagefile.Room // that the photos being decoded share; nil: no bound
	Progress func(done, total int)
	// Unsynced is told, once, of a result whose file system cannot wait for the disk. It
	// may be nil.
	Unsynced func(path string)
	// MayWrite decides in Watch whether the files of a photo may be written; nil: all may.
	MayWrite func(j Job) error
	// Done is told of every photo when its files are written or it turned out bad;
	// one call at a time, in any order. It may be nil.
	Done func(j Job, p Product, err error)
}

// MaxFileBytes is the largest photo file that is read.
const MaxFileBytes = 1 << 30

// atOnce is how many photos a worker may have at once: one in the making, the others
// made and on their way to the disk, which takes longer to say that it has them than a
// small photo takes.
const atOnce = 3

// Run does all jobs. Photos that cannot be read and results that cannot be written
// do not stop the others: their errors are returned in the order of jobs. err is a
// failing net or a cancelled ctx, which end it.
func Run(ctx context.Context, jobs []Job, o Options) (bad []error, err error) {
	if o.Threads < 1 {
		return nil, fmt.Errorf("predict: threads is %d, must be at least 1", o.Threads)
	}
	workers, closeAll, err := newWorkers(o, min(o.Threads, len(jobs)))
	defer closeAll()
	if err != nil {
		return nil, err
	}
	bads := make([]error, len(jobs))
	said := make(chan struct{}, 1)
	var disk wholefile.Group
	writers := make([]writer, atOnce*len(workers))
	for k := range writers {
		writers[k].disk = &disk
	}
	err = parallel.Each(ctx, len(writers), len(jobs), o.Progress, func(k, i int) error {
		w := <-workers
		if err := ctx.Err(); err != nil { // it ended while this photo waited
			workers <- w
			return err
		}
		p, err := w.make(jobs[i])
		workers <- w
		if err == nil {
			err = writers[k].write(jobs[i], &p)
		}
		var b *BadPhoto
		if errors.As(err, &b) {
			bads[i], err = fmt.Errorf("%s: %w", jobs[i].Photo, b.Err), nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", jobs[i].Photo, err)
		}
		if o.Done != nil {
			said <- struct{}{}
			o.Done(jobs[i], p, bads[i])
			<-said
		}
		return nil
	})
	for k := range writers {
		if writers[k].tell(o.Unsynced) {
			break
		}
	}
	for _, b := range bads {
		if b != nil {
			bad = append(bad, b)
		}
	}
	return bad, err
}

// worker makes the results of one photo at a time, in its own buffers.
type worker struct {
	maker *Maker
	file  bytes.Buffer
}

func newWorker(o Options) (*worker, error) {
	net, err := o.NewNet()
	if err != nil {
		return nil, err
	}
	m := NewMaker(net, o.Size, o.Style)
	m.Room = o.Room
	return &worker{maker: m}, nil
}

// newWorkers makes n workers, all of them free, and what closes them.
func newWorkers(o Options, n int) (free chan *worker, closeAll func(), err error) {
	free = make(chan *worker, n)
	var all []*worker
	closeAll = func() {
		for _, w := range all {
			_ = w.maker.Close()
		}
	}
	for range n {
		w, err := newWorker(o)
		if err != nil {
			return nil, closeAll, err
		}
		all = append(all, w)
		free <- w
	}
	return free, closeAll, nil
}

// make makes the results of one photo.
func (w *worker) make(j Job) (Product, error) {
	if err := readFile(j.Photo, &w.file); err != nil {
		return Product{}, &BadPhoto{err}
	}
	p, err := w.maker.Make(w.file.Bytes())
	if imagefile.Large(int64(w.file.Cap())) {
		w.file = bytes.Buffer{}
	}
	return p, err
}

// writer writes the results of one photo at a time, each whole or not at all.
type writer struct {
	batch wholefile.Batch
	disk  *wholefile.Group // that writers share; nil: this one is alone
}

// tell tells of a file that could not be synced, if there was one.
func (w *writer) tell(unsynced func(path string)) bool {
	if w.batch.Unsynced == "" {
		return false
	}
	if unsynced != nil {
		unsynced(w.batch.Unsynced)
	}
	return true
}

// write writes the files of p, which are gone from it then. Folders are made.
func (w *writer) write(j Job, p *Product) (err error) {
	for i, target := range j.Targets {
		if err = os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			break
		}
		if err = w.batch.Add(target, p.Files[i]); err != nil {
			break
		}
	}
	flush := w.batch.Flush
	if w.disk != nil {
		flush = func() error { return w.disk.Flush(&w.batch) }
	}
	if flushed := flush(); err == nil {
		err = flushed
	}
	p.Files = nil
	if err != nil {
		return &BadPhoto{err}
	}
	return nil
}

// readFile reads a regular file of bounded size into buf.
func readFile(path string, buf *bytes.Buffer) error {
	f, err := os.Open(path)
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file")
	case info.Size() == 0:
		return errors.New("is empty")
	case info.Size() > MaxFileBytes:
		return fmt.Errorf("has %d bytes, at most %d are read", info.Size(), MaxFileBytes)
	}
	buf.Reset()
	buf.Grow(int(info.Size()) + bytes.MinRead)
	_, err = buf.ReadFrom(io.LimitReader(f, MaxFileBytes))
	return err
}
