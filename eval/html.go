package eval

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"

	"csnet/metrics"
)

//go:embed report.html.tmpl
var page string

// HTML is the report as one file that needs no other: tables, curves, sample
// pictures, a line per image, searchable by name.
func (r *Report) HTML() ([]byte, error) {
	figures, err := r.figures()
	if err != nil {
		return nil, err
	}
	return r.html(figures)
}

func (r *Report) html(figures []figure) ([]byte, error) {
	t, err := template.New("report").Parse(page)
	if err != nil {
		return nil, fmt.Errorf("eval: report template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r.view(figures)); err != nil {
		return nil, fmt.Errorf("eval: report: %w", err)
	}
	return b.Bytes(), nil
}

// The view types are what the template reads.
type view struct {
	Protocols string
	Ranked    string // measure that orders the samples
	Tables    []viewTable
	Figures   []viewFigure
	Sections  []viewSection
	Digests   [][2]string
	Notes     []string
}

type viewTable struct {
	Title  string
	Groups []viewGroup
	Header []string
	Rows   [][]viewCell
}

type viewGroup struct {
	Name string
	Span int
}

type viewCell struct {
	Text          string
	Numeric, Best bool
}

type viewFigure struct {
	Alt string
	URI template.URL
}

// viewSection is one method on one set.
type viewSection struct {
	Title   string
	Groups  []viewSamples
	Columns []string
	Images  []viewImage
}

type viewSamples struct {
	Name    string
	Samples []viewSample
}

type viewSample struct {
	Stem, Caption     string
	Photo, Truth, Map template.URL
}

type viewImage struct {
	Stem    string
	Values  []string
	Problem string
}

func (r *Report) view(figures []figure) view {
	v := view{Notes: r.Notes()}
	for i, p := range r.Protocol.Each() {
		if i > 0 {
			v.Protocols += " and "
		}
		v.Protocols += string(p)
	}
	protocol, measure := rankOf(r.Protocol)
	v.Ranked = string(protocol) + " " + measure
	for _, t := range r.tables() {
		v.Tables = append(v.Tables, t.view())
	}
	for _, f := range figures {
		v.Figures = append(v.Figures, viewFigure{f.alt, dataURI("image/svg+xml", f.svg)})
	}
	for _, m := range r.Methods {
		if m.Checkpoint != "" {
			v.Digests = append(v.Digests, [2]string{"checkpoint " + m.Name + ", SHA-256", m.Checkpoint})
		}
		for i := range m.Sets {
			v.Sections = append(v.Sections, r.section(&m, &m.Sets[i]))
		}
	}
	for _, s := range r.Methods[0].Sets {
		if s.Data != "" {
			v.Digests = append(v.Digests, [2]string{"data " + s.Name + ", manifest", s.Data})
		}
	}
	return v
}

func (t *scoreTable) view() viewTable {
	v := viewTable{Title: t.title, Header: t.header}
	if len(t.groups) > 1 {
		for _, g := range t.groups {
			v.Groups = append(v.Groups, viewGroup{g.name, g.span})
		}
	}
	for _, row := range t.rows {
		var cells []viewCell
		for _, c := range row {
			cells = append(cells, viewCell{c.text, c.numeric, c.best})
		}
		v.Rows = append(v.Rows, cells)
	}
	return v
}

func (r *Report) section(m *MethodReport, s *SetReport) viewSection {
	v := viewSection{Title: m.Name + " on " + s.Name}
	for _, p := range r.Protocol.Each() {
		for _, measure := range p.Measures() {
			v.Columns = append(v.Columns, string(p)+" "+measure)
		}
	}
	for _, name := range []string{"best", "median", "worst"} {
		g := viewSamples{Name: name}
		for _, x := range s.Samples {
			if x.Group == name {
				g.Samples = append(g.Samples, x.view(r.Protocol))
			}
		}
		if len(g.Samples) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	for _, im := range s.PerImage {
		row := viewImage{Stem: im.Stem}
		if im.Err != nil {
			row.Problem = im.Err.Error()
		} else {
			row.Values = imageDigits(im.Scores, r.Protocol)
		}
		v.Images = append(v.Images, row)
	}
	for _, stem := range s.Missing {
		v.Images = append(v.Images, viewImage{Stem: stem, Problem: missingLine(m.Kind, stem)})
	}
	return v
}

func imageDigits(s metrics.Scores, protocol metrics.Protocol) []string {
	var out []string
	for _, p := range protocol.Each() {
		for _, measure := range p.Measures() {
			x, _ := s.Value(p, measure)
			out = append(out, digits(x))
		}
	}
	return out
}

func (s *Sample) view(p metrics.Protocol) viewSample {
	v := viewSample{Stem: s.Stem, Truth: dataURI("image/png", s.Truth), Map: dataURI("image/png", s.Map)}
	if s.Photo != nil {
		v.Photo = dataURI("image/jpeg", s.Photo)
	}
	protocol, measure := rankOf(p)
	a, _ := s.Scores.Value(protocol, measure)
	b, _ := s.Scores.Value(protocol, "MAE")
	v.Caption = fmt.Sprintf("%s %s, MAE %s", measure, digits(a), digits(b))
	return v
}

// dataURI embeds bytes made by this package, so it needs no escaping.
func dataURI(kind string, content []byte) template.URL {
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content))
}
