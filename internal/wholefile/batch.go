package wholefile

import (
	"fmt"
	"io"
	"path/filepath"
)

// Batch writes files as Write does, some at a time: the disk is waited for once
// and not for every file. It serves one goroutine. Errors name the path.
type Batch struct {
	// Unsynced is one of the files whose file system could not wait for the disk, as
	// CanSync tells; empty while there is none.
	Unsynced string

	files []*temp
	swept string // the folder swept last
}

// batchSize is how many files wait at most; they are open.
const batchSize = 16

// Add is Write of content.
func (b *Batch) Add(path string, content []byte) error {
	return b.Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Write writes a file beside its place. It is in its place after the next Flush,
// which Write does itself now and then.
func (b *Batch) Write(path string, write func(io.Writer) error) error {
	place, err := Resolve(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, unwritten(err))
	}
	if dir := filepath.Dir(place); dir != b.swept {
		Sweep(dir)
		b.swept = dir
	}
	t, err := begin(place, write)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	startSync(t.f)
	b.files = append(b.files, t)
	if len(b.files) < batchSize {
		return nil
	}
	return b.Flush()
}

// Discard removes the files that wait for a Flush.
func (b *Batch) Discard() {
	for _, t := range b.files {
		t.discard()
	}
	b.files = b.files[:0]
}

// Sync waits until the files are on the disk, beside their places. At an error all of them
// are removed.
func (b *Batch) Sync() error {
	for _, t := range b.files {
		if err := t.sync(); err != nil {
			b.Discard() // a second try could succeed though the content is lost
			return fmt.Errorf("%s: %w", t.place, unwritten(err))
		}
	}
	return nil
}

// Place is Flush that does not wait until the names of the files are on the disk: a power
// cut soon after may leave the old ones, whole.
func (b *Batch) Place() error { return b.place(make(folders), 0) }

// Flush puts all files in their places. At the first error the files not yet
// in place are removed.
func (b *Batch) Flush() error {
	f := flush{b: b, failed: make(chan error, 1)}
	together([]*flush{&f})
	return <-f.failed
}

// place puts the files of the Batch with this number in their places, in their order, once
// all of them are on the disk, and notes their folders, which are not. At the first error
// the files not yet in place are removed.
func (b *Batch) place(dirs folders, number int) error {
	failed := b.Sync()
	for _, t := range b.files {
		if failed != nil {
			t.discard()
		} else if err := t.finish(true); err != nil {
			failed = fmt.Errorf("%s: %w", t.place, err)
		} else {
			dirs.add(filepath.Dir(t.place), number, t.place)
			if t.unsynced {
				b.Unsynced = t.place
			}
		}
	}
	b.files = b.files[:0]
	return failed
}
