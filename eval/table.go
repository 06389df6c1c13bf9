package eval

import (
	"fmt"
	"strconv"

	"csnet/metrics"
)

// scoreTable is one protocol's scores, laid out for every kind of output: a row per
// method and, under pysod, per set; under salmetric the sets stand side by side.
type scoreTable struct {
	title  string
	groups []group  // columns that share a heading
	header []string // one per column
	rows   [][]cell
}

type group struct {
	name string
	span int
}

type cell struct {
	text    string
	numeric bool
	best    bool // the best of several methods
}

// tables makes one table per protocol scored.
func (r *Report) tables() []scoreTable {
	var out []scoreTable
	for _, p := range r.Protocol.Each() {
		t := scoreTable{title: "Protocol: " + string(p)}
		if p == metrics.SalMetric {
			r.wide(&t, p)
		} else {
			r.long(&t, p)
		}
		out = append(out, t)
	}
	return out
}

// wide: method | set: measures | set: measures ...
func (r *Report) wide(t *scoreTable, p metrics.Protocol) {
	t.groups = []group{{"", 1}}
	t.header = []string{"method"}
	for i, s := range r.Methods[0].Sets {
		t.groups = append(t.groups, group{fmt.Sprintf("%s (%s)", s.Name, r.imageCount(i)), len(p.Measures())})
		t.header = append(t.header, p.Measures()...)
	}
	for i, m := range r.Methods {
		row := []cell{{text: m.Name}}
		for k := range m.Sets {
			for _, measure := range p.Measures() {
				row = append(row, r.score(i, k, p, measure))
			}
		}
		t.rows = append(t.rows, row)
	}
}

// long: set | method | images | measures, a row per set and method.
func (r *Report) long(t *scoreTable, p metrics.Protocol) {
	t.header = append([]string{"set", "method", "images"}, p.Measures()...)
	t.groups = []group{{"", len(t.header)}}
	for k := range r.Methods[0].Sets {
		for i, m := range r.Methods {
			s := m.Sets[k]
			row := []cell{{text: s.Name}, {text: m.Name}, {text: strconv.Itoa(s.Result.Images), numeric: true}}
			for _, measure := range p.Measures() {
				row = append(row, r.score(i, k, p, measure))
			}
			t.rows = append(t.rows, row)
		}
	}
}

// imageCount is the number of images of set k, a range where methods differ.
func (r *Report) imageCount(k int) string {
	lo, hi := r.Methods[0].Sets[k].Result.Images, 0
	for _, m := range r.Methods {
		lo, hi = min(lo, m.Sets[k].Result.Images), max(hi, m.Sets[k].Result.Images)
	}
	if lo == hi {
		return strconv.Itoa(lo)
	}
	return fmt.Sprintf("%d-%d", lo, hi)
}

// score is one number to four digits; best among several methods as printed.
func (r *Report) score(method, set int, p metrics.Protocol, measure string) cell {
	v, ok := r.Methods[method].Sets[set].Result.Value(p, measure)
	if !ok {
		return cell{text: "-", numeric: true}
	}
	c := cell{text: digits(v), numeric: true, best: len(r.Methods) > 1}
	for _, m := range r.Methods {
		other, ok := m.Sets[set].Result.Value(p, measure)
		if !ok || digits(other) == c.text {
			continue
		}
		if metrics.SmallerIsBetter(measure) == (other < v) {
			c.best = false
		}
	}
	return c
}

func digits(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }
