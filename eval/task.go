package eval

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"csnet/data"
)

// files is what a set holds on disk.
type files struct {
	set   Set
	base  string               // folder that digests name files against
	masks []data.File          // all masks, by stem
	pairs map[string]data.Pair // by path of the mask; photos may be absent for stored maps
	loose []string             // photos without a mask

	looked *data.Inspection // of the masks, with their photos' headers
}

// findFiles looks a set up. With photos every mask should have one; without,
// masks alone suffice and photos serve only the report's pictures.
func findFiles(o *Options, s Set, photos bool) (*files, error) {
	f := &files{set: s, pairs: make(map[string]data.Pair)}
	full, err := data.FindIn(s.Dir, o.Folders)
	if err != nil && photos {
		return nil, fmt.Errorf("eval: set %s: %w", s.Name, err)
	}
	if err == nil {
		f.base, f.loose = full.Base, full.UnpairedImages
		for _, p := range full.Pairs {
			f.pairs[p.Mask] = p
		}
	}
	if f.masks, err = data.FindMasksIn(s.Dir, o.Folders); err != nil {
		return nil, fmt.Errorf("eval: set %s: %w", s.Name, err)
	}
	if f.base == "" {
		f.base = s.Dir
	}
	return f, nil
}

// inspect settles how the masks are read, and the photos where there are any.
// Errors: masks that can be read in several ways; every mask empty, unless it was
// said how they are read.
func (f *files) inspect(ctx context.Context, o *Options) error {
	pairs := make([]data.Pair, len(f.masks))
	for i, m := range f.masks {
		pairs[i] = data.Pair{Stem: m.Stem, Image: f.pairs[m.Path].Image, Mask: m.Path}
	}
	in, err := data.Inspect(ctx, pairs, data.InspectOptions{Mask: o.Mask, Exif: o.Exif, Headers: true})
	if err != nil {
		return err
	}
	f.looked = in
	if in.MaskErr != nil {
		return fmt.Errorf("eval: set %s: %s: %w", f.set.Name, f.set.Dir, in.MaskErr)
	}
	if given := o.Mask.Kind != "" && o.Mask.Kind != data.MaskAuto; !given && in.Masks.Count > 0 && in.Masks.Empty == in.Masks.Count {
		return fmt.Errorf("eval: set %s: %s: %w: no score means anything on them (--mask %s scores them all the same)", f.set.Name, f.set.Dir, in.Masks.Blank(), in.Masks.Coding)
	}
	return nil
}

// notes tells how the files were read where that is not plain.
func (f *files) notes() []string {
	if f.looked.Masks.Coding.Plain() && f.looked.Exif.Either == 0 && f.looked.Bits == 0 {
		return nil
	}
	return f.looked.Notes()
}

// item is one image to score.
type item struct {
	read  data.Reading
	stem  string
	photo string // "" when not known or not needed
	mask  string
	given string // stored map, or ""
}

// task is a method on a set.
type task struct {
	method  *Method
	files   *files
	items   []item // by stem
	missing []string
	surplus []string
	affix   string // how names were matched, "" when equal
	save    string // folder for maps, or ""
	compare bool   // score a centred Gaussian on the same masks
	part    bool   // items are a shard's
}

// newTask lists what there is to score.
func newTask(o *Options, m *Method, f *files) (*task, error) {
	t := &task{method: m, files: f, compare: m == &o.Methods[0] && !o.hasBaseline(), save: saveDir(o, m, f.set.Name)}
	maps := map[string]string{}
	if m.Maps != "" {
		found, err := storedMaps(o, m, f)
		if err != nil {
			return nil, err
		}
		maps = found.Of
		for _, f := range found.Missing {
			t.missing = append(t.missing, f.Stem)
		}
		for _, f := range found.Surplus {
			t.surplus = append(t.surplus, f.Path)
		}
		if !found.Affix.None() {
			t.affix = found.Affix.Tell("mask", "map")
		}
	}
	for _, k := range f.masks {
		it := item{read: f.looked.Read, stem: k.Stem, photo: f.pairs[k.Path].Image, mask: k.Path, given: maps[k.Path]}
		switch {
		case m.Maps != "" && it.given == "": // already in missing
		case m.NewNet != nil && it.photo == "":
			t.missing = append(t.missing, k.Stem)
		default:
			t.items = append(t.items, it)
		}
	}
	if m.NewNet != nil {
		t.surplus = f.loose
	}
	return t, nil
}

// storedMaps finds a method's maps for one set: Maps itself, with several sets
// (or where it is there) Maps/<set name>.
func storedMaps(o *Options, m *Method, f *files) (data.Matched, error) {
	dir := m.Maps
	sub := filepath.Join(dir, f.set.Name)
	if info, err := os.Stat(sub); err == nil && info.IsDir() {
		dir = sub
	} else if len(o.Sets) > 1 {
		return data.Matched{}, fmt.Errorf("eval: method %s: with several sets the maps of %s must lie in %s", m.Name, f.set.Name, sub)
	}
	maps, err := data.List(dir)
	if err != nil {
		return data.Matched{}, fmt.Errorf("eval: method %s: %w", m.Name, err)
	}
	var given *data.Affix
	if o.MapNames != "" {
		a, err := data.ParseAffix(o.MapNames)
		if err != nil {
			return data.Matched{}, fmt.Errorf("eval: %w", err)
		}
		given = &a
	}
	return data.Match(dir, "mask", "map", f.masks, maps, given)
}

// saveDir is SaveMaps[/method][/set], a level only where there are several. The
// maps of one method thus lie as Maps wants them.
func saveDir(o *Options, m *Method, set string) string {
	if o.SaveMaps == "" || m.Maps != "" {
		return ""
	}
	dir := o.SaveMaps
	if len(o.Methods) > 1 {
		dir = filepath.Join(dir, m.Name)
	}
	if len(o.Sets) > 1 {
		dir = filepath.Join(dir, set)
	}
	return dir
}
