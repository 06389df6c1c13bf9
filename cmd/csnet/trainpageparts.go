package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"csnet/eval"
	"csnet/internal/chart"
	"csnet/internal/page"
	"csnet/train"
)

// page lays the page of a run out: how it stands, its curves, its pictures, its
// config.
func (p *trainPage) page(v page.Verdict, refresh int, lines []train.Line) page.Page {
	j := p.job
	out := page.Page{Title: pageTitle + filepath.Base(j.out), Verdict: v, Refresh: refresh, Search: ""}
	if refresh > 0 {
		out.Intro = fmt.Sprintf("This page is written anew after every validation, and a browser reads it again every %d seconds.", refresh)
	}
	out.Facts = append(page.Facts{{"Written", pageDate(time.Now())}, {"Trained for", trainedFor(lines)}}, p.facts...)
	if p.kept != nil {
		out.Facts = append(out.Facts, [2]string{"Best net", fmt.Sprintf("step %d: maxF %.4f, MAE %.4f", p.keptStep, p.kept.ObjMaxF, p.kept.MAE)})
	}
	if j.command != "" {
		out.Facts = append(out.Facts, [2]string{"Command", j.command})
	}
	out.Sections = append(out.Sections, page.Section{Title: "Curves", Lead: "maxF says how well the best threshold finds the objects (1 is perfect), MAE is the mean error of a pixel. The dashed line is a bell around the middle that does not look at the photo: a net must beat it.",
		Parts: []page.Part{trainCharts(lines, j.spec.ParamCount())}})
	if len(p.best) > 0 {
		out.Sections = append(out.Sections, page.Section{Title: "Validation pictures", Lead: "As the net of the last validation maps them, by maxF.",
			Parts: []page.Part{shownGallery("Worst", p.worst), shownGallery("Best", p.best)}})
	}
	out.Sections = append(out.Sections, page.Section{Title: "What the net is given", Lead: "The first pictures of the first epoch, cropped and varied as the config says; beside each the same with its mask in red. If a mask is wrong here, nothing else on this page matters.", Parts: []page.Part{p.inputs}},
		page.Section{Title: "What next", Parts: p.next(refresh > 0, v.Word)},
		page.Section{Title: "Config", Parts: []page.Part{page.Code{Title: "The resolved config", Text: string(j.conf.YAML()), Folded: true}}})
	return out
}

// trainCharts draws the log.
func trainCharts(lines []train.Line, params int) page.Charts {
	loss, rate := chart.Series{Name: "loss"}, chart.Series{Name: "rate"}
	maxF, gaussF := chart.Series{Name: "net"}, chart.Series{Name: "centred Gaussian", Dashed: true}
	mae, gaussE := chart.Series{Name: "net"}, chart.Series{Name: "centred Gaussian", Dashed: true}
	left, own := chart.Series{Name: "pruned at the threshold"}, chart.Series{Name: "of the net"}
	first := params // of the net at the first line
	if len(lines) > 0 && lines[0].Params > 0 {
		first = lines[0].Params
	}
	var octaves []chart.Series
	add := func(s *chart.Series, step int, y float64) { s.X, s.Y = append(s.X, float64(step)), append(s.Y, y) }
	for _, l := range lines {
		if l.Step > 0 {
			add(&loss, l.Step, l.Loss)
			add(&rate, l.Step, l.LR)
			add(&left, l.Step, float64(l.ParamsLeft)/float64(max(first, 1)))
			if l.Params > 0 {
				add(&own, l.Step, float64(l.Params)/float64(max(first, 1)))
			}
			for k, n := range l.ChannelsLeft {
				if k == len(octaves) {
					octaves = append(octaves, chart.Series{Name: fmt.Sprintf("octave %d", k)})
				}
				add(&octaves[k], l.Step, float64(n))
			}
		}
		if s := l.Score(); s != nil {
			add(&maxF, l.Step, s.ObjMaxF)
			add(&mae, l.Step, s.MAE)
			if l.GaussianMAE != nil && l.GaussianMaxF != nil {
				add(&gaussF, l.Step, *l.GaussianMaxF)
				add(&gaussE, l.Step, *l.GaussianMAE)
			}
		}
	}
	charts := page.Charts{{Title: "Loss", XLabel: "step", YLabel: "mean of the steps", Series: []chart.Series{loss}}}
	if len(maxF.X) > 0 {
		charts = append(charts,
			chart.Chart{Title: "Validation: maxF", XLabel: "step", YLabel: "maxF", Series: []chart.Series{maxF, gaussF}},
			chart.Chart{Title: "Validation: MAE", XLabel: "step", YLabel: "MAE", Series: []chart.Series{mae, gaussE}})
	}
	return append(charts,
		chart.Chart{Title: "Learning rate", XLabel: "step", YLabel: "rate", Series: []chart.Series{rate}},
		chart.Chart{Title: "Channels alive, by octave (0 is the finest)", XLabel: "step", YLabel: "channels", Series: octaves},
		chart.Chart{Title: "Share of the first net's parameters", XLabel: "step", YLabel: "share", Y: chart.Scale{From: 0, To: 1}, Series: []chart.Series{own, left}})
}

// shownGallery shows pictures of a validation.
func shownGallery(title string, shown []eval.Shown) page.Gallery {
	g := page.Gallery{Title: title, Columns: []string{"photo", "truth", "map"}}
	for _, s := range shown {
		s.Map.Note = fmt.Sprintf("maxF %.3f, MAE %.3f", s.MaxF, s.MAE)
		g.Rows = append(g.Rows, page.GalleryRow{Name: s.Stem, Pictures: []page.Picture{s.Photo, s.Truth, s.Map}})
	}
	return g
}

// next says what to do with the run, with commands to paste.
func (p *trainPage) next(running bool, word string) []page.Part {
	out := p.job.out
	best := filepath.Join(out, "checkpoints", "best.safetensors")
	command := func(words ...string) string {
		for i, w := range words {
			words[i] = shellWord(w)
		}
		return strings.Join(words, " ")
	}
	var parts []page.Part
	if running || word == "STOPPED" {
		parts = append(parts, page.Code{Title: "Ctrl-C saves the state; to go on from it", Text: command("csnet", "train", "--resume", "--out", out)})
	}
	parts = append(parts,
		page.Code{Title: "See what the best net so far finds on photos", Text: command("csnet", "predict", "--checkpoint", best, "--out", "maps", "PHOTOS")},
		page.Code{Title: "Score it on pictures that it has not seen", Text: command("csnet", "eval", "--checkpoint", best, "--data", "TEST-SET", "--baselines", "--out", "scores")})
	if p.job.conf.DWD.Mode != "none" && len(p.job.conf.Prune.Milestones) == 0 {
		parts = append(parts, page.Code{Title: "Strip the channels that it does not need", Text: command("csnet", "prune", "--checkpoint", filepath.Join(out, "checkpoints", "last.safetensors"), "--ratio", "0.4", "--out", filepath.Join(out, "pruned.safetensors"))})
	}
	return append(parts, page.Code{Title: "Take it into an app", Text: command("csnet", "export", "--checkpoint", best, "--format", "onnx", "--out", filepath.Join(out, "net.onnx"))})
}

func trainedFor(lines []train.Line) string {
	if len(lines) == 0 {
		return "not a step yet"
	}
	l := lines[len(lines)-1]
	return fmt.Sprintf("%s, %d steps", inWords(time.Duration(l.Seconds*float64(time.Second))), l.Step)
}

// isBadNews says whether a line of the verdict tells of a net that is no use.
func isBadNews(line string) bool {
	return strings.Contains(line, "no better") || strings.Contains(line, ", not in ") || strings.Contains(line, "as good as black") || strings.Contains(line, "worse")
}
