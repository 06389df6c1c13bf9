package eval

import (
	"strconv"

	"csnet/internal/table"
	"csnet/metrics"
)

// CSV is the scores in full precision, a line per method, set and measure.
func (r *Report) CSV() []byte {
	rows := [][]string{{"method", "set", "protocol", "images", "measure", "value"}}
	for _, m := range r.Methods {
		for _, s := range m.Sets {
			for _, p := range r.Protocol.Each() {
				for _, measure := range p.Measures() {
					v, _ := s.Result.Value(p, measure)
					rows = append(rows, []string{m.Name, s.Name, string(p), strconv.Itoa(s.Result.Images), measure, full(v)})
				}
			}
		}
	}
	return table.CSV(rows)
}

// PerImageCSV has a line per method, set and image; the last column says why an
// image has no scores. Names that a spreadsheet would compute begin with a quotation
// mark ('), and a byte order mark stands before text that is not ASCII: without it
// Excel garbles umlauts. Files without such names hold neither.
func (r *Report) PerImageCSV() []byte {
	head := []string{"method", "set", "image"}
	for _, p := range r.Protocol.Each() {
		for _, measure := range p.Measures() {
			head = append(head, string(p)+"_"+measure)
		}
	}
	rows := [][]string{append(head, "problem")}
	for _, m := range r.Methods {
		for _, s := range m.Sets {
			for _, im := range s.PerImage {
				rows = append(rows, r.imageRow(m.Name, s.Name, im))
			}
			for _, stem := range s.Missing {
				im := ImageScore{Stem: stem}
				row := r.imageRow(m.Name, s.Name, im)
				row[len(row)-1] = missingLine(m.Kind, stem)
				rows = append(rows, row)
			}
		}
	}
	return table.CSV(rows)
}

func (r *Report) imageRow(method, set string, im ImageScore) []string {
	row := []string{method, set, im.Stem}
	for _, p := range r.Protocol.Each() {
		for _, measure := range p.Measures() {
			row = append(row, imageValue(im, p, measure))
		}
	}
	problem := ""
	if im.Err != nil {
		problem = im.Err.Error()
	}
	return append(row, problem)
}

// imageValue is "" for an image that was not scored.
func imageValue(im ImageScore, p metrics.Protocol, measure string) string {
	v, ok := im.Scores.Value(p, measure)
	if !ok || im.Err != nil {
		return ""
	}
	return full(v)
}

// CurvesCSV has a line per method, set, protocol and threshold.
func (r *Report) CurvesCSV() []byte {
	rows := [][]string{{"method", "set", "protocol", "threshold", "precision", "recall", "F", "E"}}
	for _, m := range r.Methods {
		for _, s := range m.Sets {
			for _, p := range r.Protocol.Each() {
				c := s.Result.Curves(p)
				for t := range metrics.Thresholds {
					e := ""
					if p == metrics.PySOD {
						e = full(c.E[t])
					}
					rows = append(rows, []string{m.Name, s.Name, string(p), strconv.Itoa(t),
						full(c.Precision[t]), full(c.Recall[t]), full(c.F[t]), e})
				}
			}
		}
	}
	return table.CSV(rows)
}

func full(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
