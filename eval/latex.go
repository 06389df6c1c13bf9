package eval

import (
	"fmt"
	"strings"
)

// LaTeX is the scores as tables for the booktabs package, the best of several
// methods in bold.
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
	fmt.Fprintf(b, "\\begin{table}\n\\centering\n\\caption{%s}\n\\begin{tabular}{%s}\n\\toprule\n", latexText(t.title), columns)
	if len(t.groups) > 1 {
		heads := make([]string, len(t.groups))
		rules, col := "", 1
		for i, g := range t.groups {
			if g.name != "" {
				heads[i] = fmt.Sprintf("\\multicolumn{%d}{c}{%s}", g.span, latexText(g.name))
				rules += fmt.Sprintf("\\cmidrule(lr){%d-%d}", col, col+g.span-1)
			}
			col += g.span
		}
		b.WriteString(strings.Join(heads, " & ") + " \\\\\n" + rules + "\n")
	}
	heads := make([]string, len(t.header))
	for i, h := range t.header {
		heads[i] = latexText(h)
	}
	b.WriteString(strings.Join(heads, " & ") + " \\\\\n\\midrule\n")
	for i, row := range t.rows {
		if len(t.groups) == 1 && i > 0 && row[0].text != t.rows[i-1][0].text {
			b.WriteString("\\midrule\n") // the next set
		}
		line := make([]string, len(row))
		for k, c := range row {
			line[k] = latexText(c.text)
			if c.best {
				line[k] = "\\textbf{" + line[k] + "}"
			}
		}
		b.WriteString(strings.Join(line, " & ") + " \\\\\n")
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n\\end{table}\n")
}

func latexText(s string) string {
	return strings.NewReplacer(`\`, `\textbackslash{}`, "&", `\&`, "%", `\%`, "$", `\$`, "#", `\#`, "_", `\_`,
		"{", `\{`, "}", `\}`, "~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "\n", " ").Replace(s)
}
