package tensorboard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"csnet/internal/wholefile"
)

// FileName is the name of the event file in a run's folder. TensorBoard takes
// every file for one whose name holds "tfevents".
const FileName = "events.out.tfevents.csnet"

// Writer appends events to a file, whole records only.
type Writer struct{ f *os.File }

// Open opens DIR/events.out.tfevents.csnet for a run that stands at step, at the
// given wall clock time in seconds since 1970. What an earlier part of the run
// wrote up to that step stays; later events, and a last record cut short or
// damaged by a stop in mid-write, go. At step 0 the file begins anew.
func Open(dir string, step int, wall float64) (*Writer, error) {
	path := filepath.Join(dir, FileName)
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	keep := appendRecord(nil, version(wall))
	if step > 0 {
		if kept := upTo(old, step); len(kept) > 0 {
			keep = kept
		}
	}
	if err := wholefile.SoonBytes(path, keep); err != nil {
		return nil, fmt.Errorf("tensorboard: %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	return &Writer{f}, nil
}

// upTo returns the whole records at the front of b, less those of later steps.
func upTo(b []byte, step int) []byte {
	var keep []byte
	for {
		payload, rest, ok := nextRecord(b)
		if !ok {
			return keep
		}
		if s, ok := stepOf(payload); ok && s <= step {
			keep = append(keep, b[:len(b)-len(rest)]...)
		}
		b = rest
	}
}

// Write adds one event with these values at a step of the run, at the given
// wall clock time in seconds since 1970.
func (w *Writer) Write(step int, wall float64, values ...Value) error {
	if _, err := w.f.Write(appendRecord(nil, event(wall, step, values))); err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	return nil
}

// Close closes the file.
func (w *Writer) Close() error { return w.f.Close() }
