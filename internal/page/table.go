package page

import (
	"math"
	"strconv"
	"strings"
)

// Table holds scores: a row per line, the first column names it. A press on a
// heading sorts by its column.
type Table struct {
	Caption string   // may be empty
	Groups  []Group  // headings over several columns; empty, or over all of them
	Columns []Column // the first one that of the rows' names
	Rows    []Row
	Tall    bool // many rows: shown in a window of their own, names found by the search
}

// Group is a heading over Span columns.
type Group struct {
	Name string
	Span int
}

// Column is a heading, and which of its values are the good ones.
type Column struct {
	Name   string
	Better Direction
	Text   bool // holds words, set to the left; the first column always does
}

// Direction says which values of a column are the good ones.
type Direction int

// Directions.
const (
	Neither Direction = iota
	Higher
	Lower
)

// Arrow points to the good side; Hint says it in words.
func (d Direction) Arrow() string { return [...]string{"", "↑", "↓"}[d] }

// Hint is the arrow in words.
func (d Direction) Hint() string {
	return [...]string{"", "higher is better", "lower is better"}[d]
}

// Row is a name and a value for each further column; missing ones are empty. One
// with a Problem shows that instead of its values.
type Row struct {
	Name    string
	Values  []Value
	Problem string
}

// Value is a cell's text; the best of its column are marked.
type Value struct {
	Text string
	Best bool
}

func (t Table) view() (string, any, error) {
	columns := len(t.Columns)
	for _, r := range t.Rows {
		columns = max(columns, len(r.Values)+1)
	}
	out := t
	out.Columns = append(make([]Column, 0, columns), t.Columns...)
	for len(out.Columns) < columns {
		out.Columns = append(out.Columns, Column{})
	}
	out.Rows = make([]Row, len(t.Rows))
	for i, r := range t.Rows {
		out.Rows[i] = Row{Name: r.Name, Problem: r.Problem, Values: make([]Value, columns-1)}
		copy(out.Rows[i].Values, r.Values)
	}
	return "table", out, nil
}

// Span is the number of columns after the names.
func (t Table) Span() int { return len(t.Columns) - 1 }

// IsText says whether values of column i, counted from the one after the names,
// are words.
func (t Table) IsText(i int) bool { return t.Columns[i+1].Text }

// MarkBest marks the best value of each column that has a direction, equal ones
// all; a table of one row has none.
func (t *Table) MarkBest() {
	if len(t.Rows) < 2 {
		return
	}
	for c := 1; c < len(t.Columns); c++ {
		if d := t.Columns[c].Better; d != Neither {
			t.markColumn(c-1, d)
		}
	}
}

func (t *Table) markColumn(c int, d Direction) {
	sign := 1.0
	if d == Lower {
		sign = -1
	}
	value := func(r Row) (float64, bool) {
		if c >= len(r.Values) {
			return 0, false
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(r.Values[c].Text), 64)
		return sign * f, err == nil && !math.IsNaN(f)
	}
	best := math.Inf(-1)
	for _, r := range t.Rows {
		if f, ok := value(r); ok {
			best = max(best, f)
		}
	}
	for _, r := range t.Rows {
		if f, ok := value(r); ok && f == best {
			r.Values[c].Best = true
		}
	}
}
