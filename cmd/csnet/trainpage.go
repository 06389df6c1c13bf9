package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"

	"csnet/data"
	"csnet/eval"
	"csnet/internal/page"
	"csnet/train"
)

const (
	pageTitle   = "csnet train: " // of every page of a run, before the run's name
	pageSamples = 4               // validation pictures shown of the best and of the worst
	pageInputs  = 12              // pictures shown as the net is given them
	pageRefresh = 30              // seconds after which a browser reads the page of a running run again
	pageInput   = 480             // pixels across that these take at most, each
)

// trainPage is the page of a run, OUT/report.html: written after the first step, after
// every validation and at the end, beside the steps that follow. All methods do nothing on
// nil, and belong to the goroutine that trains.
type trainPage struct {
	job   *trainJob
	facts page.Facts         // that do not change
	sheet data.LoaderOptions // of the pictures that the net is given

	at        train.Progress
	epoch     int           // written last, -1 before the first step
	validates bool          // the run does
	asked     bool          // for the page: what the net is given is settled
	written   chan struct{} // closed when the page is written; nil: nobody writes it

	// While the page is written these belong to who writes it.
	inputs      page.Image   // pictures as the net is given them
	given       *data.Batch  // the first of a run from its beginning, still to be drawn; nil: none
	kept        *train.Score // of the net in best.safetensors, nil where none was validated
	keptStep    int
	best, worst []eval.Shown
	drawn       chan error // while best and worst are drawn
	failed      bool       // to write the page; told once
}

// startPage gathers what the page shows of the data; nil for a run that is part of
// another command.
func (j *trainJob) startPage(m *material) *trainPage {
	if j.quiet {
		return nil
	}
	c := j.conf
	p := &trainPage{job: j, epoch: -1, validates: len(m.val) > 0}
	p.facts = page.Facts{
		{"Pictures", fmt.Sprintf("%d to train on, %d to validate on", len(m.pairs), len(m.val))},
		{"Net", page.Thousands(j.spec.ParamCount()) + " parameters"},
		{"Batch, input", fmt.Sprintf("%d of %dx%d", c.Train.Batch, c.Data.SizePlan().Last(), c.Data.SizePlan().Last())},
		{"Seed", fmt.Sprint(c.Train.Seed)},
		{"csnet", thisProgram().short()},
		{"Machine", made("").Machine},
	}
	if j.resume != nil && j.resume.Run != nil && j.resume.Run.Best != nil {
		s := j.resume.Run.Best
		p.kept, p.keptStep = &train.Score{MAE: s.MAE, MaxF: s.MaxF, ObjMaxF: s.ObjMaxF, WF: s.WF}, s.Step
	}
	p.sheet = data.LoaderOptions{Pairs: m.pairs, Parts: m.parts, Size: c.Data.SizePlan().At(0), Seed: c.Train.Seed, Workers: c.Data.Workers, Augment: c.Data.Augment}
	return p
}

// drawInputs draws what the net is given, once.
func (p *trainPage) drawInputs() error {
	if p.inputs.Alt != "" || len(p.sheet.Pairs) == 0 {
		return nil
	}
	p.inputs.Alt = "The first pictures of the first epoch, cropped and varied, and beside each the same with its mask in red"
	n := min(pageInputs, len(p.sheet.Pairs))
	var sheet *image.RGBA
	var err error
	if p.given != nil {
		sheet, p.given = p.given.Sheet(n), nil
	} else {
		sheet, err = data.Preview(context.Background(), p.sheet, 0, n)
	}
	if err == nil {
		p.inputs.Picture, err = page.Photo(sheet, 2*pageInput)
	}
	return err
}

// take keeps what the net is given first, where that is enough for the page, so that it
// need not be read again.
func (p *trainPage) take(b *data.Batch) {
	n := min(pageInputs, len(p.sheet.Pairs))
	if b.Epoch == 0 && b.Index == 0 && b.N >= n && b.Size == p.sheet.Size && !p.asked {
		p.given = b.First(n)
	}
}

// keep takes the pictures of a validation and has them drawn while the net is saved.
func (p *trainPage) keep(v eval.Validation) {
	if p == nil || v.Gallery.Empty() {
		return
	}
	p.wait()
	_ = p.drawPictures() // of a validation before, which no page showed
	p.drawn = make(chan error, 1)
	go func() {
		var err error
		p.best, p.worst, err = v.Gallery.Draw(context.Background(), p.job.threads)
		p.drawn <- err
	}()
}

// drawPictures waits until the pictures of the last validation are drawn.
func (p *trainPage) drawPictures() error {
	if p.drawn == nil {
		return nil
	}
	err := <-p.drawn
	p.drawn = nil
	return err
}

// watch passes a run's progress on and writes the page after every validation, and
// of runs without validation after every epoch.
func (p *trainPage) watch(next func(train.Progress)) func(train.Progress) {
	if p == nil {
		return next
	}
	return func(at train.Progress) {
		next(at)
		begins := at.Epoch > p.epoch && (p.epoch < 0 || !p.validates)
		p.at = at
		if at.Score != nil && (at.Best || at.Step == 0) {
			p.wait()
			p.kept, p.keptStep = at.Score, at.Step
		}
		if at.Step < at.Steps && (at.Score != nil || begins) { // after the last step, end does it
			p.epoch = at.Epoch
			p.write(page.Verdict{Pass: true, Word: "RUNNING", Text: fmt.Sprintf("Epoch %d of %d, step %d of %d.", at.Epoch+1, at.Epochs, at.Step, at.Steps)}, pageRefresh)
		}
	}
}

// end writes the page of a run that has ended, and waits for it.
func (p *trainPage) end(res train.Result, err error, lines []string) {
	if p == nil {
		return
	}
	p.wait()
	defer p.wait()
	if res.Best != nil {
		p.kept, p.keptStep = res.Best, res.BestStep
	}
	v := page.Verdict{Pass: true, Word: "DONE", Text: fmt.Sprintf("Done: %d steps.", res.Step)}
	switch {
	case errors.Is(err, context.Canceled):
		v = page.Verdict{Word: "STOPPED", Text: fmt.Sprintf("Stopped after step %d of %d; the state is saved.", p.at.Step, p.at.Steps)}
	case err != nil:
		v = page.Verdict{Word: "FAILED", Text: err.Error()}
	case res.Early != "":
		v.Text = fmt.Sprintf("Ended early, after step %d: %s.", res.Step, res.Early)
	}
	for _, line := range lines {
		v.Checks = append(v.Checks, page.Check{Pass: !isBadNews(line), Text: line})
	}
	p.write(v, 0)
}

// write begins to write the page, once the one before is written.
func (p *trainPage) write(v page.Verdict, refresh int) {
	p.wait()
	written := make(chan struct{})
	p.asked, p.written = true, written
	go func() {
		defer close(written)
		p.put(v, refresh)
	}()
}

// wait waits until the page is written that is being written.
func (p *trainPage) wait() {
	if p.written != nil {
		<-p.written
		p.written = nil
	}
}

// put writes the page; that it cannot be written is told once and ends no run.
func (p *trainPage) put(v page.Verdict, refresh int) {
	path := filepath.Join(p.job.out, "report.html")
	err := errors.Join(p.drawPictures(), p.drawInputs())
	lines, failed := train.ReadMetrics(filepath.Join(p.job.out, "metrics.jsonl"))
	if failed == nil {
		failed = page.Refresh(path, p.page(v, refresh, lines))
	}
	if err = errors.Join(err, failed); err != nil && !p.failed && p.job.show != nil {
		p.failed = true
		p.job.show.steps.say("warning: the page of the run cannot be written: " + err.Error())
	}
}
