package eval

import (
	"strings"
	"unicode/utf8"
)

// Table is the scores for a terminal, one block per protocol.
func (r *Report) Table() string {
	var b strings.Builder
	for i, t := range r.tables() {
		if i > 0 {
			b.WriteByte('\n')
		}
		t.text(&b)
	}
	for k := range r.Methods[0].Sets {
		for _, line := range r.emptyMasks(k) {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func (t *table) text(b *strings.Builder) {
	width := make([]int, len(t.header))
	for i, h := range t.header {
		width[i] = len(h)
	}
	for _, row := range t.rows {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c.text))
		}
	}
	b.WriteString(t.title + "\n")
	if len(t.groups) > 1 {
		t.groupLine(b, width)
	}
	line := make([]string, len(t.header))
	for i, h := range t.header {
		line[i] = pad(h, width[i], len(t.rows) > 0 && t.rows[0][i].numeric)
	}
	b.WriteString(strings.TrimRight(strings.Join(line, "  "), " ") + "\n")
	for _, row := range t.rows {
		for i, c := range row {
			line[i] = pad(c.text, width[i], c.numeric)
		}
		b.WriteString(strings.TrimRight(strings.Join(line, "  "), " ") + "\n")
	}
}

// groupLine writes the headings over their columns, widening the last column
// of a group that is narrower than its heading.
func (t *table) groupLine(b *strings.Builder, width []int) {
	col := 0
	line := make([]string, len(t.groups))
	for i, g := range t.groups {
		total := 2 * (g.span - 1)
		for k := range g.span {
			total += width[col+k]
		}
		if more := utf8.RuneCountInString(g.name) - total; more > 0 {
			width[col+g.span-1] += more
			total += more
		}
		line[i] = pad(g.name, total, i > 0)
		col += g.span
	}
	b.WriteString(strings.TrimRight(strings.Join(line, "  "), " ") + "\n")
}

func pad(s string, n int, right bool) string {
	fill := strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
	if right {
		return fill + s
	}
	return s + fill
}
