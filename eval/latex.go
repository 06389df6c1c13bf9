package eval

import (
	"fmt"
	"strings"

	"csnet/internal/page"
	"csnet/internal/table"
)

// LaTeX is the scores as tables for the booktabs package: the best of several
// methods in bold, an arrow behind each measure that points to its good side, wide
// tables over both columns of a page.
func (r *Report) LaTeX() string {
	var b strings.Builder
	b.WriteString("% needs \\usepackage{booktabs}\n")
	for _, t := range r.tables() {
		t.latex(&b)
	}
	return b.String()
}

func (t *scoreTable) latex(b *strings.Builder) {
	columns := make([]byte, len(t.header))
	for i := range columns {
		columns[i] = 'l'
		if len(t.rows) > 0 && t.rows[0][i].numeric {
			columns[i] = 'r'
		}
	}
	environment, size := "table", ""
	if len(columns) > 8 {
		environment, size = "table*", "\\footnotesize\n\\setlength{\\tabcolsep}{3.5pt}\n"
	}
	fmt.Fprintf(b, "\\begin{%s}\n\\centering\n%s\\caption{%s%s}\n\\begin{tabular}{%s}\n\\toprule\n", environment, size, table.LaTeXText(t.title), t.boldNote(), columns)
	if len(t.groups) > 1 {
		heads := make([]string, len(t.groups))
		rules, col := "", 1
		for i, g := range t.groups {
			if g.name != "" {
				heads[i] = fmt.Sprintf("\\multicolumn{%d}{c}{%s}", g.span, table.LaTeXText(g.name))
				rules += fmt.Sprintf("\\cmidrule(lr){%d-%d}", col, col+g.span-1)
			}
			col += g.span
		}
		b.WriteString(strings.Join(heads, " & ") + " \\\\\n" + rules + "\n")
	}
	heads := make([]string, len(t.header))
	for i, h := range t.header {
		heads[i] = table.LaTeXText(h) + t.latexArrow(i)
	}
	b.WriteString(strings.Join(heads, " & ") + " \\\\\n\\midrule\n")
	for i, row := range t.rows {
		if len(t.groups) == 1 && i > 0 && row[0].text != t.rows[i-1][0].text {
			b.WriteString("\\midrule\n") // the next set
		}
		line := make([]string, len(row))
		for k, c := range row {
			line[k] = table.LaTeXText(c.text)
			if c.best {
				line[k] = "\\textbf{" + line[k] + "}"
			}
		}
		b.WriteString(strings.Join(line, " & ") + " \\\\\n")
	}
	fmt.Fprintf(b, "\\bottomrule\n\\end{tabular}\n\\end{%s}\n", environment)
}

// latexArrow points to the good side of column i's values.
func (t *scoreTable) latexArrow(i int) string {
	if len(t.rows) == 0 || !t.rows[0][i].numeric {
		return ""
	}
	switch better(t.header[i]) {
	case page.Higher:
		return ` $\uparrow$`
	case page.Lower:
		return ` $\downarrow$`
	}
	return ""
}

// boldNote explains bold numbers in the caption, where there are any.
func (t *scoreTable) boldNote() string {
	for _, row := range t.rows {
		for _, c := range row {
			if c.best {
				return ". Best in bold."
			}
		}
	}
	return ""
}
