package data

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"csnet/internal/imagefile"
	"csnet/internal/parallel"
)

// InspectOptions says how the files of a set are to be read, and how closely they
// are looked at.
type InspectOptions struct {
	Mask     Coding                // how masks are read; Kind "" or auto: find out
	Exif     ExifRule              // "" or auto: find out
	Headers  bool                  // look at the headers of photos alone: neither broken ones nor copies are found
	Known    *Known                // what is known of files from earlier, which need not be decoded; it then knows the files of these pairs. nil: all are, and Pair.Files stays empty
	Progress func(done, total int) // told of every pair; nil: nobody
}

// Inspection is what reading the files of a set brought to light.
type Inspection struct {
	Pairs    []Pair    // those that can be read, each with how it is read
	Read     Reading   // how all of them are read
	Masks    Masks     // how the masks are read
	MaskErr  error     // why that could not be decided; the masks are then read by luma
	Exif     ExifCount // photos with an EXIF orientation
	Bits     int       // bits in use of 16-bit photos, 0 without any or when all are
	Problems []Problem // of single files; File is a path
	Bad      int       // pairs left out of Pairs: errors in Problems
}

// Sum is a hash of a photo's size and pixels.
type Sum [sha256.Size]byte

// Notes says in a line each how masks and photos are read where that is not
// plain.
func (in *Inspection) Notes() []string {
	var out []string
	if in.Masks.Why != "" {
		out = append(out, in.Masks.String())
	}
	if line := in.Exif.String(); line != "" {
		out = append(out, line)
	}
	if in.Bits != 0 {
		out = append(out, fmt.Sprintf("photos: no 16-bit photo has a sample above %d, so they are read as %d-bit ones", 1<<in.Bits-1, in.Bits))
	}
	return out
}

// finding is what one pair shows.
type finding struct {
	look     look
	mask     bool // was decoded
	photo    bool // was decoded, or its header read
	s        stored
	wide     int // largest 16-bit sample of the photo
	sum      Sum
	share    float64 // of foreground
	problems []Problem

	files    [2]Sum  // of the bytes of photo and mask, with InspectOptions.Known
	was      Coding  // how a known mask was read earlier, where that was not plain
	wasShare float64 // its share of foreground then
}

// inspector reads the pairs of one set.
type inspector struct {
	o       InspectOptions
	pairs   []Pair
	readers []reader
	rgb     [][]uint8
	alpha   [][]uint8
	hashes  []fileHash
	found   []finding
	room    *imagefile.Room
}

// Inspect reads every mask of the pairs, and every photo or its header, and
// settles from all of them how they are read: the coding of the masks, what
// becomes of EXIF orientations where masks fit both ways, how many bits 16-bit
// photos use. A pair without photo (Image "") counts with its mask. Files that
// cannot be read and sizes that differ are problems, not errors; the result does
// not depend on the number of threads. Errors: a cancelled ctx.
func Inspect(ctx context.Context, pairs []Pair, o InspectOptions) (*Inspection, error) {
	n := len(pairs)
	k := parallel.Workers(n)
	c := &inspector{o: o, pairs: pairs, readers: make([]reader, k), rgb: make([][]uint8, k), alpha: make([][]uint8, k), hashes: make([]fileHash, k), found: make([]finding, n), room: newRoom()}
	err := parallel.Each(ctx, k, n, o.Progress, func(worker, i int) error {
		c.pair(worker, i)
		return nil
	})
	if err != nil {
		return nil, err
	}
	in := &Inspection{}
	if err := c.masks(ctx, in); err != nil {
		return nil, err
	}
	c.exif(in)
	c.bits(in)
	c.remember(in.Masks.Coding)
	c.finish(in)
	return in, nil
}

// pair looks at one pair.
func (c *inspector) pair(worker, i int) {
	p, f := c.pairs[i], &c.found[i]
	photo, mask := c.recall(&c.hashes[worker], p, f)
	if !photo || !mask {
		defer c.hold(worker, p.Image, p.Mask)()
	}
	if p.Image != "" && (photo || c.photo(&c.readers[worker], p, f)) {
		f.photo = true
		if a := DefaultConfig().Augment; !c.o.Headers && a.clipped(f.s.w, f.s.h) {
			f.add(Small, SeverityWarning, p.Image, "is %dx%d, sides below %d get a smaller random crop in training", f.s.w, f.s.h, 2*(2*a.Crop-1))
		}
	}
	if !mask && !c.mask(worker, p, f) {
		return
	}
	f.mask = true
	f.look.path = p.Mask
	if f.photo {
		if _, err := f.s.fit(p.Mask, f.look.w, f.look.h, ""); err != nil {
			f.add(SizeDiffers, SeverityError, p.Mask, "%s", bare(err, p.Mask))
		}
	}
}

// mask decodes and observes a mask.
func (c *inspector) mask(worker int, p Pair, f *finding) bool {
	r := &c.readers[worker]
	s, err := r.decode(p.Mask)
	if err != nil {
		f.add(Undecodable, SeverityError, p.Mask, "%s", bare(err, p.Mask))
		return false
	}
	f.files[1] = c.fileSum(r)
	f.look, c.rgb[worker], c.alpha[worker] = lookAt(s, 0, c.rgb[worker], c.alpha[worker])
	f.look.jpeg = s.kind == imagefile.JPEG
	if imagefile.Sideways(s.orientation) {
		f.look.w, f.look.h = s.h, s.w
	}
	return true
}

// hold waits until files fit into the room; it frees what the worker kept of large
// ones.
func (c *inspector) hold(worker int, paths ...string) (give func()) {
	free, large := Hold(c.room, 4, paths...)
	return func() {
		if large {
			c.readers[worker], c.rgb[worker], c.alpha[worker] = reader{}, nil, nil
		}
		free()
	}
}

// photo decodes a photo, or reads its header.
func (c *inspector) photo(r *reader, p Pair, f *finding) bool {
	var err error
	if c.o.Headers {
		f.s, f.wide, err = header(p.Image, &r.file)
	} else if f.s, err = r.decode(p.Image); err == nil {
		f.files[0] = c.fileSum(r)
		f.wide = widest(f.s.img)
		r.setPhoto(f.s, f.s.orientation, 0)
		f.sum = contentSum(&r.photo)
	}
	f.s.img = nil
	if err != nil {
		f.add(Undecodable, SeverityError, p.Image, "%s", bare(err, p.Image))
		return false
	}
	return true
}

func (f *finding) add(kind, severity, path, format string, args ...any) {
	f.problems = append(f.problems, Problem{kind, path, fmt.Sprintf(format, args...), severity})
}

// exif settles what becomes of orientations where masks fit both ways.
func (c *inspector) exif(in *Inspection) {
	e := &in.Exif
	for i := range c.found {
		f := &c.found[i]
		if !f.photo || !f.mask || f.s.orientation == imagefile.Upright {
			continue
		}
		e.Oriented++
		only, err := f.s.fit("", f.look.w, f.look.h, ExifTurn)
		stored, err2 := f.s.fit("", f.look.w, f.look.h, ExifIgnore)
		switch {
		case err != nil || err2 != nil: // sizes differ
		case stored && !only:
			e.Either++
		case only:
			e.Stored++
			f.add(ExifUnturned, SeverityWarning, c.pairs[i].Image, "mask was drawn on the photo as stored, unturned (EXIF orientation %d), for only %dx%d is its size; it is turned with the photo",
				f.s.orientation, f.s.w, f.s.h)
		default:
			e.Turned++
		}
	}
	e.Rule, e.Given = c.o.Exif, true
	if e.Rule == "" || e.Rule == ExifAuto {
		e.Rule, e.Given = ExifTurn, false
		if e.Stored > 0 && e.Turned == 0 {
			e.Rule = ExifIgnore
		}
	}
}

// bits finds out how many bits the 16-bit photos use.
func (c *inspector) bits(in *Inspection) {
	wide := 0
	for i := range c.found {
		wide = max(wide, c.found[i].wide)
	}
	in.Bits = int(bitsFor(wide))
}

// finish lists problems and readable pairs.
func (c *inspector) finish(in *Inspection) {
	in.Read = Reading{Mask: in.Masks.Coding, Exif: in.Exif.Rule, Bits: uint8(in.Bits)}
	for i, p := range c.pairs {
		f := &c.found[i]
		in.Problems = append(in.Problems, f.problems...)
		if slices.ContainsFunc(f.problems, func(p Problem) bool { return p.Severity == SeverityError }) {
			in.Bad++
			continue
		}
		p.Read, p.Sum, p.Side, p.Files = in.Read, f.sum, max(f.s.w, f.s.h), f.files
		in.Pairs = append(in.Pairs, p)
	}
}

// ExifCount counts photos with an EXIF orientation other than 1, by how their
// masks fit.
type ExifCount struct {
	Oriented int
	Turned   int      // fit only as turned
	Stored   int      // fit only as stored
	Either   int      // fit both ways; read by Rule
	Rule     ExifRule // turn or ignore
	Given    bool     // Rule was asked for
}

// String says what was done where masks fit both ways; "" where none does.
func (e ExifCount) String() string {
	if e.Either == 0 {
		return ""
	}
	what, other, why := "as seen, turned", "ignore: as stored", ""
	if e.Rule == ExifIgnore {
		what, other = "as stored", "turn: as seen"
		if !e.Given {
			why = fmt.Sprintf(", for %d others of the set fit only so", e.Stored)
		}
	}
	return fmt.Sprintf("photos: %d have an EXIF orientation and a mask that fits both ways; masks are taken to be drawn on photos %s%s (--exif, data.exif %s)", e.Either, what, why, other)
}

// bitsFor gives 8, 10, 12 or 14 where the largest 16-bit sample needs no more, 0
// where it needs all, or there is none.
func bitsFor(wide int) uint8 {
	for _, b := range []uint8{8, 10, 12, 14} {
		if wide > 0 && wide < 1<<b {
			return b
		}
	}
	return 0
}
