package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"csnet/checkpoint"
)

// epochEnd validates, logs, and saves last and, where the net is the best so far,
// best. last comes last: a run that is killed before goes on from the one before
// and does all of it again.
func (r *run) epochEnd(ctx context.Context) error {
	r.Group.At(r.step)
	firstLast := r.beginFirstLast()
	if err := r.healthy(); err != nil {
		_ = firstLast(false)
		return err
	}
	epoch := (r.step - 1) / r.perEpoch
	var score *Score // with Validate
	better := true
	if r.Validate == nil {
		if err := firstLast(true); err != nil {
			return err
		}
	} else {
		s, err := r.Validate(ctx, r.learned(), r.size)
		if last := firstLast(err == nil); err != nil {
			return r.stop(ctx, err)
		} else if last != nil {
			return last
		}
		score, better = &s, r.best == nil || r.Baselines.Better(r.Config.Best, s, *r.best)
		r.stale++
		if better {
			r.best, r.bestStep, r.stale = score, r.step, 0
		}
	}
	r.ended = r.step
	if err := r.writeLine(epoch, score); err != nil {
		return err
	}
	if err := r.events.gammas(r.step, r.wall(), r.learned()); err != nil {
		return err
	}
	if err := r.samples(); err != nil {
		return err
	}
	names := []string{"last"}
	if better {
		names = []string{"best", "last"}
	}
	if err := r.save(names...); err != nil {
		return err
	}
	if score != nil && r.Progress != nil {
		p := r.progress(epoch, r.log.last)
		p.Score, p.Best = score, better
		if r.startAt == r.size {
			p.Start = r.start
		}
		r.Progress(p)
	}
	return nil
}

// beginFirstLast begins to save last, which still owes the end of this epoch, where there
// is none yet: a run that is killed before last and after best could neither go on nor
// begin anew. It is written while the net is looked at and validated; end puts it in its
// place, or drops it where the net is not to be kept. Its name need not be waited for: the
// save that follows does that.
func (r *run) beginFirstLast() (end func(keep bool) error) {
	switch {
	case r.saved >= 0:
		return func(bool) error { return nil }
	case r.ranks != nil: // which validate and save together, one after the other
		return func(keep bool) error {
			if !keep {
				return nil
			}
			return r.save("last")
		}
	}
	var p *checkpoint.Pending
	written := make(chan error)
	go func() {
		var err error
		if p, err = r.write("last"); err == nil {
			if err = p.Sync(); err != nil {
				err = fmt.Errorf("train: step %d: %w", r.step, err)
			}
		}
		written <- err
	}()
	return func(keep bool) error {
		err := <-written
		if !keep {
			p.Discard()
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.Place(); err != nil {
			return fmt.Errorf("train: step %d: %w", r.step, err)
		}
		r.noteSaved("last")
		return nil
	}
}

// stop saves the state when ctx or bad data ended the run, and returns why it
// ended. A net that has diverged is not saved.
func (r *run) stop(ctx context.Context, err error) error {
	if r.ranks != nil && errors.Is(err, context.Canceled) {
		r.ranks.end()
	}
	if ctx.Err() == nil {
		if errors.Is(err, ErrNotFinite) {
			return r.diverged(r.step, err.Error())
		}
		if r.step == 0 || r.save("last") != nil {
			return fmt.Errorf("train: after step %d: %w", r.step, err)
		}
		return fmt.Errorf("train: after step %d (saved: mend it and resume): %w", r.step, err)
	}
	if err := r.save("last"); err != nil {
		return fmt.Errorf("train: interrupted after step %d, and the state could not be saved: %w", r.step, err)
	}
	return ctx.Err()
}

// path is where a checkpoint goes.
func (r *run) path(name string) string {
	return filepath.Join(r.Dir, "checkpoints", name+".safetensors")
}

// save writes checkpoints last, best or both, of the same content, in this order, each
// whole or not at all, if the net is healthy. The log up to here is on the disk before.
func (r *run) save(names ...string) error {
	if err := r.healthy(); err != nil {
		return err
	}
	if err := r.drift(); err != nil {
		return err
	}
	if r.writes() {
		p, err := r.write(names...)
		if err != nil {
			return err
		}
		if err := p.Flush(); err != nil {
			return fmt.Errorf("train: step %d: %w", r.step, err)
		}
	}
	for _, name := range names {
		r.noteSaved(name)
	}
	return nil
}

// write writes checkpoints beside their places. The log up to here is on the disk then.
func (r *run) write(names ...string) (*checkpoint.Pending, error) {
	if err := r.log.sync(); err != nil {
		return nil, err
	}
	c := &checkpoint.Checkpoint{Spec: r.Spec, Params: r.learned(), Config: r.ConfigYAML, Step: r.step, Manifest: r.Manifest, Run: r.state()}
	if r.average != nil {
		c.Raw = r.Params
	}
	if s := r.adam.State(); s.Step > 0 {
		c.Optim = &checkpoint.OptimState{M: s.M, V: s.V}
	}
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = r.path(name)
	}
	p, err := checkpoint.Begin(c, paths...)
	if err != nil {
		return nil, fmt.Errorf("train: step %d: %w", r.step, err)
	}
	return p, nil
}

// noteSaved notes which step last is of.
func (r *run) noteSaved(name string) {
	if name == "last" {
		r.saved, r.savedAt = r.step, r.now()
	}
}
