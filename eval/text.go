package eval

import (
	"strings"

	"csnet/internal/table"
)

// Table is the scores for a terminal of width columns (0: no limit), one block per
// protocol.
func (r *Report) Table(width int) string {
	var b strings.Builder
	for i, t := range r.tables() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(t.title + "\n")
		_ = t.plain().Write(&b, width) // a Builder takes all
	}
	for k := range r.Methods[0].Sets {
		for _, line := range r.emptyMasks(k) {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// plain is the table without marks for the best.
func (t *scoreTable) plain() table.Table {
	out := table.Table{Header: t.header}
	if len(t.groups) > 1 {
		for _, g := range t.groups {
			out.Groups = append(out.Groups, table.Group{Name: g.name, Span: g.span})
		}
	}
	for i, row := range t.rows {
		var texts []string
		for k, c := range row {
			texts = append(texts, c.text)
			if i == 0 && !c.numeric && k == out.Left {
				out.Left++
			}
		}
		out.Rows = append(out.Rows, texts)
	}
	return out
}
