package table

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// CSV writes rows as comma-separated values. Cells that a spreadsheet would compute
// begin with a quotation mark ('), and a byte order mark stands before text that is
// not ASCII: without it Excel garbles umlauts.
func CSV(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = Harmless(cell)
		}
	}
	if slices.ContainsFunc(rows, func(row []string) bool { return slices.ContainsFunc(row, notASCII) }) {
		b.WriteString("\ufeff")
	}
	_ = w.WriteAll(rows) // a bytes.Buffer takes every write
	return b.Bytes()
}

// Harmless quotes a cell that a spreadsheet would take for a formula; numbers are
// none.
func Harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

func notASCII(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// MarkdownText is text that Markdown shows letter by letter, in one line.
func MarkdownText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "\n", " ").Replace(s)
}

// LaTeXText is text that LaTeX sets letter by letter, in one line.
func LaTeXText(s string) string {
	return strings.NewReplacer(`\`, `\textbackslash{}`, "&", `\&`, "%", `\%`, "$", `\$`, "#", `\#`, "_", `\_`,
		"{", `\{`, "}", `\}`, "~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "±", `$\pm$`, "\n", " ").Replace(s)
}

// Markdown is the table with pipes between its cells. Groups are left out.
func (t Table) Markdown() string {
	var b strings.Builder
	row := func(cells []string, cell func(i int, s string) string) {
		b.WriteByte('|')
		for i, c := range cells {
			b.WriteString(" " + cell(i, c) + " |")
		}
		b.WriteByte('\n')
	}
	text := func(_ int, s string) string { return MarkdownText(s) }
	row(t.Header, text)
	row(t.Header, func(i int, _ string) string {
		if i < t.Left {
			return "---"
		}
		return "---:"
	})
	for _, r := range t.Rows {
		row(r, text)
	}
	return b.String()
}

// LaTeX is the table for the booktabs package, over both columns of a page where it
// has more than eight. Groups are left out.
func (t Table) LaTeX(caption string) string {
	var b strings.Builder
	environment, size := "table", ""
	if len(t.Header) > 8 {
		environment, size = "table*", "\\footnotesize\n\\setlength{\\tabcolsep}{3.5pt}\n"
	}
	columns := strings.Repeat("l", t.Left) + strings.Repeat("r", len(t.Header)-t.Left)
	b.WriteString("% needs \\usepackage{booktabs}\n\\begin{" + environment + "}\n\\centering\n" + size +
		"\\caption{" + LaTeXText(caption) + "}\n\\begin{tabular}{" + columns + "}\n\\toprule\n")
	row := func(cells []string) {
		out := make([]string, len(cells))
		for i, c := range cells {
			out[i] = LaTeXText(c)
		}
		b.WriteString(strings.Join(out, " & ") + " \\\\\n")
	}
	row(t.Header)
	b.WriteString("\\midrule\n")
	for _, r := range t.Rows {
		row(r)
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n\\end{" + environment + "}\n")
	return b.String()
}
