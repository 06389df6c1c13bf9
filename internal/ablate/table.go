package ablate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"csnet/internal/table"
)

// Report is the results of a list so far.
type Report struct {
	Title   string   `json:"title"`
	Results []Result `json:"results"` // in the order of entries, each with its seeds
}

// row is what several seeds have in common: an entry at a stage.
type row struct {
	entry, stage string
	seeds        []string
	nets         []Net
	problems     []string
}

// rows joins the seeds of each entry and stage, in the order of the results.
func (r Report) rows() []row {
	var out []row
	for _, res := range r.Results {
		if res.Problem != "" {
			out = append(out, row{entry: res.Entry, seeds: []string{strconv.FormatUint(res.Seed, 10)}, problems: []string{res.Problem}})
		}
		for _, n := range res.Nets {
			at := slices.IndexFunc(out, func(o row) bool { return o.entry == res.Entry && o.stage == n.Stage })
			if at < 0 {
				// Behind the entry's other stages.
				at = len(out)
				for at > 0 && out[at-1].entry != res.Entry && slices.ContainsFunc(out, func(o row) bool { return o.entry == res.Entry }) {
					at--
				}
				out = slices.Insert(out, at, row{entry: res.Entry, stage: n.Stage})
			}
			out[at].seeds = append(out[at].seeds, strconv.FormatUint(res.Seed, 10))
			out[at].nets = append(out[at].nets, n)
		}
	}
	return out
}

// column is a measure: how a net has it.
type column struct {
	name  string
	value func(Net) (float64, bool)
	text  func(float64) string
}

// columns are those that any net has something for.
func (r Report) columns() []column {
	whole := func(v float64) string { return table.Int(int(math.Round(v))) }
	digits := func(n int) func(float64) string {
		return func(v float64) string { return strconv.FormatFloat(v, 'f', n, 64) }
	}
	above0 := func(f func(Net) float64) func(Net) (float64, bool) {
		return func(n Net) (float64, bool) { v := f(n); return v, v != 0 }
	}
	all := []column{
		{"parameters", above0(func(n Net) float64 { return float64(n.Params) }), whole},
		{"MMACs", above0(func(n Net) float64 { return float64(n.MACs) / 1e6 }), digits(1)},
		{"steps", above0(func(n Net) float64 { return float64(n.Steps) }), whole},
		{"minutes", above0(func(n Net) float64 { return n.Seconds / 60 }), digits(1)},
		{"ms", above0(func(n Net) float64 { return n.MS }), digits(2)},
		{"val maxF", above0(func(n Net) float64 { return n.ValMaxF }), digits(4)},
		{"val MAE", above0(func(n Net) float64 { return n.ValMAE }), digits(4)},
	}
	for _, set := range r.sets() {
		of := func(f func(Score) float64) func(Net) (float64, bool) {
			return func(n Net) (float64, bool) {
				for _, s := range n.Scores {
					if s.Set == set {
						return f(s), true
					}
				}
				return 0, false
			}
		}
		all = append(all,
			column{set + " maxF", of(func(s Score) float64 { return s.MaxF }), digits(4)},
			column{set + " MAE", of(func(s Score) float64 { return s.MAE }), digits(4)})
	}
	return slices.DeleteFunc(all, func(c column) bool {
		for _, res := range r.Results {
			for _, n := range res.Nets {
				if _, ok := c.value(n); ok {
					return false
				}
			}
		}
		return true
	})
}

// sets are the test sets, in the order in which they come.
func (r Report) sets() []string {
	var out []string
	for _, res := range r.Results {
		for _, n := range res.Nets {
			for _, s := range n.Scores {
				if !slices.Contains(out, s.Set) {
					out = append(out, s.Set)
				}
			}
		}
	}
	return out
}

// Table has a row for every entry and stage: of several seeds the mean, and behind
// it the standard deviation over them.
func (r Report) Table() table.Table {
	columns := r.columns()
	t := table.Table{Header: []string{"entry", "net", "seeds"}, Left: 3}
	for _, c := range columns {
		t.Header = append(t.Header, c.name)
	}
	for _, row := range r.rows() {
		line := []string{row.entry, row.stage, strings.Join(row.seeds, " ")}
		if len(row.problems) > 0 {
			line[1] = "failed"
		}
		for _, c := range columns {
			line = append(line, c.of(row.nets))
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// of is the column's value for a row.
func (c column) of(nets []Net) string {
	var vs []float64
	for _, n := range nets {
		if v, ok := c.value(n); ok {
			vs = append(vs, v)
		}
	}
	if len(vs) == 0 {
		return ""
	}
	mean, spread := meanAndSpread(vs)
	text := c.text(mean)
	if spread > 0 && c.text(spread) != c.text(0) {
		text += "±" + c.text(spread)
	}
	return text
}

// meanAndSpread are the mean and the standard deviation (n-1) of values, 0 of one.
func meanAndSpread(vs []float64) (mean, spread float64) {
	for _, v := range vs {
		mean += v / float64(len(vs))
	}
	if len(vs) < 2 {
		return mean, 0
	}
	sum := 0.0
	for _, v := range vs {
		sum += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sum / float64(len(vs)-1))
}

// Notes are what is to be known beside the table: commits, data, problems, and what
// is still to run.
func (r Report) Notes() []string {
	var out []string
	distinct := func(what string, f func(Result) string) {
		var vs []string
		for _, res := range r.Results {
			if v := f(res); v != "" && !slices.Contains(vs, v) {
				vs = append(vs, v)
			}
		}
		if len(vs) > 0 {
			out = append(out, what+" "+strings.Join(vs, ", "))
		}
	}
	distinct("csnet", func(res Result) string { return res.Commit })
	distinct("training pictures, digest", func(res Result) string { return res.Data })
	total, open := 0.0, 0
	for _, res := range r.Results {
		total += res.Seconds
		if !res.Done && res.Problem == "" {
			open++
		}
		if res.Problem != "" {
			out = append(out, fmt.Sprintf("%s with seed %d: %s", res.Entry, res.Seed, res.Problem))
		}
	}
	if total > 0 {
		out = append(out, fmt.Sprintf("training took %.1f minutes in all", total/60))
	}
	if open > 0 {
		out = append(out, fmt.Sprintf("%d of %d runs are not done", open, len(r.Results)))
	}
	return out
}

// Mark begins the Markdown that Markdown writes.
const Mark = "<!-- csnet ablate -->"

// Markdown is the table with its notes.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n### %s\n\n%s\n", Mark, table.MarkdownText(r.Title), r.Table().Markdown())
	for _, n := range r.Notes() {
		b.WriteString("- " + table.MarkdownText(n) + "\n")
	}
	return b.String()
}

// LaTeX is the table for the booktabs package, its notes as comments.
func (r Report) LaTeX() string {
	var b strings.Builder
	b.WriteString("% csnet ablate\n")
	for _, n := range r.Notes() {
		b.WriteString("% " + strings.ReplaceAll(n, "\n", " ") + "\n")
	}
	return b.String() + r.Table().LaTeX(r.Title)
}

// csvHead are the first columns of CSV.
func csvHead() []string { return []string{"entry", "seed", "net", "commit", "data"} }

// IsCSV reports whether text begins as CSV's do.
func IsCSV(begin string) bool {
	return strings.HasPrefix(strings.TrimPrefix(begin, "\ufeff"), strings.Join(csvHead(), ","))
}

// CSV has a line for every entry, seed and stage, in full precision.
func (r Report) CSV() []byte {
	columns := r.columns()
	head := csvHead()
	for _, c := range columns {
		head = append(head, c.name)
	}
	rows := [][]string{append(head, "problem")}
	line := func(res Result, n Net) {
		cells := []string{res.Entry, strconv.FormatUint(res.Seed, 10), n.Stage, res.Commit, res.Data}
		for _, c := range columns {
			cell := ""
			if v, ok := c.value(n); ok {
				cell = strconv.FormatFloat(v, 'g', -1, 64)
			}
			cells = append(cells, cell)
		}
		rows = append(rows, append(cells, res.Problem))
	}
	for _, res := range r.Results {
		for _, n := range res.Nets {
			line(res, n)
		}
		if len(res.Nets) == 0 {
			line(res, Net{})
		}
	}
	return table.CSV(rows)
}
