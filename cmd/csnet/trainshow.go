package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"csnet/train"
)

// trainDisplay is what a person sees of a run: a line of progress, above it a
// line per validation.
type trainDisplay struct {
	io    streams
	steps *progress
	val   *progress // while a validation runs

	base   *train.Baselines // to compare scores with; nil: none
	from   bool             // the run starts from a trained net
	warned bool             // that it makes the net worse

	loss  float64 // the sum over the steps since the last validation
	since int     // these steps
}

// step shows a step or the score of a validation.
func (d *trainDisplay) step(p train.Progress) {
	if p.Score == nil {
		d.loss, d.since = d.loss+p.Loss, d.since+1
		d.steps.at(p.Step, p.Steps, fmt.Sprintf("epoch %d/%d", p.Epoch+1, p.Epochs), fmt.Sprintf("loss %.4f", p.Loss), fmt.Sprintf("lr %.1e", p.LR))
		return
	}
	d.steps.say(scoreLine(p, d.ran(), d.base))
	if d.from && !d.warned && p.Start != nil && worse(*p.Score, *p.Start) {
		d.warned = true
		d.steps.say("warning: validation is worse than before the first step: the rate may be too high (optim.lr)")
	}
}

// ran says how long the command has trained, and the mean loss of the steps since the
// last validation; empty before the first step.
func (d *trainDisplay) ran() string {
	if d.since == 0 {
		return ""
	}
	line := fmt.Sprintf("  %s  loss %.4f", inWords(d.steps.clock()), d.loss/float64(d.since))
	d.loss, d.since = 0, 0
	return line
}

// validating shows how far a validation is, in the place of the steps.
func (d *trainDisplay) validating(done, total int) {
	if d.val == nil {
		d.steps.done()
		d.val = newProgress(d.io, "validate", "images", 0, total)
	}
	d.val.of(done, total)
}

// validated ends that.
func (d *trainDisplay) validated() {
	if d.val != nil {
		d.val.done()
		d.val = nil
	}
}

// train runs the loop with its display and its page.
func (j *trainJob) train(ctx context.Context, m *material, o train.Options, io streams) error {
	err := j.alone(func() error { j.page = j.startPage(m); return nil })
	if err != nil {
		return err
	}
	done := 0
	if j.resume != nil {
		done = j.resume.Step
	}
	j.show = &trainDisplay{io: io, steps: newProgress(io, "train", "steps", done, -1), base: o.Baselines, from: j.from}
	defer j.show.steps.done()
	o.Progress, o.Examine = j.stepped(j.page.watch(j.show.step)), j.examine
	defer j.spare.drop()
	if j.page != nil {
		o.Given = j.page.take
	}
	collectAsUsual()
	res, err := train.Run(ctx, o)
	j.show.steps.done()
	j.page.end(res, err, verdict(res, o.Baselines, j.conf.Train.Best, j.from))
	switch {
	case errors.Is(err, context.Canceled) && j.quiet:
		return err
	case errors.Is(err, context.Canceled):
		io.next("stopped; the state is saved. To go on", "csnet", "train", "--resume", "--out", j.out)
		return err
	case err != nil:
		return err
	}
	j.finished(res, verdict(res, o.Baselines, j.conf.Train.Best, j.from), io)
	return nil
}

// finished says how a run ended and what to do with its net, whose path goes to
// stdout.
func (j *trainJob) finished(res train.Result, lines []string, io streams) {
	if res.Early != "" {
		io.tell("ended early: %s", res.Early)
	}
	if j.quiet {
		return
	}
	for _, line := range lines {
		io.tell("%s", line)
	}
	io.tell("done: %s", counted(res.Step, "step"))
	fmt.Fprintln(io.out, res.BestPath)
	io.next("To see what it finds on photos", "csnet", "predict", "-c", res.BestPath, "--out", "maps", "PHOTOS")
	if j.conf.DWD.Mode != "none" && len(j.conf.Prune.Milestones) == 0 {
		io.next("To strip the channels that it does not need (from the last step, where the decay has gone furthest)", "csnet", "prune", "-c", res.LastPath, "--ratio", "0.4", "--out", filepath.Join(j.out, "pruned.safetensors"))
	}
}
