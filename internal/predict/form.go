// Package predict turns photo files into maps, masks, cut-outs and what else is made
// of them: which files, from one to the next, and where their results go. It writes
// files whole or not at all and prints nothing.
package predict

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csnet/internal/output"
)

// Form is what is made of a photo.
type Form string

// The forms.
const (
	Map     Form = "map"     // the saliency map, grey
	Mask    Form = "mask"    // black and white
	CutOut  Form = "cutout"  // the photo with the map as its alpha, or on a background
	Overlay Form = "overlay" // the photo with the map laid over it
	Crop    Form = "crop"    // the photo around its object
)

// Forms lists the names of all forms.
func Forms() []string {
	return []string{string(Map), string(Mask), string(CutOut), string(Overlay), string(Crop)}
}

// ParseForms reads names of forms, each once. Errors: none, an unknown one.
func ParseForms(names []string) ([]Form, error) {
	var out []Form
	for _, n := range names {
		if !slices.Contains(Forms(), n) {
			return nil, fmt.Errorf("%q is no form; there are %s", n, strings.Join(Forms(), ", "))
		}
		if !slices.Contains(out, Form(n)) {
			out = append(out, Form(n))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no form is given; there are %s", strings.Join(Forms(), ", "))
	}
	return out, nil
}

// picture says whether a form shows the photo's colours.
func (f Form) picture() bool { return f != Map && f != Mask }

// what names a form in the mark that files of csnet's carry.
func (f Form) what() string {
	switch f {
	case Map:
		return "saliency map"
	case CutOut:
		return "cut-out"
	}
	return string(f)
}

// Format is a kind of file that is written.
type Format string

// The formats. Maps and masks are always PNG.
const (
	PNG  Format = "png"
	WebP Format = "webp" // lossless
	JPEG Format = "jpg"  // no alpha
)

// ParseFormat reads a format's name or a file's ending.
func ParseFormat(name string) (Format, error) {
	switch strings.ToLower(strings.TrimPrefix(name, ".")) {
	case "png":
		return PNG, nil
	case "webp":
		return WebP, nil
	case "jpg", "jpeg":
		return JPEG, nil
	}
	return "", fmt.Errorf("%q is no format that is written; there are png, webp, jpg", name)
}

// Kind is the kind of file that a form is, for deciding what may be replaced.
func (f Form) Kind(path string) output.Kind {
	format, err := ParseFormat(filepath.Ext(path))
	if err != nil || format == PNG {
		return output.PNG(f.what())
	}
	mark := marked(format, f)
	return output.Kind{Name: "a " + f.what(), Is: func(path string) bool { return holds(path, mark) }}
}

// marked is what a WebP or JPEG of csnet's carries: a chunk that readers pass over, a
// comment.
func marked(format Format, f Form) []byte {
	if format == WebP {
		return []byte("CSNT" + string([]byte{byte(len(f.what())), 0, 0, 0}) + f.what())
	}
	return []byte("csnet: " + f.what())
}

// holds looks for one of some marks near a file's beginning or at its end.
func holds(path string, marks ...[]byte) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false
	}
	const near = 4096
	part := make([]byte, near)
	for _, at := range []int64{0, max(0, info.Size()-64)} {
		n, err := f.ReadAt(part, at)
		if err != nil && err != io.EOF {
			return false
		}
		if slices.ContainsFunc(marks, func(mark []byte) bool { return bytes.Contains(part[:n], mark) }) {
			return true
		}
	}
	return false
}

// Ours says whether csnet wrote a file as any form.
func Ours(path string) bool {
	format, err := ParseFormat(filepath.Ext(path))
	if err != nil || format == PNG {
		return slices.ContainsFunc(Forms(), func(f string) bool { return Form(f).Kind(path).Is(path) })
	}
	var marks [][]byte
	for _, f := range Forms() {
		marks = append(marks, marked(format, Form(f)))
	}
	return holds(path, marks...)
}
