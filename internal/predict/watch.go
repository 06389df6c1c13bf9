package predict

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"csnet/internal/imagefile"
)

// A photo that still changes is left alone; one that does not decode may still be
// written, so it is tried again for a while before it is bad.
const (
	lookEvery  = 200 * time.Millisecond
	quietFor   = 3 // looks without a change
	tries      = 10
	triesApart = 5 // looks
)

// Watch does every photo that is in dir and below, or comes there, until ctx ends,
// which is no error; photos whose results are there are done before. Errors of
// single photos go to o.Done; err is a failing net or a folder that cannot be
// watched.
func Watch(ctx context.Context, dir string, n Names, o Options) error {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	w, err := newWorker(o)
	if err != nil {
		return err
	}
	defer func() { _ = w.maker.Close() }()
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer notify.Close()
	v := &watched{root: root, names: n, opts: o, worker: w, notify: notify, waiting: make(map[string]*waiting)}
	if err := v.enter(root); err != nil {
		return err
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return v.giveUp()
		case e, ok := <-notify.Events:
			if !ok {
				return errors.New("the folder is not watched any more")
			}
			if e.Has(fsnotify.Create) || e.Has(fsnotify.Write) {
				v.note(e.Name)
			}
		case err := <-notify.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return err
			}
			if err := v.enter(root); err != nil { // some events were lost: look at everything
				return err
			}
		case <-tick.C:
			if err := v.look(ctx); err != nil {
				return err
			}
		}
	}
}

type watched struct {
	root    string
	names   Names
	opts    Options
	worker  *worker
	writer  writer
	notify  *fsnotify.Watcher
	waiting map[string]*waiting
}

// waiting is a file that is not done.
type waiting struct {
	size    int64
	changed time.Time
	quiet   int // looks since it changed
	tried   int
	last    error // of the last try
}

// enter watches a folder and all below it, and notes what is there.
func (v *watched) enter(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			if path == v.root {
				return err
			}
			return nil // gone again, or not ours to read
		}
		if e.IsDir() {
			if path != v.root && (v.hidden(path) || v.names.Out != "" && samePlace(path, v.names.Out)) {
				return fs.SkipDir
			}
			return v.notify.Add(path)
		}
		v.note(path)
		return nil
	})
}

func (v *watched) hidden(path string) bool {
	name := filepath.Base(path)
	return strings.HasPrefix(name, ".") || strings.EqualFold(name, "__MACOSX")
}

// note puts a photo among those that wait, or enters a new folder.
func (v *watched) note(path string) {
	if v.hidden(path) {
		return
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
	case info.IsDir():
		_ = v.enter(path)
	case info.Mode().IsRegular() && imagefile.HasName(path):
		v.waiting[path] = &waiting{size: info.Size(), changed: info.ModTime()}
	}
}

// look does the photos that have not changed for a while.
func (v *watched) look(ctx context.Context) error {
	for path, s := range v.waiting {
		if ctx.Err() != nil {
			return nil
		}
		info, err := os.Stat(path)
		if err != nil {
			delete(v.waiting, path)
			continue
		}
		if info.Size() != s.size || !info.ModTime().Equal(s.changed) {
			*s = waiting{size: info.Size(), changed: info.ModTime()}
			continue
		}
		if s.quiet++; s.quiet < quietFor+s.tried*triesApart {
			continue
		}
		if err := v.do(path, s); err != nil {
			return err
		}
	}
	return nil
}

// giveUp tells of the photos that did not decode so far: no later try will.
func (v *watched) giveUp() error {
	for _, path := range slices.Sorted(maps.Keys(v.waiting)) {
		s := v.waiting[path]
		rel, err := filepath.Rel(v.root, path)
		if err != nil {
			return err
		}
		if s.last != nil && v.opts.Done != nil {
			v.opts.Done(v.names.job(path, rel), Product{}, s.last)
		}
	}
	return nil
}

// do does one photo; one that does not decode is tried again later.
func (v *watched) do(path string, s *waiting) error {
	rel, err := filepath.Rel(v.root, path)
	if err != nil {
		return err
	}
	j := v.names.job(path, rel)
	if Ours(path) || j.done() {
		delete(v.waiting, path)
		return nil
	}
	if v.opts.MayWrite != nil {
		if err := v.opts.MayWrite(j); err != nil {
			delete(v.waiting, path)
			if v.opts.Done != nil {
				v.opts.Done(j, Product{}, err)
			}
			return nil
		}
	}
	p, err := v.worker.make(j)
	if err == nil {
		err = v.writer.write(j, &p)
		if v.writer.tell(v.opts.Unsynced) {
			v.opts.Unsynced = nil // once
		}
	}
	var bad *BadPhoto
	switch {
	case err == nil:
	case !errors.As(err, &bad):
		return err
	default:
		if s.tried++; s.tried < tries {
			s.quiet, s.last = 0, err
			return nil
		}
	}
	delete(v.waiting, path)
	if v.opts.Done != nil {
		v.opts.Done(j, p, err)
	}
	return nil
}
