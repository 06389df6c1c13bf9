// Package table lays out rows of text for a terminal of some width.
package table

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Table is rows of cells under a header. Every row has as many cells as the
// header.
type Table struct {
	Groups []Group  // headings over columns, which they cover in order; may be empty
	Header []string // one per column
	Rows   [][]string
	Left   int // so many columns are flush left and name a row; the others are flush right
}

// Group is a heading over some columns.
type Group struct {
	Name string
	Span int // columns
}

// Write lays the table out so that no line is longer than width columns: with two
// blanks between columns, with one, or, where that is too wide as well, as a block
// per row. A width of 0 is no limit.
func (t Table) Write(w io.Writer, width int) error {
	for _, gap := range []int{2, 1} {
		if lines := t.lines(gap); width <= 0 || longest(lines) <= width {
			return write(w, lines)
		}
	}
	return write(w, t.blocks(width))
}

// lines is the table with so many blanks between columns.
func (t Table) lines(gap int) []string {
	widths := t.widths()
	var groups []string
	if len(t.Groups) > 0 {
		col := 0
		for i, g := range t.Groups {
			total := gap * (g.Span - 1)
			for _, n := range widths[col : col+g.Span] {
				total += n
			}
			if more := utf8.RuneCountInString(g.Name) - total; more > 0 { // the last column makes room
				widths[col+g.Span-1] += more
				total += more
			}
			groups = append(groups, pad(g.Name, total, i > 0))
			col += g.Span
		}
	}
	var lines []string
	if groups != nil {
		lines = append(lines, joined(groups, gap))
	}
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = pad(c, widths[i], i >= t.Left)
		}
		lines = append(lines, joined(cells, gap))
	}
	return lines
}

// widths are the columns' own.
func (t Table) widths() []int {
	widths := make([]int, len(t.Header))
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	return widths
}

// blocks writes each row as its name and below it the other cells with their
// headers, a line for each group.
func (t Table) blocks(width int) []string {
	groups := t.Groups
	if len(groups) == 0 {
		groups = []Group{{Span: len(t.Header)}}
	}
	var lines []string
	for _, row := range t.Rows {
		lines = append(lines, strings.Join(strings.Fields(strings.Join(row[:t.Left], " ")), " "))
		col := 0
		for _, g := range groups {
			line := " "
			if g.Name != "" {
				line += " " + g.Name + ":"
			}
			for i := max(col, t.Left); i < col+g.Span; i++ {
				if row[i] == "" {
					continue
				}
				item := " " + t.Header[i] + " " + row[i]
				if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(item) > width && strings.TrimSpace(line) != "" {
					lines = append(lines, line)
					line = "   "
				}
				line += item
				if i+1 < col+g.Span {
					line += " "
				}
			}
			if strings.TrimSpace(line) != "" {
				lines = append(lines, line)
			}
			col += g.Span
		}
	}
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return lines
}

// Int writes n with a comma between thousands.
func Int(n int) string {
	s := strconv.Itoa(n)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// write writes all lines at once: each Write is a call of the system.
func write(w io.Writer, lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

func longest(lines []string) int {
	n := 0
	for _, l := range lines {
		n = max(n, utf8.RuneCountInString(l))
	}
	return n
}

func joined(cells []string, gap int) string {
	return strings.TrimRight(strings.Join(cells, strings.Repeat(" ", gap)), " ")
}

func pad(s string, n int, right bool) string {
	fill := strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
	if right {
		return fill + s
	}
	return s + fill
}
