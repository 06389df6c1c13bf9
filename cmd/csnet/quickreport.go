package main

import (
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"csnet/internal/chart"
	"csnet/internal/page"
	"csnet/internal/table"
	"csnet/model"
	"csnet/train"
)

// verdict judges the fine-tuned net: at most half of the parameters, and maxF
// at least .05 above the centred Gaussian's.
func (q *quickstart) verdict() page.Verdict {
	maxF, gauss := q.score("fine-tuned").MaxF, q.score("centred-gaussian").MaxF
	before, after := q.pruning.Before.Params, q.pruning.After.Params
	v := page.Verdict{Checks: []page.Check{
		{Pass: maxF >= gauss+.05, Text: fmt.Sprintf("the fine-tuned net finds objects it never saw: maxF %.3f (a centred Gaussian, which does not look, has %.3f; 0.05 more is asked for)", maxF, gauss)},
		{Pass: 2*after <= before, Text: fmt.Sprintf("%s of %s parameters are left (at most half is asked for)", table.Int(after), table.Int(before))},
	}}
	v.Pass = v.Checks[0].Pass && v.Checks[1].Pass
	v.Text = "The pruned net finds the salient objects of pictures it never saw."
	if !v.Pass {
		v.Text = "The result is no good."
	}
	return v
}

// write makes OUT/report.html.
func (q *quickstart) write(v page.Verdict) (string, error) {
	lines, err := train.ReadMetrics(q.path("train", "metrics.jsonl"))
	if err != nil {
		return "", err
	}
	tuned, err := train.ReadMetrics(q.path("finetune", "metrics.jsonl"))
	if err != nil {
		return "", err
	}
	p := page.Page{
		Title:   "csnet quickstart",
		Intro:   "A small CSNet, trained on drawn pictures with dynamic weight decay, pruned to the channels it learned, fine-tuned, and scored on pictures that were held back (salmetric protocol).",
		Verdict: v,
		Facts:   q.facts(),
	}
	gallery, err := q.samples(8)
	if err != nil {
		return "", err
	}
	p.Sections = []page.Section{
		{Title: "Scores", Lead: "On the held-back pictures. maxF says how well the best threshold finds the objects, MAE is the mean error of a pixel; the last two rows do not look at the photo at all.", Parts: []page.Part{q.table()}},
		{Title: "Photo, truth and maps", Lead: "The column “pruned” shows the net right after half of its parameters were cut off: with some of the channels it relied on gone, its maps may be black. A short fine-tuning lets the others take over.", Parts: []page.Part{gallery}},
		{Title: "Curves", Parts: []page.Part{quickCharts(lines, tuned, q.pruning.Before.Params)}},
		{Title: "Channels before → after pruning", Parts: []page.Part{q.channels()}},
		{Title: "What next", Parts: []page.Part{page.Text("This net has seen drawings only and is no use on photos. A net for photos is in the program:"),
			page.Code{Text: "csnet predict --out maps photo.jpg"}}},
	}
	path := q.path("report.html")
	return path, page.Write(path, p)
}

// facts are what the run was.
func (q *quickstart) facts() page.Facts {
	before, after := q.pruning.Before, q.pruning.After
	return page.Facts{
		{"Pictures", fmt.Sprintf("%d to train on, %d held back, %dx%d", q.toTrain, q.heldBack, quickSide, quickSide)},
		{"Steps", fmt.Sprintf("%d training, %d fine-tuning", q.steps[0], q.steps[1])},
		{"Parameters", page.Thousands(before.Params) + " → " + page.Thousands(after.Params)},
		{fmt.Sprintf("Multiply-adds at %dx%d", model.CostSide, model.CostSide), fmt.Sprintf("%.1f M → %.1f M", float64(before.MACs)/1e6, float64(after.MACs)/1e6)},
		{"Smaller net against the whole one with constants for what was cut", fmt.Sprintf("logits differ by at most %.2g on random input", q.pruning.MaxAbsDiff)},
		{"Made", pageDate(q.began)},
		{"Took", inWords(time.Since(q.began))},
		{"Machine", fmt.Sprintf("%d threads, %s/%s", q.threads, runtime.GOOS, runtime.GOARCH)},
		{"csnet", thisProgram().short()},
		{"Again with", q.again()},
	}
}

// again is the command that repeats the run: the number of steps depends on the
// machine's speed alone, all else on the seed.
func (q *quickstart) again() string {
	return fmt.Sprintf("csnet quickstart --budget %v", q.Budget)
}

func (q *quickstart) table() page.Table {
	t := page.Table{Columns: []page.Column{{Name: "method"}, {Name: "maxF", Better: page.Higher}, {Name: "MAE", Better: page.Lower}}}
	for _, m := range q.scores.Methods {
		s := m.Sets[0].Result.Scores.SalMetric
		t.Rows = append(t.Rows, page.Row{Name: m.Name, Values: []page.Value{{Text: fmt.Sprintf("%.3f", s.MaxF)}, {Text: fmt.Sprintf("%.3f", s.MAE)}}})
	}
	t.MarkBest()
	return t
}

// channels shows each layer's channels but those of depthwise layers, which have as
// many as their block's first.
func (q *quickstart) channels() page.Channels {
	var out page.Channels
	for _, row := range q.pruning.Layers {
		if row.Layer.Op != model.OpDepthwise {
			out = append(out, page.ChannelRow{Layer: row.Layer.BlockName(), Before: row.Before, After: row.After})
		}
	}
	return out
}

// quickCharts draws loss, validation and channels over both trainings, the
// fine-tuning behind the training.
func quickCharts(lines, tuned []train.Line, params int) page.Charts {
	var loss, loss2, left, maxF, maxF2 chart.Series
	loss.Name, loss2.Name, left.Name, maxF.Name, maxF2.Name = "training", "fine-tuning", "parameters", "training", "fine-tuning"
	add := func(s *chart.Series, x int, y float64) {
		s.X, s.Y = append(s.X, float64(x)), append(s.Y, y)
	}
	last := 0
	for _, l := range lines {
		if l.Step > 0 {
			add(&loss, l.Step, l.Loss)
			add(&left, l.Step, float64(l.ParamsLeft)/float64(params))
		}
		if l.ValMaxF != nil {
			add(&maxF, l.Step, *l.ValMaxF)
		}
		last = l.Step
	}
	for _, l := range tuned {
		if l.Step > 0 {
			add(&loss2, last+l.Step, l.Loss)
		}
		if l.ValMaxF != nil {
			add(&maxF2, last+l.Step, *l.ValMaxF)
		}
	}
	return page.Charts{
		{Title: "Loss", XLabel: "step", YLabel: "mean BCE", Series: []chart.Series{loss, loss2}},
		{Title: "maxF on validation pictures", XLabel: "step", YLabel: "maxF", Series: []chart.Series{maxF, maxF2}},
		{Title: "Share of parameters that a threshold of 0.3 on the gammas would leave", XLabel: "step", YLabel: "share", Y: chart.Scale{From: 0, To: 1}, Series: []chart.Series{left}},
	}
}

// samples shows photo, truth and maps of the first n held-back pictures.
func (q *quickstart) samples(n int) (page.Gallery, error) {
	g := page.Gallery{Columns: []string{"photo", "truth", "trained", "pruned", "fine-tuned"}}
	for i := range n {
		name := fmt.Sprintf("%04d", i)
		row := page.GalleryRow{Name: name}
		for k, path := range []string{
			q.path("data", "test", "images", name+".jpg"), q.path("data", "test", "GT", name+".png"),
			q.path("maps", "trained", name+".png"), q.path("maps", "pruned", name+".png"), q.path("maps", "fine-tuned", name+".png"),
		} {
			img, err := readImage(path)
			if err != nil {
				return g, err
			}
			to := page.Map
			if k == 0 {
				to = page.Photo
			}
			p, err := to(img, quickSide)
			if err != nil {
				return g, err
			}
			row.Pictures = append(row.Pictures, p)
		}
		g.Rows = append(g.Rows, row)
	}
	return g, nil
}

// readImage decodes a picture that the quickstart wrote.
func readImage(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if filepath.Ext(path) == ".png" {
		return png.Decode(f)
	}
	return jpeg.Decode(f)
}
