package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"csnet/internal/predict"
	"csnet/internal/saliency"
	"csnet/internal/shard"
	"csnet/internal/wholefile"
)

// predictRun is one call of csnet predict.
type predictRun struct {
	o     predictOptions
	io    streams
	part  shard.Part
	net   *evalNet
	path  string // of the net
	names predict.Names
	opts  predict.Options
}

// files does files and folders.
func (r *predictRun) files(ctx context.Context, inputs []string) error {
	plan, err := predict.MakePlan(inputs, r.names)
	if err != nil {
		return usageError{err}
	}
	if !r.part.Whole() {
		all := len(plan.Jobs)
		plan.Jobs = shard.Of(r.part, plan.Jobs)
		r.io.tell("shard %s: %d of %d photos", r.part, len(plan.Jobs), all)
	}
	if r.o.SkipExisting {
		plan.SkipDone()
	}
	if left := plan.Skipped.String(); left != "" {
		r.io.tell("%s to do; %s", counted(len(plan.Jobs), "photo"), left)
	}
	if len(plan.Jobs) == 0 {
		return nil
	}
	if err := r.mayWrite(r.guard(), plan.Jobs); err != nil {
		return err
	}
	show := newProgress(r.io, "predict", "photos", 0, len(plan.Jobs))
	// Photos side by side first; threads left over work on one photo together.
	r.opts.NewNet = r.net.predictor(max(r.opts.Threads/len(plan.Jobs), 1))
	r.opts.Progress = show.of
	r.opts.Done = r.line
	unsynced := ""
	r.opts.Unsynced = func(path string) { unsynced = path }
	bad, err := predict.Run(ctx, plan.Jobs, r.opts)
	show.done()
	if unsynced != "" {
		tellUnsynced(r.io, unsynced)
	}
	if err != nil {
		return err
	}
	if len(bad) == 1 && len(plan.Jobs) == 1 {
		return bad[0]
	}
	for _, b := range bad {
		r.io.tell("%v", b)
	}
	r.told(plan.Jobs, len(bad))
	if len(bad) > 0 {
		return fmt.Errorf("%d of %d photos could not be done", len(bad), len(plan.Jobs))
	}
	return nil
}

// told says what was written.
func (r *predictRun) told(jobs []predict.Job, bad int) {
	switch forms := len(r.opts.Style.Forms); {
	case len(jobs) == 1 && bad == 0:
		for _, t := range jobs[0].Targets {
			r.io.tell("written to %s", t)
		}
	case forms == 1 && r.opts.Style.Forms[0] == predict.Map:
		r.io.tell("%s written", counted(len(jobs)-bad, "map"))
	default:
		r.io.tell("%s done, %s written", counted(len(jobs)-bad, "photo"), counted(forms*(len(jobs)-bad), "file"))
	}
}

// photoLine is what --json says of a photo. Places are in pixels of the map.
type photoLine struct {
	Photo     string     `json:"photo"`
	Files     []string   `json:"files,omitempty"`
	Width     int        `json:"width,omitempty"`
	Height    int        `json:"height,omitempty"`
	Mean      float64    `json:"mean"`
	Area      float64    `json:"area"`
	Box       *[4]int    `json:"box"` // x, y, width, height; null when nothing is above the threshold
	Centre    [2]float64 `json:"centre"`
	Threshold float64    `json:"threshold"`
	Error     string     `json:"error,omitempty"`
}

// line prints what a program that reads standard output wants of a photo: with --json its
// line, else the paths of its results, which on a terminal would flood the screen.
func (r *predictRun) line(j predict.Job, p predict.Product, err error) {
	if !r.o.JSON {
		if _, terminal := columns(r.io.out); terminal || err != nil {
			return
		}
		for _, t := range j.Targets {
			fmt.Fprintln(r.io.out, t)
		}
		return
	}
	l := photoLine{Photo: j.Photo, Files: j.Targets, Width: p.W, Height: p.H, Mean: p.Facts.Mean, Area: p.Facts.Area,
		Centre: [2]float64{p.Facts.CentreX, p.Facts.CentreY}, Threshold: float64(p.Facts.Threshold) / 255}
	if b := p.Facts.Box; !b.Empty() {
		l.Box = &[4]int{b.Min.X, b.Min.Y, b.Dx(), b.Dy()}
	}
	if err != nil {
		l.Files, l.Error = nil, err.Error()
	}
	raw, _ := json.Marshal(l)
	fmt.Fprintln(r.io.out, string(raw))
}

// watch does what comes into a folder until ctx ends.
func (r *predictRun) watch(ctx context.Context) error {
	r.names.Beside = true
	r.opts.NewNet = r.net.predictor(r.opts.Threads)
	done, bad := 0, 0
	r.opts.MayWrite = r.mayWriteWatched
	r.opts.Done = func(j predict.Job, p predict.Product, err error) {
		r.line(j, p, err)
		if err != nil {
			bad++
			r.io.tell("%s: %v", j.Photo, err)
			return
		}
		done++
		r.io.tell("%s", j.Targets[0])
	}
	r.opts.Unsynced = func(path string) { tellUnsynced(r.io, path) }
	r.io.tell("watching %s until Ctrl-C", r.o.Watch)
	if err := predict.Watch(ctx, r.o.Watch, r.names, r.opts); err != nil {
		return fmt.Errorf("--watch %s: %w", r.o.Watch, err)
	}
	r.io.tell("stopped; %d photos done, %d could not be", done, bad)
	return nil
}

// mayWriteWatched decides whether the results of a photo that came may be written. The
// user's files below the watched folder are photos that are read or wait to be.
func (r *predictRun) mayWriteWatched(j predict.Job) error {
	g := r.guard()
	root, err := filepath.EvalSymlinks(r.o.Watch)
	if err != nil {
		return err
	}
	for _, t := range j.Targets {
		if rel, err := filepath.Rel(root, t); err == nil && filepath.IsLocal(rel) && !predict.Ours(t) {
			g.Reads("a file of --watch", t)
		}
	}
	return r.mayWrite(g, []predict.Job{j})
}

// pipe does one photo whose place or whose result's place is a standard stream.
func (r *predictRun) pipe(in string) error {
	job, err := r.piped(in)
	if err != nil {
		return err
	}
	content, err := readInput(in)
	if err != nil {
		return err
	}
	net, err := r.net.predictor(r.opts.Threads)()
	if err != nil {
		return err
	}
	m := predict.NewMaker(saliency.Net(net), r.opts.Size, r.opts.Style)
	defer func() { _ = m.Close() }()
	p, err := m.Make(content)
	if err != nil {
		return fmt.Errorf("%s: %w", job.Photo, err)
	}
	if len(job.Targets) == 0 {
		_, err := r.io.out.Write(p.Files[0])
		return err
	}
	for i, t := range job.Targets {
		if err := os.MkdirAll(filepath.Dir(t), 0o755); err != nil {
			return err
		}
		if err := wholefile.Bytes(t, p.Files[i]); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	sayUnsynced(r.io, job.Targets...)
	r.line(job, p, nil)
	r.told([]predict.Job{job}, 0)
	return nil
}

// piped is the job of pipe, without targets where the result goes to standard output.
// Errors: a file, or standard output, that may not be written.
func (r *predictRun) piped(in string) (predict.Job, error) {
	job, g := predict.Job{Photo: in}, r.guard()
	g.Reads("the photo", in)
	if in == "-" {
		job.Photo = "standard input"
		g.ReadsOpen(job.Photo, os.Stdin)
	}
	if r.o.Out == "" || r.o.Out == "-" {
		if f, ok := stream(r.io.out).(*os.File); ok {
			return job, g.Open("standard output", f)
		}
		return job, nil
	}
	for _, f := range r.opts.Style.Forms {
		job.Targets = append(job.Targets, r.names.Target("stdin.png", f))
	}
	return job, r.mayWrite(g, []predict.Job{job})
}

// readInput reads a photo file, or standard input.
func readInput(in string) ([]byte, error) {
	var from io.Reader = os.Stdin
	if in != "-" {
		f, err := os.Open(in)
		if err != nil {
			return nil, usageError{err}
		}
		defer f.Close()
		from = f
	}
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(from, predict.MaxFileBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", in, err)
	case n > predict.MaxFileBytes:
		return nil, fmt.Errorf("%s: has more than %d bytes", in, predict.MaxFileBytes)
	case n == 0:
		return nil, fmt.Errorf("%s: is empty", in)
	}
	return b.Bytes(), nil
}
