package data

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
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
	SameContent   = "same-content"   // a photo with the pixels of an earlier one
	Small         = "small"          // too small for the whole random crop of training
	ExifUnturned  = "exif-unturned"  // EXIF says turn, but only unturned the photo fits its mask
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
	Problems []Problem `json:"problems"` // by file, then kind; never nil
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

// checker collects the findings on one set.
type checker struct {
	set     Set
	readers []reader
	finds   [][]Problem // by pair
	sums    [][sha256.Size]byte
	decoded []bool
}

// Check reads every picture of the set in dir and lists what is wrong with it:
// errors of the kinds unpaired, undecodable, size-differs and duplicate-stem;
// warnings of the kinds empty-mask, full-mask, same-content, small and
// exif-unturned. The report does not depend on the number of threads. progress is
// told of every file or pair done, one call at a time; it may be nil. Errors: no
// one layout in dir, as in Find; a cancelled ctx.
func Check(ctx context.Context, dir string, progress func(done, total int)) (Report, error) {
	set, err := scan(dir)
	if err != nil {
		return Report{Problems: []Problem{}}, err
	}
	// Files that are in no pair are decoded too.
	loose := slices.Concat(set.UnpairedImages, set.UnpairedMasks)
	for _, d := range set.Duplicates {
		loose = append(loose, d.Files...)
	}
	pairs, total := len(set.Pairs), len(set.Pairs)+len(loose)
	c := checker{
		set: set, readers: make([]reader, parallel.Workers(total)), finds: make([][]Problem, total),
		sums: make([][sha256.Size]byte, pairs), decoded: make([]bool, pairs),
	}
	err = parallel.Each(ctx, len(c.readers), total, progress, func(worker, i int) error {
		if i < pairs {
			c.pair(&c.readers[worker], i)
			return nil
		}
		if _, err := decodeFile(loose[i-pairs], &c.readers[worker].file); err != nil {
			c.add(i, Undecodable, SeverityError, loose[i-pairs], "%s", bare(err, loose[i-pairs]))
		}
		return nil
	})
	if err != nil {
		return Report{Problems: []Problem{}}, err
	}
	problems := slices.Concat(c.finds...)
	problems = append(problems, c.unmatched()...)
	problems = append(problems, c.sameContent()...)
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Detail, b.Detail))
	})
	if problems == nil {
		problems = []Problem{}
	}
	return Report{Pairs: pairs, Problems: problems}, nil
}

// bare takes "data: path: " off an error, which a problem names itself.
func bare(err error, path string) string {
	return strings.TrimPrefix(err.Error(), "data: "+path+": ")
}

func (c *checker) problem(kind, severity, path, format string, args ...any) Problem {
	return Problem{kind, relative(c.set.Dir, path), fmt.Sprintf(format, args...), severity}
}

func (c *checker) add(i int, kind, severity, path, format string, args ...any) {
	c.finds[i] = append(c.finds[i], c.problem(kind, severity, path, format, args...))
}

// pair looks at one pair.
func (c *checker) pair(r *reader, i int) {
	p := c.set.Pairs[i]
	s, err := decodeFile(p.Image, &r.file)
	if err != nil {
		c.add(i, Undecodable, SeverityError, p.Image, "%s", bare(err, p.Image))
	}
	if maskErr := r.readMask(p.Mask); maskErr != nil {
		c.add(i, Undecodable, SeverityError, p.Mask, "%s", bare(maskErr, p.Mask))
	} else {
		c.foreground(i, p.Mask, &r.mask)
		if err == nil {
			c.sizes(i, p, s, &r.mask)
		}
	}
	if err != nil {
		return
	}
	r.setPhoto(s, s.orientation)
	c.sums[i], c.decoded[i] = contentSum(&r.photo), true
	if a := DefaultConfig().Augment; a.clipped(s.w, s.h) {
		c.add(i, Small, SeverityWarning, p.Image, "is %dx%d, sides below %d get a smaller random crop in training", s.w, s.h, 2*(2*a.Crop-1))
	}
}

// foreground looks for masks without foreground or without background.
func (c *checker) foreground(i int, path string, m *Mask) {
	n := 0
	for _, v := range m.Pix {
		if v > 128 {
			n++
		}
	}
	switch n {
	case 0:
		c.add(i, EmptyMask, SeverityWarning, path, "no pixel is above 128, the highest is %d", slices.Max(m.Pix))
	case len(m.Pix):
		c.add(i, FullMask, SeverityWarning, path, "every pixel is above 128, the lowest is %d", slices.Min(m.Pix))
	}
}

func (c *checker) sizes(i int, p Pair, s stored, m *Mask) {
	_, unturned, err := s.fit(p.Mask, m)
	switch {
	case err != nil:
		c.add(i, SizeDiffers, SeverityError, p.Mask, "%s", bare(err, p.Mask))
	case unturned:
		c.add(i, ExifUnturned, SeverityWarning, p.Image,
			"EXIF orientation %d is ignored, for only the unturned %dx%d has its mask's size", s.orientation, s.w, s.h)
	}
}

// unmatched lists unpaired files and shared stems.
func (c *checker) unmatched() []Problem {
	var out []Problem
	for _, f := range c.set.UnpairedImages {
		out = append(out, c.problem(Unpaired, SeverityError, f, "no mask of this stem in %s", relative(c.set.Dir, c.set.MaskDir)))
	}
	for _, f := range c.set.UnpairedMasks {
		out = append(out, c.problem(Unpaired, SeverityError, f, "no photo of this stem in %s", relative(c.set.Dir, c.set.ImageDir)))
	}
	for _, d := range c.set.Duplicates {
		for i, f := range d.Files {
			others := slices.Delete(relatives(c.set.Dir, d.Files), i, i+1)
			out = append(out, c.problem(DuplicateStem, SeverityError, f, "has the stem of %s", strings.Join(others, " and ")))
		}
	}
	return out
}

// sameContent lists photos whose pixels an earlier photo has too.
func (c *checker) sameContent() []Problem {
	var out []Problem
	first := make(map[[sha256.Size]byte]string)
	for i, p := range c.set.Pairs {
		if !c.decoded[i] {
			continue
		}
		if earlier, ok := first[c.sums[i]]; ok {
			out = append(out, c.problem(SameContent, SeverityWarning, p.Image, "has the same pixels as %s", relative(c.set.Dir, earlier)))
		} else {
			first[c.sums[i]] = p.Image
		}
	}
	return out
}

// contentSum is a hash of a photo's size and pixels.
func contentSum(p *Photo) (sum [sha256.Size]byte) {
	h := sha256.New()
	var size [16]byte
	binary.LittleEndian.PutUint64(size[:8], uint64(p.W))
	binary.LittleEndian.PutUint64(size[8:], uint64(p.H))
	h.Write(size[:])
	h.Write(p.Pix)
	h.Sum(sum[:0])
	return sum
}
