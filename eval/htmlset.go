package eval

import (
	"fmt"
	"slices"

	"csnet/internal/page"
	"csnet/metrics"
)

// setSections are the parts of the page on set k: photos with the maps of all
// methods, and a line per image.
func (r *Report) setSections(k int) []page.Section {
	name := r.Methods[0].Sets[k].Name
	protocol, measure := rankOf(r.Protocol)
	var out []page.Section
	if len(r.Samples) > 0 {
		photos := page.Section{Title: name + ": photos", Lead: fmt.Sprintf("Best, median and worst by %s %s of the single image", protocol, measure)}
		if len(r.shown()) > 1 {
			photos.Lead += ", the mean over the methods; then those where the methods differ most. The best map of a row is marked"
		}
		photos.Lead += "."
		for _, group := range []string{"best", "median", "worst", "differ"} {
			if g := r.gallery(k, group); len(g.Rows) > 0 {
				photos.Parts = append(photos.Parts, g)
			}
		}
		out = append(out, photos)
	}
	return append(out, page.Section{Title: name + ": every image", Parts: []page.Part{r.imageTable(k)}})
}

// gallery lays the samples of a group out: photo, truth, a map per shown method with
// its scores.
func (r *Report) gallery(k int, group string) page.Gallery {
	title := map[string]string{"best": "Best", "median": "Median", "worst": "Worst", "differ": "Where the methods differ"}[group]
	g := page.Gallery{Title: title}
	photo := slices.ContainsFunc(r.Samples[k], func(s Sample) bool { return len(s.Photo.Data) > 0 })
	if photo {
		g.Columns = append(g.Columns, "photo")
	}
	g.Columns = append(g.Columns, "truth")
	for _, i := range r.shown() {
		g.Columns = append(g.Columns, r.Methods[i].Name)
	}
	for _, s := range r.Samples[k] {
		if s.Group != group {
			continue
		}
		row := page.GalleryRow{Name: s.Stem}
		if photo {
			row.Pictures = append(row.Pictures, s.Photo)
		}
		row.Pictures = append(row.Pictures, s.Truth)
		row.Pictures = append(row.Pictures, r.captioned(k, s)...)
		g.Rows = append(g.Rows, row)
	}
	return g
}

// captioned are a sample's maps with their scores below, the best marked, equal ones
// all.
func (r *Report) captioned(k int, s Sample) []page.Picture {
	protocol, measure := rankOf(r.Protocol)
	out := slices.Clone(s.Maps)
	values := make([]float64, len(out))
	for n, i := range r.shown() {
		im := r.Methods[i].Sets[k].score(s.Stem)
		if im == nil || im.Err != nil || n >= len(out) {
			continue
		}
		v, _ := im.Scores.Value(protocol, measure)
		e, _ := im.Scores.Value(protocol, "MAE")
		out[n].Note = fmt.Sprintf("%s %.3f, MAE %.3f", measure, v, e)
		values[n] = v
	}
	for n := range out {
		out[n].Best = len(out) > 1 && out[n].Note != "" && values[n] == slices.Max(values)
	}
	return out
}

// imageTable has a line per image of set k: of one method all measures, of several
// two of each.
func (r *Report) imageTable(k int) page.Table {
	t := page.Table{Tall: true, Caption: "Scores of every image of " + r.Methods[0].Sets[k].Name, Columns: []page.Column{{Name: "image"}}}
	columns := r.imageColumns()
	if len(columns) > 1 {
		t.Groups = []page.Group{{Span: 1}}
	}
	for _, c := range columns {
		if len(columns) > 1 {
			t.Groups = append(t.Groups, page.Group{Name: c.title, Span: len(c.measures)})
		}
		for _, m := range c.measures {
			t.Columns = append(t.Columns, page.Column{Name: m, Better: better(m)})
		}
	}
	for _, stem := range r.stems(k) {
		t.Rows = append(t.Rows, r.imageRowOf(k, stem, columns))
	}
	return t
}

// imageColumns are columns of one method and protocol.
type imageColumns struct {
	title    string
	method   int
	protocol metrics.Protocol
	measures []string
}

func (r *Report) imageColumns() []imageColumns {
	var out []imageColumns
	if len(r.Methods) == 1 {
		for _, p := range r.Protocol.Each() {
			out = append(out, imageColumns{string(p), 0, p, p.Measures()})
		}
		return out
	}
	p, measure := rankOf(r.Protocol)
	for i, m := range r.Methods {
		out = append(out, imageColumns{m.Name, i, p, []string{measure, "MAE"}})
	}
	return out
}

// stems are the names of all images of set k, scored or not.
func (r *Report) stems(k int) []string {
	seen := make(map[string]bool)
	for _, m := range r.Methods {
		for _, im := range m.Sets[k].PerImage {
			seen[im.Stem] = true
		}
		for _, stem := range m.Sets[k].Missing {
			seen[stem] = true
		}
	}
	out := make([]string, 0, len(seen))
	for stem := range seen {
		out = append(out, stem)
	}
	slices.Sort(out)
	return out
}

func (r *Report) imageRowOf(k int, stem string, columns []imageColumns) page.Row {
	row := page.Row{Name: stem}
	for _, c := range columns {
		s := &r.Methods[c.method].Sets[k]
		im := s.score(stem)
		scored := im != nil && im.Err == nil
		if !scored && len(r.Methods) == 1 {
			row.Problem = missingLine(r.Methods[0].Kind, stem)
			if im != nil {
				row.Problem = im.Err.Error()
			}
			return row
		}
		for _, measure := range c.measures {
			text := "-"
			if scored {
				v, _ := im.Scores.Value(c.protocol, measure)
				text = digits(v)
			}
			row.Values = append(row.Values, page.Value{Text: text})
		}
	}
	return row
}
