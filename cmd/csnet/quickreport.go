package main

import (
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"

	"csnet/internal/report"
	"csnet/model"
	"csnet/train"
)

// verdict judges the fine-tuned net: at most half of the parameters, and maxF
// at least .05 above the centred Gaussian's.
func (q *quickstart) verdict() report.Verdict {
	maxF, gauss := q.score("fine-tuned").MaxF, q.score("centred-gaussian").MaxF
	before, after := q.report.Before.Params, q.report.After.Params
	v := report.Verdict{Checks: []report.Check{
		{Pass: maxF >= gauss+.05, Text: fmt.Sprintf("maxF of the fine-tuned net is %.3f, the centred Gaussian's %.3f; at least .05 above it is asked for", maxF, gauss)},
		{Pass: 2*after <= before, Text: fmt.Sprintf("%d of %d parameters remain, at most half are allowed", after, before)},
	}}
	v.Pass = v.Checks[0].Pass && v.Checks[1].Pass
	v.Text = "The pruned net finds the salient objects of pictures it never saw."
	if !v.Pass {
		v.Text = "The result is no good."
	}
	return v
}

// write makes OUT/report.html.
func (q *quickstart) write(v report.Verdict) (string, error) {
	lines, err := train.ReadMetrics(q.path("train", "metrics.jsonl"))
	if err != nil {
		return "", err
	}
	tuned, err := train.ReadMetrics(q.path("finetune", "metrics.jsonl"))
	if err != nil {
		return "", err
	}
	r := report.Report{
		Title: "csnet quickstart",
		Intro: "A small CSNet, trained on drawn pictures with dynamic weight decay, pruned to the channels it learned, fine-tuned, and scored on pictures that were held back (salmetric protocol).",
		Facts: [][2]string{
			{"pictures", fmt.Sprintf("%d to train on, %d held back, %dx%d", quickTrain, quickTest, quickSide, quickSide)},
			{"steps", fmt.Sprintf("%d training, %d fine-tuning", q.steps[0], q.steps[1])},
			{"parameters", fmt.Sprintf("%d => %d", q.report.Before.Params, q.report.After.Params)},
			{fmt.Sprintf("MACs at %dx%d", model.CostSide, model.CostSide), fmt.Sprintf("%.1f M => %.1f M", float64(q.report.Before.MACs)/1e6, float64(q.report.After.MACs)/1e6)},
			{"masked net against compact net", fmt.Sprintf("largest difference of logits %.2g", q.report.MaxAbsDiff)},
			{"machine", fmt.Sprintf("%d threads, %s/%s", q.threads, runtime.GOOS, runtime.GOARCH)},
		},
		Verdict: v,
		Scores:  q.table(),
		Charts:  quickCharts(lines, tuned, q.report.Before.Params),
	}
	for _, row := range q.report.Layers {
		if row.Layer.Op == model.OpDepthwise {
			continue // as many channels as the block's mix
		}
		r.Channels = append(r.Channels, report.ChannelRow{Layer: row.Layer.BlockName(), Before: row.Before, After: row.After})
	}
	if r.Samples, err = q.samples(8); err != nil {
		return "", err
	}
	path := q.path("report.html")
	return path, report.Write(path, r)
}

func (q *quickstart) table() report.Table {
	t := report.Table{Header: []string{"method", "maxF", "MAE"}, Better: []report.Direction{report.Higher, report.Lower}}
	for _, m := range q.scores.Methods {
		s := m.Sets[0].Result.Scores.SalMetric
		t.Rows = append(t.Rows, report.ScoreRow{Name: m.Name, Values: []string{fmt.Sprintf("%.3f", s.MaxF), fmt.Sprintf("%.3f", s.MAE)}})
	}
	return t
}

// quickCharts draws loss, validation and channels over both trainings, the
// fine-tuning behind the training.
func quickCharts(lines, tuned []train.Line, params int) []report.Chart {
	var loss, loss2, left, maxF, maxF2 report.Series
	loss.Name, loss2.Name, left.Name, maxF.Name, maxF2.Name = "training", "fine-tuning", "parameters", "training", "fine-tuning"
	add := func(s *report.Series, x int, y float64) {
		s.X, s.Y = append(s.X, float64(x)), append(s.Y, y)
	}
	last := 0
	for _, l := range lines {
		add(&loss, l.Step, l.Loss)
		add(&left, l.Step, float64(l.ParamsLeft)/float64(params))
		if l.ValMaxF != nil {
			add(&maxF, l.Step, *l.ValMaxF)
		}
		last = l.Step
	}
	for _, l := range tuned {
		add(&loss2, last+l.Step, l.Loss)
		if l.ValMaxF != nil {
			add(&maxF2, last+l.Step, *l.ValMaxF)
		}
	}
	return []report.Chart{
		{Title: "Loss", XLabel: "step", YLabel: "mean BCE", Series: []report.Series{loss, loss2}},
		{Title: "maxF on validation pictures", XLabel: "step", YLabel: "maxF", Series: []report.Series{maxF, maxF2}},
		{Title: "Share of parameters that a threshold of 0.3 on the gammas would leave", XLabel: "step", YLabel: "share", Series: []report.Series{left}},
	}
}

// samples returns photo, truth and maps of the first n held-back pictures.
func (q *quickstart) samples(n int) ([]report.Sample, error) {
	var out []report.Sample
	for i := range n {
		name := fmt.Sprintf("%04d", i)
		photo, err := readImage(q.path("data", "test", "images", name+".jpg"))
		if err != nil {
			return nil, err
		}
		truth, err := readImage(q.path("data", "test", "GT", name+".png"))
		if err != nil {
			return nil, err
		}
		s := report.Sample{Name: name, Photo: photo, Truth: truth}
		for _, m := range []string{"trained", "pruned", "fine-tuned"} {
			im, err := readImage(q.path("maps", m, name+".png"))
			if err != nil {
				return nil, err
			}
			s.Maps = append(s.Maps, report.NamedMap{Name: m, Image: im})
		}
		out = append(out, s)
	}
	return out, nil
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
