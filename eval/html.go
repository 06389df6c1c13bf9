package eval

import (
	"fmt"
	"strings"

	"csnet/internal/page"
	"csnet/metrics"
)

// Made is what a report says of its making. All of it comes from outside: with
// equal Made, and without a clock in Options, equal scores give equal bytes.
type Made struct {
	Date    string // and time, as people read it
	Command string // to make the report again
	Version string // of csnet
	Machine string
}

// HTML is the report as one file that needs no other: tables, curves, photos with
// the maps of all methods side by side, a line per image.
func (r *Report) HTML(made Made) ([]byte, error) { return r.page(made, r.figures()).HTML() }

func (r *Report) page(made Made, figures []figure) page.Page {
	p := page.Page{Title: "Saliency scores: " + strings.Join(r.setNames(), ", "), Intro: r.intro(), Facts: made.facts(), Search: "image by name"}
	if len(r.Samples) == 0 {
		p.Search = ""
	}
	p.Sections = append(p.Sections, page.Section{Title: "Scores", Lead: r.scoresLead(), Parts: r.scoreTables()})
	if notes := r.Notes(); len(notes) > 0 {
		p.Sections = append(p.Sections, page.Section{Title: "To know", Parts: []page.Part{page.Notes(notes)}})
	}
	p.Sections = append(p.Sections, page.Section{Title: "Methods", Parts: []page.Part{r.methodTable()}})
	p.Sections = append(p.Sections, page.Section{Title: "Curves", Lead: "The files in curves/ show the same, as SVG for papers and as PNG.", Parts: r.curveParts(figures)})
	for k := range r.Methods[0].Sets {
		p.Sections = append(p.Sections, r.setSections(k)...)
	}
	if digests := r.digests(); len(digests) > 0 {
		p.Sections = append(p.Sections, page.Section{Title: "Made on these bytes", Lead: "SHA-256 of each checkpoint's file, and of the list of all photos and masks with the SHA-256 of each.", Parts: []page.Part{digests}})
	}
	return p
}

func (r *Report) setNames() []string {
	var out []string
	for _, s := range r.Methods[0].Sets {
		out = append(out, s.Name)
	}
	return out
}

func (m Made) facts() page.Facts {
	var out page.Facts
	all := page.Facts{{"Made", m.Date}, {"csnet", m.Version}, {"Machine", m.Machine}, {"Command", m.Command}}
	for _, f := range all {
		if f[1] != "" {
			out = append(out, f)
		}
	}
	return out
}

// intro says under which rules the scores were computed.
func (r *Report) intro() string {
	var rules []string
	for _, p := range r.Protocol.Each() {
		switch p {
		case metrics.SalMetric:
			rules = append(rules, "salmetric is the protocol of the CSNet paper: maps as they are stored, precision and recall averaged over images, then F.")
		case metrics.PySOD:
			rules = append(rules, "pysod is that of PySODMetrics: each map stretched to 0..1, every measure averaged over images.")
		}
	}
	if len(rules) > 1 {
		rules = append(rules, "Numbers of different protocols do not compare.")
	}
	return strings.Join(rules, " ")
}

func (r *Report) scoresLead() string {
	if len(r.Methods) < 2 {
		return ""
	}
	return "The best of each set is marked. A press on a heading sorts."
}

// scoreTables are the tables of all protocols; one that has a row per set and method
// becomes one of each set.
func (r *Report) scoreTables() []page.Part {
	var out []page.Part
	for _, t := range r.tables() {
		if len(t.header) < 2 || t.header[1] != "method" {
			out = append(out, t.pagePart(t.title, 0, t.rows))
			continue
		}
		for from := 0; from < len(t.rows); {
			to := from
			for to < len(t.rows) && t.rows[to][0].text == t.rows[from][0].text {
				to++
			}
			out = append(out, t.pagePart(t.title+", "+t.rows[from][0].text, 1, t.rows[from:to]))
			from = to
		}
	}
	return out
}

// pagePart shows rows without their first skip columns; the next one names them.
func (t *scoreTable) pagePart(caption string, skip int, rows [][]cell) page.Table {
	v := page.Table{Caption: caption}
	if len(t.groups) > 1 {
		for _, g := range t.groups {
			v.Groups = append(v.Groups, page.Group{Name: g.name, Span: g.span})
		}
	}
	for i, h := range t.header[skip:] {
		c := page.Column{Name: h}
		if i > 0 {
			c.Better = better(h)
		}
		v.Columns = append(v.Columns, c)
	}
	for _, cells := range rows {
		row := page.Row{Name: cells[skip].text}
		for _, c := range cells[skip+1:] {
			row.Values = append(row.Values, page.Value{Text: c.text, Best: c.best})
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// better says which values of a column are good; the number of images is neither.
func better(measure string) page.Direction {
	switch {
	case measure == "images":
		return page.Neither
	case metrics.SmallerIsBetter(measure):
		return page.Lower
	}
	return page.Higher
}

// methodTable says what each method is and costs.
func (r *Report) methodTable() page.Table {
	t := page.Table{Columns: []page.Column{{Name: "method"}, {Name: "maps from", Text: true}, {Name: "input, pixels"}, {Name: "parameters"}, {Name: "million multiply-adds"}, {Name: "ms an image, one thread"}}}
	dash := func(ok bool, text string) page.Value {
		if !ok {
			text = "-"
		}
		return page.Value{Text: text}
	}
	for _, m := range r.Methods {
		t.Rows = append(t.Rows, page.Row{Name: m.Name, Values: []page.Value{
			{Text: m.Kind},
			dash(m.Size > 0, fmt.Sprintf("%dx%d", m.Size, m.Size)),
			dash(m.Params > 0, page.Thousands(m.Params)),
			dash(m.MACs > 0, fmt.Sprintf("%.0f", float64(m.MACs)/1e6)),
			dash(m.Timed > 0 && m.Seconds > 0, fmt.Sprintf("%.1f", 1000*m.Seconds/float64(max(m.Timed, 1)))),
		}})
	}
	return t
}

// curveParts are the charts of each set in turn.
func (r *Report) curveParts(figures []figure) []page.Part {
	var out []page.Part
	per := len(figures) / len(r.Methods[0].Sets)
	for ; len(figures) > 0; figures = figures[per:] {
		var charts page.Charts
		for _, f := range figures[:per] {
			charts = append(charts, f.chart)
		}
		out = append(out, charts)
	}
	return out
}

// digests name the bytes that the scores were made on.
func (r *Report) digests() page.Facts {
	var out page.Facts
	for _, m := range r.Methods {
		if m.Checkpoint != "" {
			out = append(out, [2]string{"checkpoint " + m.Name, m.Checkpoint})
		}
	}
	for _, s := range r.Methods[0].Sets {
		if s.Data != "" {
			out = append(out, [2]string{"data " + s.Name, s.Data})
		}
	}
	return out
}
