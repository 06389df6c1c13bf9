// Command curves draws the learning curves of a net that was trained in several parts,
// one after the other: the validation against the passes over the training set, a line
// for each size of picture.
//
// Usage: go run ./scripts/curves EPOCH-STEPS OUT LOG...
//
// EPOCH-STEPS is how many steps a pass takes, LOG the metrics.jsonl of a part. Writes
// OUT-maxF.svg and OUT-mae.svg. A maxF below .8 and an MAE above .15 are left out: they
// would press all others together.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"csnet/internal/chart"
	"csnet/internal/wholefile"
)

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: curves EPOCH-STEPS OUT LOG...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "curves:", err)
		os.Exit(1)
	}
}

func run(epoch, out string, logs []string) error {
	steps, err := strconv.Atoi(epoch)
	if err != nil || steps < 1 {
		return fmt.Errorf("EPOCH-STEPS: %q, must be a number of steps", epoch)
	}
	var all []validation
	before := 0.
	for _, path := range logs {
		part, err := read(path)
		if err != nil {
			return err
		}
		for _, v := range part {
			v.passes = before + float64(v.Step)/float64(steps)
			all = append(all, v)
		}
		before = all[len(all)-1].passes
	}
	for _, c := range []struct {
		name, label string
		value       func(validation) float64
	}{
		{"maxF", "validation maxF", func(v validation) float64 { return within(v.MaxF, leastMaxF, 1) }},
		{"mae", "validation MAE", func(v validation) float64 { return within(v.MAE, 0, mostMAE) }},
	} {
		svg, err := draw(all, c.label, c.value).SVG()
		if err != nil {
			return err
		}
		save := func(w io.Writer) error { _, err := w.Write(svg); return err }
		if err := wholefile.Write(out+"-"+c.name+".svg", save); err != nil {
			return err
		}
	}
	return nil
}

// What the charts have room for.
const (
	leastMaxF = .8
	mostMAE   = .15
)

// within returns v, or NaN, which is not drawn, where it is not in [lo, hi].
func within(v, lo, hi float64) float64 {
	if v < lo || v > hi {
		return math.NaN()
	}
	return v
}

// validation is a line of a log that has a validation.
type validation struct {
	Step   int     `json:"step"`
	Size   int     `json:"size"`
	MaxF   float64 `json:"val_maxF"`
	MAE    float64 `json:"val_mae"`
	passes float64 // over the training set, of all parts so far
}

// read returns the validations of a log, without that before a part's first step, which
// is the last of the part before at another size.
func read(path string) ([]validation, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []validation
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var v validation
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if v.MaxF > 0 && v.Step > 0 {
			out = append(out, v)
		}
	}
	if len(out) == 0 && lines.Err() == nil {
		return nil, fmt.Errorf("%s: no validation in it", path)
	}
	return out, lines.Err()
}

// draw makes a line of each size. A line is broken where other sizes come between.
func draw(all []validation, label string, value func(validation) float64) chart.Chart {
	c := chart.Chart{XLabel: "passes over the training set", YLabel: label, Numbers: "last"}
	at := map[int]int{}
	for i, v := range all {
		k, ok := at[v.Size]
		if !ok {
			k = len(c.Series)
			at[v.Size] = k
			c.Series = append(c.Series, chart.Series{Name: fmt.Sprintf("%d pixels", v.Size)})
		}
		s := &c.Series[k]
		if len(s.X) > 0 && all[i-1].Size != v.Size {
			s.X, s.Y = append(s.X, v.passes), append(s.Y, math.NaN())
		}
		s.X, s.Y = append(s.X, v.passes), append(s.Y, value(v))
	}
	for k := range c.Series {
		s := &c.Series[k]
		s.Number = fmt.Sprintf("%.4f", s.Y[len(s.Y)-1])
	}
	return c
}
