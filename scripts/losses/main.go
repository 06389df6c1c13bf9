// Command losses draws the training losses of several runs in one figure: a line of each
// run, its mean over every pass, where runs of one name share a colour and an entry of the
// legend.
//
// Usage: go run ./scripts/losses OUT.svg NAME=LOG[,LOG...]...
//
// LOG is the metrics.jsonl of a run.
package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"csnet/internal/chart"
	"csnet/internal/wholefile"
	"csnet/train"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: losses OUT.svg NAME=LOG[,LOG...]...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "losses:", err)
		os.Exit(1)
	}
}

func run(out string, groups []string) error {
	c := chart.Chart{XLabel: "passes over the training set", YLabel: "training loss", Numbers: "last"}
	for _, g := range groups {
		name, logs, ok := strings.Cut(g, "=")
		if !ok {
			return fmt.Errorf("%q, must be NAME=LOG[,LOG...]", g)
		}
		s := chart.Series{Name: name}
		for _, path := range strings.Split(logs, ",") {
			means, err := passes(path)
			if err != nil {
				return err
			}
			if len(s.X) > 0 { // a gap between runs
				s.X, s.Y = append(s.X, s.X[len(s.X)-1]), append(s.Y, math.NaN())
			}
			for k, v := range means {
				s.X, s.Y = append(s.X, float64(k+1)), append(s.Y, v)
			}
		}
		c.Series = append(c.Series, s)
	}
	svg, err := c.SVG()
	if err != nil {
		return err
	}
	return wholefile.Write(out, func(w io.Writer) error { _, err := w.Write(svg); return err })
}

// passes returns the mean training loss of each pass of a log.
func passes(path string) (means []float64, err error) {
	lines, err := train.ReadMetrics(path)
	if err != nil {
		return nil, err
	}
	var counts []float64
	for _, l := range lines {
		if l.Loss == 0 { // before the first step
			continue
		}
		for len(means) <= l.Epoch {
			means, counts = append(means, 0), append(counts, 0)
		}
		means[l.Epoch], counts[l.Epoch] = means[l.Epoch]+l.Loss, counts[l.Epoch]+1
	}
	if len(means) == 0 {
		return nil, fmt.Errorf("%s: no loss in it", path)
	}
	for k := range means {
		means[k] /= counts[k]
	}
	return means, nil
}
