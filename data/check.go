package data

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"csnet/internal/parallel"
)

// Kinds of problems.
const (
	Unpaired      = "unpaired"       // a photo without mask or a mask without photo
	Undecodable   = "undecodable"    // a file that is no readable picture
	SizeDiffers   = "size-differs"   // a mask of another size than its photo
	DuplicateStem = "duplicate-stem" // a stem that several files of a folder share
	EmptyMask     = "empty-mask"     // no pixel above 128
	FullMask      = "full-mask"      // every pixel above 128
	SpeckMask     = "speck-mask"     // an object of fewer than four pixels
	SameContent   = "same-content"   // a photo with the pixels of an earlier one
	Small         = "small"          // too small for the whole random crop of training
	ExifUnturned  = "exif-unturned"  // EXIF says turn, but only unturned the photo fits its mask
	ExifAmbiguous = "exif-ambiguous" // photos that fit their masks turned and unturned
	MaskCoding    = "mask-coding"    // masks that can be read in more than one way, or in none
	MostlyEmpty   = "mostly-empty"   // more than half of the masks have no foreground
	MostlyFull    = "mostly-full"    // more than half of the masks have no background
	OddMask       = "odd-mask"       // a mask that does not look like the others
	FewBits       = "few-bits"       // 16-bit photos that use fewer bits
)

// Severities of problems.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// Problem is one thing wrong with one file.
type Problem struct {
	Kind     string `json:"kind"`
	File     string `json:"file"` // relative to the folder checked, with slashes
	Detail   string `json:"detail"`
	Severity string `json:"severity"`
}

// Report is what Check found.
type Report struct {
	Pairs    int       `json:"pairs"`
	Problems []Problem `json:"problems"`  // by file, then kind; never nil
	ImageDir string    `json:"image_dir"` // folder of the photos
	MaskDir  string    `json:"mask_dir"`  // folder of the masks
	Masks    Masks     `json:"masks"`     // how the masks are read

	Inspection *Inspection `json:"-"` // of the pairs
	Set        Set         `json:"-"` // with all its pairs
}

// Errors counts the problems that are errors; a set with any is broken.
func (r Report) Errors() int {
	n := 0
	for _, p := range r.Problems {
		if p.Severity == SeverityError {
			n++
		}
	}
	return n
}

// Check reads every picture of the set in dir and lists what is wrong with it:
// errors of the kinds unpaired, undecodable, size-differs, duplicate-stem,
// mask-coding, mostly-empty and mostly-full; warnings of the kinds empty-mask,
// full-mask, speck-mask, odd-mask, same-content, small, exif-unturned, exif-ambiguous and
// few-bits. The report does not depend on the number of threads. The progress of o
// is told of every file or pair done, one call at a time. Errors: no one layout in
// dir, as in Find; a cancelled ctx.
func Check(ctx context.Context, dir string, where Folders, o InspectOptions) (Report, error) {
	set, err := scan(dir, where)
	if err != nil {
		return Report{Problems: []Problem{}}, err
	}
	// Files that are in no pair are decoded too.
	loose := slices.Concat(set.UnpairedImages, set.UnpairedMasks)
	for _, d := range set.Duplicates {
		loose = append(loose, d.Files...)
	}
	pairs, total := len(set.Pairs), len(set.Pairs)+len(loose)
	tell := o.Progress
	o.Headers = false
	if tell != nil {
		o.Progress = func(done, _ int) { tell(done, total) }
	}
	in, err := Inspect(ctx, set.Pairs, o)
	if err != nil {
		return Report{Problems: []Problem{}}, err
	}
	bad := make([][]Problem, len(loose))
	readers, room := make([]reader, parallel.Workers(len(loose))), newRoom()
	err = parallel.Each(ctx, len(readers), len(loose), func(done, _ int) {
		if tell != nil {
			tell(pairs+done, total)
		}
	}, func(worker, i int) error {
		defer readers[worker].hold(room, 0, loose[i])()
		if _, err := readers[worker].decode(loose[i]); err != nil {
			bad[i] = []Problem{{Undecodable, loose[i], bare(err, loose[i]), SeverityError}}
		}
		return nil
	})
	if err != nil {
		return Report{Problems: []Problem{}}, err
	}
	problems := slices.Concat(in.Problems, in.general(set.MaskDir, set.ImageDir), slices.Concat(bad...), unmatched(set), in.sameContent(dir))
	for i := range problems {
		problems[i].File = relative(dir, problems[i].File)
		problems[i].Detail = strings.ReplaceAll(problems[i].Detail, dir+string(filepath.Separator), "")
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Detail, b.Detail))
	})
	if problems == nil {
		problems = []Problem{}
	}
	return Report{
		Pairs: pairs, Problems: problems, ImageDir: relative(dir, set.ImageDir), MaskDir: relative(dir, set.MaskDir), Masks: in.Masks,
		Inspection: in, Set: set,
	}, nil
}

// bare takes "data: path: " off an error, which a problem names itself.
func bare(err error, path string) string {
	return strings.TrimPrefix(err.Error(), "data: "+path+": ")
}

// general lists what is wrong with a set as a whole.
func (in *Inspection) general(maskDir, imageDir string) []Problem {
	var out []Problem
	add := func(kind, severity, path, format string, args ...any) {
		out = append(out, Problem{kind, path, fmt.Sprintf(format, args...), severity})
	}
	m := in.Masks
	if in.MaskErr != nil {
		add(MaskCoding, SeverityError, maskDir, "%v", in.MaskErr)
	}
	if 2*m.Empty > m.Count {
		add(MostlyEmpty, SeverityError, maskDir, "%d of %d masks are empty, read as %s", m.Empty, m.Count, m.Coding)
	}
	if 2*m.Full > m.Count {
		add(MostlyFull, SeverityError, maskDir, "%d of %d masks are full, read as %s", m.Full, m.Count, m.Coding)
	}
	if in.Exif.Either > 0 {
		add(ExifAmbiguous, SeverityWarning, imageDir, "%s", in.Exif)
	}
	if in.Bits != 0 {
		add(FewBits, SeverityWarning, imageDir, "no 16-bit photo has a sample above %d: they are read as %d-bit ones", 1<<in.Bits-1, in.Bits)
	}
	return out
}

// unmatched lists unpaired files and shared stems.
func unmatched(s Set) []Problem {
	var out []Problem
	for _, f := range s.UnpairedImages {
		out = append(out, Problem{Unpaired, f, "no mask of this stem in " + relative(s.Dir, s.MaskDir), SeverityError})
	}
	for _, f := range s.UnpairedMasks {
		out = append(out, Problem{Unpaired, f, "no photo of this stem in " + relative(s.Dir, s.ImageDir), SeverityError})
	}
	for _, d := range s.Duplicates {
		for i, f := range d.Files {
			others := slices.Delete(relatives(s.Dir, d.Files), i, i+1)
			out = append(out, Problem{DuplicateStem, f, "has the stem of " + strings.Join(others, " and "), SeverityError})
		}
	}
	return out
}
