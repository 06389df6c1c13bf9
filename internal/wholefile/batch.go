package wholefile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Batch writes files as Write does, some at a time: the disk is waited for once
// and not for every file. It serves one goroutine. Errors name the path.
type Batch struct {
	files []pending
}

// A pending file waits beside its place.
type pending struct {
	f    *os.File
	path string
}

// batchSize is how many files wait at most; they are open.
const batchSize = 16

// Add writes a file beside its place. It is in its place after the next Flush,
// which Add does itself now and then.
func (b *Batch) Add(path string, content []byte) error {
	f, err := begin(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	startSync(f)
	b.files = append(b.files, pending{f, path})
	if len(b.files) < batchSize {
		return nil
	}
	return b.Flush()
}

// Flush puts all files in their places. At the first error the files not yet
// in place are removed.
func (b *Batch) Flush() error {
	var failed error
	dirs := make(map[string]string) // of the files, each with one of its files
	for _, p := range b.files {
		if failed != nil {
			discard(p.f)
		} else if err := finish(p.f, p.path); err != nil {
			failed = fmt.Errorf("%s: %w", p.path, err)
		} else {
			dirs[filepath.Dir(p.path)] = p.path
		}
	}
	b.files = b.files[:0]
	for dir, path := range dirs {
		if err := syncFolder(dir); err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", path, err)
		}
	}
	return failed
}
