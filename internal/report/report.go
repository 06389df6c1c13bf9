// Package report writes what a run did as one HTML file that needs nothing else:
// styles and charts stand in it, pictures are data URIs. It opens in any browser,
// light or dark, prints, and can be mailed. It knows plain values only, nothing of
// nets or training.
package report

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"

	"csnet/internal/wholefile"
)

// Report is the page, from top to bottom. Parts left empty are left out.
type Report struct {
	Title, Intro string
	Verdict      Verdict
	Facts        [][2]string // name, value
	Scores       Table
	Samples      []Sample
	Charts       []Chart
	Channels     []ChannelRow
	Notes        []string
}

// Verdict says whether the run did what it should, and why. An empty Text with no
// Checks leaves it out.
type Verdict struct {
	Pass   bool
	Text   string
	Checks []Check
}

// Check is one of the conditions behind a verdict.
type Check struct {
	Pass bool
	Text string
}

// Chart is a line chart. With LogY, values that are not positive are not drawn.
type Chart struct {
	Title, XLabel, YLabel string
	Series                []Series
	LogY                  bool
}

// Series is one line: points (X[i], Y[i]), X rising. Points that are NaN or
// infinite are gaps. Faint draws it thin, in the colour of the next line that is not:
// the raw values behind a smoothed curve. Dashed is for baselines.
type Series struct {
	Name          string
	X, Y          []float64
	Faint, Dashed bool
}

// Table holds scores: Header names the columns, the first one that of the rows.
type Table struct {
	Header []string
	Better []Direction // per value column; missing = Neither
	Rows   []ScoreRow
}

// ScoreRow is one line of a Table.
type ScoreRow struct {
	Name   string
	Values []string // one per column of the header after the first
}

// Direction says which values of a column are the good ones; the best is marked.
type Direction int

// Directions.
const (
	Neither Direction = iota
	Higher
	Lower
)

// ChannelRow is one layer's channels per octave, finest first.
type ChannelRow struct {
	Layer         string
	Before, After []int
}

// Sample is one row of pictures; a nil picture leaves its place empty.
type Sample struct {
	Name         string
	Photo, Truth image.Image
	Maps         []NamedMap
}

// NamedMap is a saliency map and who made it.
type NamedMap struct {
	Name  string
	Image image.Image
}

// Write writes the report to path, whole or not at all: through a temporary file in
// the same folder. The folder is made when missing.
func Write(path string, r Report) error {
	v, err := newView(r)
	if err != nil {
		return fmt.Errorf("report: %s: %w", path, err)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("report: make the folder: %w", err)
	}
	if err := wholefile.Write(path, func(w io.Writer) error { return render(w, v) }); err != nil {
		return fmt.Errorf("report: %s: %w", path, err)
	}
	return nil
}

func render(w io.Writer, v view) error {
	buf := bufio.NewWriter(w)
	t, err := parsePage()
	if err != nil {
		return err
	}
	if err := t.Execute(buf, v); err != nil {
		return err
	}
	return buf.Flush()
}
