package checkpoint

import (
	"fmt"
	"io"

	"csnet/checkpoint/internal/safetensors"
	"csnet/internal/wholefile"
)

// Pending is a checkpoint that is written beside its places and not yet in them. It is put
// there by Place or Flush, or removed by Discard. It serves one goroutine; nil has no
// places, and all its methods do nothing.
type Pending struct{ files wholefile.Batch }

// Begin writes c beside each of paths, whose files stay as they are. Errors as those of
// Save: then nothing is left.
func Begin(c *Checkpoint, paths ...string) (*Pending, error) {
	p := new(Pending)
	meta, ts, err := encode(c)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", paths[0], err)
	}
	meta = seal(meta, ts)
	for _, path := range paths {
		if err := p.files.Write(path, func(w io.Writer) error { return safetensors.Write(w, meta, ts) }); err != nil {
			p.files.Discard()
			return nil, fmt.Errorf("checkpoint: %w", err)
		}
	}
	return p, nil
}

// Sync waits until the files are on the disk, still beside their places: Place and Flush
// need not wait for that then. At an error nothing is left.
func (p *Pending) Sync() error {
	if p == nil {
		return nil
	}
	return named(p.files.Sync())
}

// Place puts the files in their places, in the order of Begin's paths, each once all are on
// the disk. A power cut soon after may still bring the older ones back; a Flush of others in
// the folder ends that.
func (p *Pending) Place() error {
	if p == nil {
		return nil
	}
	return named(p.files.Place())
}

// Flush is Place, and waits until their names are on the disk.
func (p *Pending) Flush() error {
	if p == nil {
		return nil
	}
	return named(p.files.Flush())
}

// Discard removes what is not in its place.
func (p *Pending) Discard() {
	if p != nil {
		p.files.Discard()
	}
}

func named(err error) error {
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}
