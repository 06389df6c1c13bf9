package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"csnet/internal/forms"
	"csnet/internal/imagefile"
	"csnet/internal/predict"
)

// likeForm is the end of an error about the first of names that is no form.
func likeForm(names []string) string {
	for _, n := range names {
		if !slices.Contains(predict.Forms(), n) {
			return didYouMean(n, "", predict.Forms())
		}
	}
	return ""
}

// style reads the flags that say how results look.
func (o predictOptions) style() (s predict.Style, err error) {
	if s.Forms, err = predict.ParseForms(o.As); err != nil {
		return s, fmt.Errorf("--as: %w%s", err, likeForm(o.As))
	}
	if s.Format, err = o.format(s.Forms); err != nil {
		return s, err
	}
	switch {
	case o.Bits != 8 && o.Bits != 16:
		return s, fmt.Errorf("--bits is %d, must be 8 or 16", o.Bits)
	case o.SaveSize < 0:
		return s, fmt.Errorf("--save-size is %d, must be at least 0", o.SaveSize)
	case !(o.Margin >= 0 && o.Margin <= 10):
		return s, fmt.Errorf("--margin is %g, must be 0 to 10", o.Margin)
	}
	s.Bits, s.SaveSize, s.Margin, s.Facts = o.Bits, o.SaveSize, o.Margin, o.JSON
	if s.Threshold, err = threshold(o.Threshold); err != nil {
		return s, err
	}
	if o.refineGiven {
		s.Refine = predict.RefineNone
		if o.Refine {
			s.Refine = predict.RefineAll
		}
	}
	if o.Background != "" {
		if err := background(&s, o.Background); err != nil {
			return s, fmt.Errorf("--background: %w", err)
		}
	}
	if s.Format == predict.JPEG && o.Background == "" {
		for _, f := range s.Forms {
			if f == predict.CutOut {
				return s, fmt.Errorf("a JPEG has no transparent ground: give cut-outs a --background, or another --format")
			}
		}
	}
	return s, nil
}

// format is --format, else what the ending of --out says.
func (o predictOptions) format(forms []predict.Form) (predict.Format, error) {
	named := predict.Format("")
	if isPictureName(o.Out) {
		named, _ = predict.ParseFormat(filepath.Ext(o.Out))
	}
	grey := forms[0] == predict.Map || forms[0] == predict.Mask
	if named != "" && named != predict.PNG && grey {
		return "", fmt.Errorf("--out %s: maps and masks are written as PNG", o.Out)
	}
	if o.Format == "" {
		if named == "" {
			named = predict.PNG
		}
		return named, nil
	}
	f, err := predict.ParseFormat(o.Format)
	if err != nil {
		return "", fmt.Errorf("--format: %w%s", err, didYouMean(o.Format, "", formatWords()))
	}
	if named != "" && named != f {
		return "", fmt.Errorf("--out %s does not end as --format %s does", o.Out, o.Format)
	}
	return f, nil
}

func threshold(s string) (int, error) {
	if strings.EqualFold(s, "otsu") {
		return predict.Otsu, nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("--threshold is %q, must be 0 to 1 or otsu", s)
	}
	return int(v * 255), nil
}

// background reads a colour, else a picture file.
func background(s *predict.Style, arg string) error {
	c, err := forms.ParseColour(arg)
	if err == nil {
		s.OnColour = &c
		return nil
	}
	raw, readErr := os.ReadFile(arg)
	if readErr != nil {
		if strings.HasPrefix(arg, "#") || !strings.ContainsAny(arg, "./\\") {
			return err
		}
		return readErr
	}
	f, err := imagefile.Open(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", arg, err)
	}
	img, err := f.Decode()
	if err != nil {
		return fmt.Errorf("%s: %w", arg, err)
	}
	s.OnImage = imagefile.UprightImage(img, f.Orientation)
	return nil
}

// isTerminal reports whether results go to a terminal.
func isTerminal(w io.Writer) bool {
	_, ok := columns(w)
	return ok
}
