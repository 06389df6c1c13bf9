package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"csnet/internal/chart"
	"csnet/internal/page"
	"csnet/train"
)

// inspectPage lays out what is known of runs.
func inspectPage(runs []inspected, command string) page.Page {
	var names []string
	for _, r := range runs {
		names = append(names, r.name)
	}
	p := page.Page{
		Title: inspectTitle + ": " + strings.Join(names, ", "),
		Facts: page.Facts{{"Written", pageDate(time.Now())}, {"csnet", thisProgram().short()}, {"Command", command}},
	}
	p.Sections = []page.Section{
		{Title: "Runs", Lead: "The decay is that of the gammas, the weights of the norms: dwd is dynamic weight decay.", Parts: []page.Part{runTable(runs)}},
		{Title: "Channels of each octave", Lead: "Channels that the threshold of the run's config would keep, summed over all octave convolutions. Octave 0 is the finest.", Parts: []page.Part{channelCharts(runs)}},
		{Title: "What pruning would leave", Lead: "Parameters after cutting off a share of the channels, those with the smallest |gamma| first. Where early layers shrink first, the parameters fall slower than the channels.", Parts: []page.Part{leftCharts(runs)}},
	}
	if !slices.ContainsFunc(runs, func(r inspected) bool { return len(r.watched()) > 0 }) {
		return p
	}
	p.Sections = append(p.Sections,
		page.Section{Title: "How evenly channels work", Lead: "The coefficient of variation over the channels of a norm, its standard deviation over its mean, averaged over the norms of a stage: of |gamma|, and of S, the mean over the batch of |mean output|. Low and steady is even; it rises where some channels of a layer die and others live.",
			Parts: []page.Part{variationCharts(runs, stageOf)}},
		page.Section{Title: "The same for each block", Parts: []page.Part{variationCharts(runs, blockOf)}},
		page.Section{Title: "Gammas", Lead: "Share of all channels by |gamma|, each norm's channels counted: the columns are decades, so what lies left is dying.", Parts: []page.Part{gammaCharts(runs)}})
	for _, r := range runs {
		if ls := r.watched(); len(ls) > 0 {
			p.Sections = append(p.Sections, page.Section{Title: "Norms of " + r.name, Lead: fmt.Sprintf("Channels by |gamma| at step %d, with the coefficient of variation of |gamma|, the mean of S and its coefficient of variation.", ls[len(ls)-1].Step), Parts: []page.Part{normTable(ls[len(ls)-1])}})
		}
	}
	p.Search = "layer by name"
	return p
}

// runTable says how each run stands.
func runTable(runs []inspected) page.Table {
	t := page.Table{Columns: []page.Column{{Name: "run"}, {Name: "decay", Text: true}, {Name: "steps"}, {Name: "parameters at first"}, {Name: "now"},
		{Name: "left at the threshold"}, {Name: "val maxF", Better: page.Higher}, {Name: "val MAE", Better: page.Lower}}}
	for _, r := range runs {
		l := r.lines[len(r.lines)-1]
		decay, maxF, mae := "", "", ""
		if r.conf != nil {
			if decay = r.conf.DWD.Mode; decay != "none" {
				decay += fmt.Sprintf(" %g", r.conf.DWD.Lambda)
			}
		}
		if v := r.last(); v != nil {
			maxF, mae = fmt.Sprintf("%.4f", v.Score().ObjMaxF), fmt.Sprintf("%.4f", v.Score().MAE)
		}
		row := page.Row{Name: r.name}
		for _, text := range []string{decay, fmt.Sprint(l.Step), fmt.Sprint(r.lines[0].Params), fmt.Sprint(l.Params), fmt.Sprint(l.ParamsLeft), maxF, mae} {
			row.Values = append(row.Values, page.Value{Text: text})
		}
		t.Rows = append(t.Rows, row)
	}
	t.MarkBest()
	return t
}

// point adds a point to a line.
func point(s *chart.Series, step int, y float64) {
	s.X, s.Y = append(s.X, float64(step)), append(s.Y, y)
}

// channelCharts are one for each run, of the same scale.
func channelCharts(runs []inspected) page.Charts {
	most := 0
	for _, r := range runs {
		for _, l := range r.lines {
			most = max(most, slices.Max(append([]int{0}, l.ChannelsLeft...)))
		}
	}
	var out page.Charts
	for _, r := range runs {
		var octaves []chart.Series
		for _, l := range r.lines {
			for k, n := range l.ChannelsLeft {
				if k == len(octaves) {
					octaves = append(octaves, chart.Series{Name: fmt.Sprintf("octave %d", k)})
				}
				point(&octaves[k], l.Step, float64(n))
			}
		}
		out = append(out, chart.Chart{Title: r.name, XLabel: "step", YLabel: "channels", Y: chart.Scale{From: 0, To: float64(max(most, 1)) * 1.05}, Series: octaves})
	}
	return out
}

// leftCharts are one for each run: parameters at the threshold and at each ratio.
func leftCharts(runs []inspected) page.Charts {
	var out page.Charts
	for _, r := range runs {
		own, dead := chart.Series{Name: "the net"}, chart.Series{Name: "at the threshold"}
		ratios := map[float64]*chart.Series{}
		var order []float64
		for _, l := range r.lines {
			if l.Params > 0 {
				point(&own, l.Step, float64(l.Params))
			}
			point(&dead, l.Step, float64(l.ParamsLeft))
			for _, a := range l.LeftAt {
				if ratios[a.Ratio] == nil {
					ratios[a.Ratio] = &chart.Series{Name: fmt.Sprintf("ratio %g", a.Ratio)}
					order = append(order, a.Ratio)
				}
				point(ratios[a.Ratio], l.Step, float64(a.Params))
			}
		}
		series := []chart.Series{own, dead}
		for _, ratio := range order {
			series = append(series, *ratios[ratio])
		}
		out = append(out, chart.Chart{Title: r.name, XLabel: "step", YLabel: "parameters", Series: series})
	}
	return out
}

// stageOf and blockOf are what the norms of the charts are taken together by.
func stageOf(layer string) string { before, _, _ := strings.Cut(layer, "."); return before }

func blockOf(layer string) string {
	parts := strings.SplitN(layer, ".", 3)
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

// variationCharts are two for each group of norms, of gamma and of S, with a line for
// each run.
func variationCharts(runs []inspected, group func(layer string) string) page.Charts {
	var groups []string
	gamma, gap := map[string][]chart.Series{}, map[string][]chart.Series{}
	for i, r := range runs {
		for _, l := range r.watched() {
			sums := map[string][3]float64{}
			for _, n := range l.Norms {
				g := group(n.Layer)
				if _, ok := gamma[g]; !ok {
					groups = append(groups, g)
					gamma[g], gap[g] = make([]chart.Series, len(runs)), make([]chart.Series, len(runs))
				}
				s := sums[g]
				sums[g] = [3]float64{s[0] + 1, s[1] + n.CVGamma, s[2] + n.CVGAP}
			}
			for g, s := range sums {
				point(&gamma[g][i], l.Step, s[1]/s[0])
				if s[2] > 0 { // S is known
					point(&gap[g][i], l.Step, s[2]/s[0])
				}
			}
		}
	}
	var out page.Charts
	for _, g := range groups {
		for i, r := range runs {
			gamma[g][i].Name, gap[g][i].Name = r.name, r.name
		}
		out = append(out,
			chart.Chart{Title: g + ": |gamma|", XLabel: "step", YLabel: "coefficient of variation", Series: gamma[g]},
			chart.Chart{Title: g + ": S", XLabel: "step", YLabel: "coefficient of variation", Series: gap[g]})
	}
	return out
}

// gammaCharts are histograms at the first, a middle and the last validation.
func gammaCharts(runs []inspected) page.Charts {
	var out page.Charts
	for _, r := range runs {
		ls := r.watched()
		if len(ls) == 0 {
			continue
		}
		c := chart.Chart{Title: r.name, XLabel: "bound of |gamma|, from dead to above 1", YLabel: "share of the channels", Numbers: "share below 0.1"}
		for _, at := range slices.Compact([]int{0, len(ls) / 2, len(ls) - 1}) {
			counts, all, small := make([]float64, len(train.GammaBounds())+1), 0.0, 0.0
			for _, n := range ls[at].Norms {
				for k, v := range n.Gammas {
					counts[k] += float64(v)
					all += float64(v)
					if k < 6 {
						small += float64(v)
					}
				}
			}
			s := chart.Series{Name: fmt.Sprintf("step %d", ls[at].Step), Number: fmt.Sprintf("%.3f", small/max(all, 1))}
			for k, v := range counts {
				s.X, s.Y = append(s.X, float64(k)), append(s.Y, v/max(all, 1))
			}
			c.Series = append(c.Series, s)
		}
		out = append(out, c)
	}
	return out
}

// normTable is the histogram of every norm.
func normTable(l train.Line) page.Table {
	t := page.Table{Columns: []page.Column{{Name: "layer, octave"}}, Tall: true}
	for _, b := range train.GammaBounds() {
		t.Columns = append(t.Columns, page.Column{Name: fmt.Sprintf("< %g", b)})
	}
	t.Columns = append(t.Columns, page.Column{Name: "more"}, page.Column{Name: "CV gamma"}, page.Column{Name: "S"}, page.Column{Name: "CV S"})
	for _, n := range l.Norms {
		row := page.Row{Name: fmt.Sprintf("%s, %d", n.Layer, n.Octave)}
		for _, c := range n.Gammas {
			row.Values = append(row.Values, page.Value{Text: fmt.Sprint(c)})
		}
		for _, v := range []float64{n.CVGamma, n.GAP, n.CVGAP} {
			row.Values = append(row.Values, page.Value{Text: fmt.Sprintf("%.3g", v)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
