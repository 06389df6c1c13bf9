package chart

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image/png"
	"strings"
)

// theme says how a print names its inks: as attributes with colours, or as classes.
type theme func(shape) string

// paper are fixed colours on white. Curves have those of Okabe and Ito, which the
// colour-blind tell apart too; yellow is left out, for it is lost on white.
func paper(s shape) string {
	c := paperColour(s.ink)
	hex := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
	if s.text != "" {
		weight := ""
		if s.bold {
			weight = ` font-weight="bold"`
		}
		return ` fill="` + hex + `"` + weight
	}
	return ` stroke="` + hex + `"`
}

// classes leaves the colours to the page: text, text soft, text strong, grid, axis,
// curve sN and, for thin ones, faint.
func classes(s shape) string {
	switch {
	case s.text != "" && s.bold:
		return ` class="strong"`
	case s.ink.role == inkText:
		return ` class="ink"`
	case s.ink.role == inkGrid:
		return ` class="grid"`
	case s.ink.role == inkAxis:
		return ` class="axis"`
	case s.ink.role == inkCurve && s.ink.faint:
		return fmt.Sprintf(` class="curve s%d faint"`, s.ink.colour)
	case s.ink.role == inkCurve:
		return fmt.Sprintf(` class="curve s%d"`, s.ink.colour)
	}
	return ""
}

// print writes the shapes as SVG elements.
func (d *drawing) print(b *strings.Builder, t theme) error {
	for _, s := range d.shapes {
		var err error
		switch {
		case s.img != nil:
			err = s.printPicture(b)
		case s.text != "":
			s.printText(b, t)
		default:
			s.printLine(b, t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s shape) printLine(b *strings.Builder, t theme) {
	b.WriteString(`<polyline fill="none"` + t(s) + ` stroke-width="` + number(s.width) + `"`)
	if len(s.dash) > 0 {
		b.WriteString(` stroke-dasharray="`)
		for i, v := range s.dash {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(number(v))
		}
		b.WriteByte('"')
	}
	if s.round {
		b.WriteString(` stroke-linejoin="round" stroke-linecap="` + s.cap() + `"`)
	}
	b.WriteString(` points="`)
	for i, p := range s.points {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(number(p.x) + "," + number(p.y))
	}
	b.WriteByte('"')
	if s.title == "" {
		b.WriteString("/>\n")
		return
	}
	b.WriteString("><title>" + escape(s.title) + "</title></polyline>\n")
}

// cap is butt for broken lines, whose gaps round ends would fill.
func (s shape) cap() string {
	if len(s.dash) > 0 {
		return "butt"
	}
	return "round"
}

func (s shape) printText(b *strings.Builder, t theme) {
	x, y := number(s.at.x), number(s.at.y)
	if s.turned {
		fmt.Fprintf(b, `<text transform="translate(%s %s) rotate(-90)"`, x, y)
	} else {
		fmt.Fprintf(b, `<text x="%s" y="%s"`, x, y)
	}
	switch s.anchor {
	case middle:
		b.WriteString(` text-anchor="middle"`)
	case end:
		b.WriteString(` text-anchor="end"`)
	}
	b.WriteString(t(s) + ">" + escape(s.text) + "</text>\n")
}

func (s shape) printPicture(b *strings.Builder) error {
	var buf bytes.Buffer
	if err := png.Encode(&buf, s.img); err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	fmt.Fprintf(b, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>`+"\n",
		number(s.box[0].x), number(s.box[0].y), number(s.box[1].x-s.box[0].x), number(s.box[1].y-s.box[0].y), base64.StdEncoding.EncodeToString(buf.Bytes()))
	return nil
}

// svg is the drawing as a file of its own, on white.
func (d *drawing) svg() ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" role="img" font-family="'Liberation Sans', Arial, Helvetica, sans-serif" font-size="%[3]d">`+"\n", number(d.w), number(d.h), fontSize)
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(d.words))
	fmt.Fprintf(&b, `<rect width="%s" height="%s" fill="#ffffff"/>`+"\n", number(d.w), number(d.h))
	if err := d.print(&b, paper); err != nil {
		return nil, err
	}
	b.WriteString("</svg>\n")
	return []byte(b.String()), nil
}

func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a bytes.Buffer takes every write
	return b.String()
}
