package eval

import (
	"strings"

	"csnet/internal/table"
)

// Markdown is the scores as pipe tables, the best of several methods in bold.
func (r *Report) Markdown() string {
	var b strings.Builder
	for _, t := range r.tables() {
		b.WriteString("### " + t.title + "\n\n")
		header := make([]string, len(t.header))
		rule := make([]string, len(t.header))
		col := 0
		for _, g := range t.groups {
			for range g.span {
				header[col] = strings.TrimSpace(table.MarkdownText(g.name) + " " + t.header[col])
				rule[col] = "---"
				if len(t.rows) > 0 && t.rows[0][col].numeric {
					rule[col] = "---:"
				}
				col++
			}
		}
		markdownRow(&b, header)
		markdownRow(&b, rule)
		for _, row := range t.rows {
			line := make([]string, len(row))
			for i, c := range row {
				line[i] = table.MarkdownText(c.text)
				if c.best {
					line[i] = "**" + line[i] + "**"
				}
			}
			markdownRow(&b, line)
		}
		b.WriteByte('\n')
	}
	r.markdownNotes(&b)
	return b.String()
}

func markdownRow(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// markdownNotes tells on which bytes the scores were made and what is missing.
func (r *Report) markdownNotes(b *strings.Builder) {
	for _, m := range r.Methods {
		if m.Checkpoint != "" {
			b.WriteString("- checkpoint " + table.MarkdownText(m.Name) + ": SHA-256 `" + m.Checkpoint + "`\n")
		}
	}
	for _, s := range r.Methods[0].Sets {
		if s.Data != "" {
			b.WriteString("- data " + table.MarkdownText(s.Name) + ": manifest `" + s.Data + "`\n")
		}
	}
	for _, n := range r.Notes() {
		b.WriteString("- " + table.MarkdownText(n) + "\n")
	}
}
