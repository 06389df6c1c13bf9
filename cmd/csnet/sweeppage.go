package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"csnet/internal/chart"
	"csnet/internal/page"
	"csnet/internal/table"
	"csnet/internal/wholefile"
	"csnet/model"
)

// sweepHead are the columns of a sweep.
func sweepHead() []string { return []string{"ratio", "parameters", "MACs", "ms", "maxF", "MAE"} }

// isSweepCSV reports whether text is a sweep's sweep.csv.
func isSweepCSV(text []byte) bool {
	return bytes.HasPrefix(text, []byte(strings.Join(sweepHead(), ",")))
}

// figure is a picture of a sweep as two files.
type figure struct {
	name string
	draw interface {
		SVG() ([]byte, error)
		PNG() ([]byte, error)
	}
}

// write writes the sweep into a folder: sweep.csv, figures as PNG and SVG, report.html.
// The folder is written whole or not at all; other files in it stay.
func (s *sweep) write(dir string) error {
	html, err := s.page().HTML()
	if err != nil {
		return err
	}
	files := map[string][]byte{"report.html": html, "sweep.csv": s.csv()}
	for _, f := range s.figures() {
		if files[f.name+".svg"], err = f.draw.SVG(); err != nil {
			return err
		}
		if files[f.name+".png"], err = f.draw.PNG(); err != nil {
			return err
		}
	}
	own := func(rel string) bool { return slices.Contains(sweepFiles(), rel) }
	err = wholefile.Folder(dir, wholefile.FolderOptions{Own: own, Last: "report.html"}, func(dir string) error {
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}

// csv is the sweep in full precision.
func (s *sweep) csv() []byte {
	full := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	rows := [][]string{sweepHead()}
	for _, n := range s.nets {
		rows = append(rows, []string{full(n.Ratio), strconv.Itoa(n.Params), strconv.Itoa(n.MACs), full(n.MS), full(n.Score.MaxF), full(n.Score.MAE)})
	}
	return table.CSV(rows)
}

// charts are accuracy against parameters and against time.
func (s *sweep) charts() (params, ms chart.Chart) {
	line := func(x func(sweepNet) float64, xLabel string) chart.Chart {
		maxF := chart.Series{Name: "maxF"}
		mae := chart.Series{Name: "MAE"}
		for _, n := range s.nets {
			maxF.X, maxF.Y = append(maxF.X, x(n)), append(maxF.Y, n.Score.MaxF)
			mae.X, mae.Y = append(mae.X, x(n)), append(mae.Y, n.Score.MAE)
		}
		return chart.Chart{Title: "Accuracy against " + xLabel, XLabel: xLabel, YLabel: "score", Series: []chart.Series{maxF, mae}, Numbers: "before pruning"}
	}
	params = line(func(n sweepNet) float64 { return float64(n.Params) / 1000 }, "parameters, thousands")
	ms = line(func(n sweepNet) float64 { return n.MS }, "ms for a picture of "+fmt.Sprintf("%dx%d", s.photos.size, s.photos.size))
	for _, c := range []*chart.Chart{&params, &ms} {
		for i := range c.Series {
			c.Series[i].Number = fmt.Sprintf("%.4f", c.Series[i].Y[0])
		}
	}
	return params, ms
}

// figures are the charts, and the channels per octave of every net.
func (s *sweep) figures() []figure {
	params, ms := s.charts()
	out := []figure{{accuracyFigures()[0], params}, {accuracyFigures()[1], ms}}
	for _, n := range s.nets {
		if n.Ratio > 0 {
			out = append(out, figure{channelFigure(n.Ratio), n.bars()})
		}
	}
	return out
}

// accuracyFigures are the names of the charts.
func accuracyFigures() []string { return []string{"accuracy-parameters", "accuracy-ms"} }

// channelFigure is the name of the figure of a ratio's channels.
func channelFigure(ratio float64) string { return fmt.Sprintf("channels-%g", ratio) }

// sweepFiles are the files that a sweep writes into its folder.
func sweepFiles() []string {
	names := accuracyFigures()
	for _, ratio := range sweepRatios() {
		if ratio > 0 {
			names = append(names, channelFigure(ratio))
		}
	}
	files := []string{"report.html", "sweep.csv"}
	for _, name := range names {
		files = append(files, name+".svg", name+".png")
	}
	return files
}

// bars are the channels per octave of the whole net, before and after. The three layers
// of an ILBlock have the same.
func (n sweepNet) bars() chart.Bars {
	b := chart.Bars{Title: fmt.Sprintf("Channels per octave, ratio %g", n.Ratio), Part: "octave"}
	for _, r := range n.rows {
		if r.Layer.Op == model.OpDepthwise || r.Layer.Op == model.OpConv {
			continue
		}
		b.Rows = append(b.Rows, chart.BarRow{Name: r.Layer.BlockName(), First: r.Layer.Octave, Before: r.Before, After: r.After})
	}
	return b
}

// page is the sweep's report.html.
func (s *sweep) page() page.Page {
	params, ms := s.charts()
	t := page.Table{Columns: []page.Column{{Name: "ratio"}, {Name: "parameters"}, {Name: "MACs"}, {Name: "ms"}, {Name: "maxF", Better: page.Higher}, {Name: "MAE", Better: page.Lower}}}
	for _, r := range s.rows().Rows {
		row := page.Row{Name: r[0]}
		for _, text := range r[1:] {
			row.Values = append(row.Values, page.Value{Text: text})
		}
		t.Rows = append(t.Rows, row)
	}
	t.MarkBest()
	how := "on one thread, each net measured"
	if s.table != nil {
		how = fmt.Sprintf("by the latency table, %d threads", s.table.Threads)
	}
	out := page.Page{
		Title: "csnet prune --sweep: " + filepath.Base(s.Checkpoint), Intro: "The net pruned by ratios from 0 to 0.9, without fine-tuning in between.",
		Facts: page.Facts{{"Written", pageDate(time.Now())}, {"csnet", thisProgram().short()}, {"Machine", made("").Machine}, {"Pictures", fmt.Sprint(len(s.photos.pairs))}, {"Time", how}, {"Criterion", s.Criterion}, {"Command", s.command}},
		Sections: []page.Section{
			{Title: "Accuracy", Lead: "maxF and MAE on the pictures of --val, under the salmetric protocol.", Parts: []page.Part{page.Charts{params, ms}, t}},
		},
	}
	for _, n := range s.nets {
		if n.Ratio == 0 {
			continue
		}
		var rows page.Channels
		for _, r := range n.bars().Rows {
			absent := make([]int, r.First) // an MSBlock's one octave need not be the finest
			rows = append(rows, page.ChannelRow{Layer: r.Name, Before: append(absent[:r.First:r.First], r.Before...), After: append(absent[:r.First:r.First], r.After...)})
		}
		out.Sections = append(out.Sections, page.Section{Title: fmt.Sprintf("Channels per octave, ratio %g", n.Ratio), Parts: []page.Part{rows}})
	}
	return out
}
