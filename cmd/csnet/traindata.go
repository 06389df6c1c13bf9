package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"csnet/data"
)

// material is what a run trains on.
type material struct {
	pairs, val  []data.Pair
	parts       []data.Part   // of pairs, where sets are mixed by shares
	manifest    data.Manifest // of all, or of pairs where val is a set of its own
	base        string        // what manifest names files against
	valManifest data.Manifest // of val
}

// materialOnce is material, unless an earlier run of the same command has read it.
func (j *trainJob) materialOnce(ctx context.Context, io streams) (*material, error) {
	if j.found != nil {
		return j.found, nil
	}
	var err error
	j.found, err = j.material(ctx, io)
	return j.found, err
}

// material reads the sets of a run and parts what is for training from what is for
// validation.
func (j *trainJob) material(ctx context.Context, io streams) (*material, error) {
	c := j.conf.Data
	reader, err := newSetReader(c, j.skipBad, io)
	if err != nil {
		return nil, err
	}
	m := &material{}
	sources, sizes, err := m.readSources(ctx, reader, c)
	if err != nil {
		return nil, err
	}
	if m.manifest, err = hashFiles(ctx, m.base, m.pairs, io); err != nil {
		return nil, err
	}
	if c.Val != "" {
		set, v, err := reader.read(ctx, c.Val, data.Folders{Names: c.MaskNames})
		if err != nil {
			return nil, err
		}
		m.val = v.Pairs
		if n, example := data.Copies(m.pairs, m.val); n > 0 {
			io.tell("warning: %d of %d validation pictures are training pictures too (%s is %s): scores will be too good", n, len(m.val), example[1].Image, example[0].Image)
		}
		if m.valManifest, err = hashFiles(ctx, set.Base, v.Pairs, io); err != nil {
			return nil, err
		}
	}
	if c.Val == "" && c.ValShare > 0 {
		// Of several sets the first is the one that counts: it is validated on.
		var first []data.Pair
		first, m.val = data.SplitValidation(m.pairs[:sizes[0]], c.ValShare)
		m.pairs = append(first, m.pairs[sizes[0]:]...)
		sizes[0] = len(first)
		m.valManifest = m.manifest.Part(m.base, m.val)
		if n, _ := data.Copies(m.val, m.pairs[sizes[0]:]); n > 0 {
			io.tell("warning: %d pictures of the further sets are validation pictures too: scores will be too good", n)
		}
	}
	m.parts, err = data.Mix(sources, sizes)
	return m, err
}

// readSources reads the training sets one after the other; sizes tells how many
// pairs each has.
func (m *material) readSources(ctx context.Context, reader setReader, c data.Config) (sources []data.Source, sizes []int, err error) {
	if sources, err = c.Sources(); err != nil {
		return nil, nil, usageError{err}
	}
	for i, s := range sources {
		where := data.Folders{Names: c.MaskNames}
		if i == 0 {
			where = c.Folders()
		}
		set, found, err := reader.read(ctx, s.Dir, where)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w (from this folder; --data says where the set is)", err)
		}
		if err != nil {
			return nil, nil, err
		}
		m.pairs, sizes = append(m.pairs, found.Pairs...), append(sizes, len(found.Pairs))
		if i == 0 {
			m.base = set.Base
		} else {
			m.base = data.Above(m.base, set.Base)
		}
	}
	return sources, sizes, nil
}

// reduced replaces photos that are much larger than the net's input by reduced copies
// in the run's folder, so that they are decoded in full once and not in every epoch.
func (j *trainJob) reduced(ctx context.Context, m *material, io streams) (pairs, val []data.Pair, err error) {
	side, err := data.ParseCache(j.conf.Data.Cache, j.conf.Data.SizePlan().Last())
	if err != nil {
		return nil, nil, err
	}
	all := append(m.pairs[:len(m.pairs):len(m.pairs)], m.val...)
	show := newProgress(io, "reduce", "photos", 0, -1)
	kept, n, err := data.KeepReduced(ctx, filepath.Join(j.out, "cache"), all, side, show.of)
	show.done()
	if err != nil {
		return nil, nil, err
	}
	if n > 0 {
		io.tell("%d of %d photos are much larger than the net's input; they are kept reduced to %d pixels in %s (data.cache; csnet data shrink does it once for all runs)",
			n, len(all), side, filepath.Join(j.out, "cache"))
	}
	return kept[:len(m.pairs)], kept[len(m.pairs):], nil
}

func hashFiles(ctx context.Context, base string, pairs []data.Pair, io streams) (data.Manifest, error) {
	show := newProgress(io, "hash", "files", 0, 2*len(pairs))
	defer show.done()
	return data.MakeManifest(ctx, base, pairs, show.of)
}

// setReader reads data sets for training, every file of them, before the first
// step.
type setReader struct {
	mask    data.Coding
	exif    data.ExifRule
	skipBad bool
	io      streams
}

// newSetReader takes the keys data.mask and data.exif.
func newSetReader(c data.Config, skipBad bool, io streams) (setReader, error) {
	mask, err := data.ParseCoding(c.Mask)
	if err != nil {
		return setReader{}, usagef("--mask: %w%s", err, didYouMean(c.Mask, "", maskWords()))
	}
	exif, err := data.ParseExif(c.Exif)
	if err != nil {
		return setReader{}, usagef("--exif: %w", err)
	}
	return setReader{mask, exif, skipBad, io}, nil
}

// read finds the set in dir, reads all of its pictures and tells how. Errors: no
// set there; files that cannot be read, unless they are to be skipped; masks that
// can be read in several ways, or that are all empty.
func (r setReader) read(ctx context.Context, dir string, where data.Folders) (data.Set, *data.Inspection, error) {
	set, err := data.FindIn(dir, where)
	if err != nil {
		return set, nil, err
	}
	for _, note := range setNotes(set) {
		r.io.tell("%s: %s", dir, note)
	}
	if n := len(set.UnpairedImages) + len(set.UnpairedMasks); n > 0 {
		r.io.tell("warning: %s: %d files without a partner are left out (csnet data check lists them)", dir, n)
	}
	known := openKnown(set)
	show := newProgress(r.io, "read", "pairs", 0, len(set.Pairs))
	in, err := data.Inspect(ctx, set.Pairs, data.InspectOptions{Mask: r.mask, Exif: r.exif, Known: &known.Known, Progress: show.of})
	show.done()
	if err != nil {
		return set, nil, err
	}
	known.save()
	if in.Bad > 0 {
		if err := r.bad(dir, in); err != nil {
			return set, nil, err
		}
	}
	if in.MaskErr != nil {
		return set, nil, fmt.Errorf("%s: %w", set.MaskDir, in.MaskErr)
	}
	if err := in.Masks.Blank(); err != nil {
		return set, nil, fmt.Errorf("%s: %w; nothing can be learned from them (csnet data check %s --preview sheet.png shows what is read)", set.MaskDir, err, dir)
	}
	for _, note := range in.Notes() {
		r.io.tell("%s: %s", dir, note)
	}
	if m := in.Masks; m.Empty+m.Full > 0 {
		r.io.tell("%s: %d of %d masks are empty, %d full", dir, m.Empty, m.Count, m.Full)
	}
	return set, in, nil
}

// bad lists the files that cannot be read; it is an error unless they are to be
// skipped.
func (r setReader) bad(dir string, in *data.Inspection) error {
	var lines []string
	for _, p := range in.Problems {
		if p.Severity == data.SeverityError {
			lines = append(lines, p.File+": "+p.Detail)
		}
	}
	if len(lines) > 20 {
		lines = append(lines[:20], fmt.Sprintf("and %d more", len(lines)-20))
	}
	list := strings.Join(lines, "\n  ")
	if !r.skipBad || len(in.Pairs) == 0 {
		return fmt.Errorf("%s: %d of %d pairs cannot be read; mend them, or leave them out with --skip-bad:\n  %s", dir, in.Bad, in.Bad+len(in.Pairs), list)
	}
	r.io.tell("warning: %s: %s left out that cannot be read:\n  %s", dir, counted(in.Bad, "pair"), list)
	return nil
}
