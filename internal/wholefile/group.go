package wholefile

import (
	"fmt"
	"sync"
)

// Group flushes Batches of many goroutines. Those that come while the disk is waited
// for are flushed together next: a file system brings them to the disk in one go, and
// the names in a folder are waited for once. The zero value is ready.
type Group struct {
	mu      sync.Mutex
	busy    bool // somebody flushes
	waiting []*flush
}

// flush is a Batch that waits to be flushed.
type flush struct {
	b      *Batch
	failed chan error    // when it is done
	lead   chan struct{} // when it is to flush itself and those that wait with it
}

// Flush is b.Flush.
func (g *Group) Flush(b *Batch) error {
	f := &flush{b, make(chan error, 1), make(chan struct{}, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, f)
	if g.busy {
		g.mu.Unlock()
		select {
		case err := <-f.failed:
			return err
		case <-f.lead:
			g.mu.Lock()
		}
	}
	g.busy = true
	all := g.waiting
	g.waiting = nil
	g.mu.Unlock()
	together(all)
	g.mu.Lock()
	if g.busy = len(g.waiting) > 0; g.busy {
		g.waiting[0].lead <- struct{}{}
	}
	g.mu.Unlock()
	return <-f.failed
}

// together flushes Batches and tells each how that went.
func together(all []*flush) {
	dirs := make(folders)
	errs := make([]error, len(all))
	for i, f := range all {
		errs[i] = f.b.place(dirs, i)
	}
	for dir, files := range dirs {
		if err := syncFolder(dir); err != nil {
			for i, path := range files {
				if errs[i] == nil {
					errs[i] = fmt.Errorf("%s: %w", path, err)
				}
			}
		}
	}
	for i, f := range all {
		f.failed <- errs[i]
	}
}

// folders are those that names have come into: for each Batch, by its number, one of
// the files.
type folders map[string]map[int]string

func (d folders) add(dir string, batch int, path string) {
	if d[dir] == nil {
		d[dir] = make(map[int]string)
	}
	d[dir][batch] = path
}
