package eval

import (
	"context"
	"errors"
	"fmt"

	"csnet/internal/imagefile"
	"csnet/internal/parallel"
	"csnet/metrics"
)

// Run scores every method on every set. Bad files do not stop it: they are
// listed in the report, the rest is scored, and Report.Err tells. It fails
// where nothing sensible can be scored: wrong options, no data, duplicate
// stems, ambiguous names, a net that fails, maps that cannot be saved, a set
// in which no image could be scored, a cancelled ctx.
//
// The digits do not depend on the number of threads.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.verify(); err != nil {
		return nil, err
	}
	tasks, err := plan(ctx, &o)
	if err != nil {
		return nil, err
	}
	if err := o.guard(tasks); err != nil {
		return nil, err
	}
	count := newCounter(&o, tasks)
	scores := make([]methodScores, len(o.Methods))
	for i := range o.Methods {
		if scores[i], err = scoreMethod(ctx, &o, &o.Methods[i], tasks[i], count); err != nil {
			return nil, err
		}
	}
	return newReport(ctx, &o, tasks, scores)
}

// newReport makes a report of what was scored.
func newReport(ctx context.Context, o *Options, tasks [][]*task, scores []methodScores) (*Report, error) {
	r := &Report{Protocol: o.Protocol}
	known := make(map[string]string)
	for i := range o.Methods {
		m, err := methodReport(ctx, o, &o.Methods[i], tasks[i], &scores[i], known)
		if err != nil {
			return nil, err
		}
		r.Methods = append(r.Methods, m)
	}
	if o.Report {
		if err := r.addSamples(ctx, o, tasks); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// plan finds all files before any work: tasks by method, then set.
func plan(ctx context.Context, o *Options) ([][]*task, error) {
	photos := false
	for _, m := range o.Methods {
		photos = photos || m.NewNet != nil
	}
	found := make([]*files, len(o.Sets))
	for i, s := range o.Sets {
		var err error
		if found[i], err = findFiles(o, s, photos); err != nil {
			return nil, err
		}
		if err := found[i].inspect(ctx, o); err != nil {
			return nil, err
		}
	}
	tasks := make([][]*task, len(o.Methods))
	for i := range o.Methods {
		for _, f := range found {
			t, err := newTask(o, &o.Methods[i], f)
			if err != nil {
				return nil, err
			}
			if len(t.items) == 0 {
				return nil, fmt.Errorf("eval: method %s, set %s: nothing to score", o.Methods[i].Name, f.set.Name)
			}
			tasks[i] = append(tasks[i], t)
		}
	}
	return tasks, nil
}

// counter reports progress over all tasks.
type counter struct {
	done, total int // done: in the tasks before the one at work
	report      func(done, total int)
}

func newCounter(o *Options, tasks [][]*task) *counter {
	c := &counter{report: o.Progress}
	for _, row := range tasks {
		for _, t := range row {
			c.total += len(t.items)
		}
	}
	return c
}

// at reports that done items of the task at work are done.
func (c *counter) at(done, _ int) {
	if c.report != nil {
		c.report(c.done+done, c.total)
	}
}

// methodScores is what scoring a method gave.
type methodScores struct {
	sets    []setScores // in the order of its tasks
	timed   int         // images whose maps were timed
	seconds float64     // that they took
}

// setScores is what the images of a task gave: a line each, in the order of its
// items, and their sums.
type setScores struct {
	images []ImageScore
	sum    totals
}

// scoreMethod scores one method on all sets; its workers and their nets are kept
// from set to set.
func scoreMethod(ctx context.Context, o *Options, m *Method, tasks []*task, count *counter) (methodScores, error) {
	var out methodScores
	largest := 0
	for _, t := range tasks {
		largest = max(largest, len(t.items))
	}
	workers, room := make([]*worker, 0, o.Threads), imagefile.NewRoom(imagefile.RoomBytes, 0)
	defer func() {
		for _, w := range workers {
			w.close()
		}
	}()
	for range min(o.Threads, largest) {
		w, err := newWorker(o, m, room)
		if err != nil {
			return out, err
		}
		workers = append(workers, w)
	}
	for _, t := range tasks {
		s, err := scoreTask(ctx, t, workers, count)
		if err != nil {
			return out, err
		}
		if !t.part {
			if err := t.scored(&s); err != nil {
				return out, err
			}
		}
		out.sets = append(out.sets, s)
	}
	for _, w := range workers {
		out.timed += w.timed
		out.seconds += w.seconds
	}
	return out, nil
}

// methodReport is what a report says of a method. known keeps each set's digest.
func methodReport(ctx context.Context, o *Options, m *Method, tasks []*task, scores *methodScores, known map[string]string) (MethodReport, error) {
	out := MethodReport{Name: m.Name, Kind: m.kind(), Size: m.Size, Params: m.Params, MACs: m.MACs, Timed: scores.timed, Seconds: scores.seconds}
	if o.Report && m.Checkpoint != "" {
		d, err := fileDigest(m.Checkpoint)
		if err != nil {
			return out, err
		}
		out.Checkpoint = d
	}
	for i, t := range tasks {
		s := SetReport{Name: t.files.set.Name, Missing: t.missing, Surplus: t.surplus, Names: t.affix, Read: t.files.notes(), Masks: t.files.looked.Masks}
		s.PerImage = scores.sets[i].images
		scores.sets[i].sum.into(&s)
		if o.Report {
			var err error
			if s.Data, err = t.digest(ctx, known); err != nil {
				return out, err
			}
		}
		out.Sets = append(out.Sets, s)
	}
	return out, nil
}

func (m *Method) kind() string {
	switch {
	case m.NewNet != nil:
		return "checkpoint"
	case m.Maps != "":
		return "maps"
	}
	return "baseline"
}

// scoreTask spreads a task's images over the workers. Sums are exact, scores are
// kept by index, so the order in which workers come does not show.
func scoreTask(ctx context.Context, t *task, workers []*worker, count *counter) (setScores, error) {
	s := setScores{images: make([]ImageScore, len(t.items))}
	sums := make([]totals, len(workers))
	err := parallel.Each(ctx, len(workers), len(t.items), count.at, func(k, i int) error {
		return scoreItem(workers[k], t, i, s.images, &sums[k])
	})
	for _, w := range workers {
		err = errors.Join(err, w.writer.flush())
	}
	if err != nil {
		return s, err
	}
	count.done += len(t.items)
	for k := range sums {
		s.sum.merge(&sums[k])
	}
	return s, nil
}

// scored refuses a set of which no image could be scored.
func (t *task) scored(s *setScores) error {
	if s.sum.all.Images() > 0 {
		return nil
	}
	return fmt.Errorf("eval: method %s, set %s: not one of %d images could be scored; first: %w",
		t.method.Name, t.files.set.Name, len(s.images), s.images[0].Err)
}

// totals adds up what a set's images give.
type totals struct {
	all      metrics.Aggregate
	objects  metrics.Aggregate // of masks with foreground
	gaussian metrics.Aggregate // of a centred Gaussian on the same masks, where it is asked for
}

func (t *totals) merge(o *totals) {
	t.all.Merge(&o.all)
	t.objects.Merge(&o.objects)
	t.gaussian.Merge(&o.gaussian)
}

// into writes the means into a report.
func (t *totals) into(s *SetReport) {
	s.Result = t.all.Result()
	if r := t.objects.Result(); r.Images < s.Result.Images {
		s.Objects = &r
	}
	if r := t.gaussian.Result(); r.Images > 0 {
		s.Gaussian = &r
	}
}

// scoreItem scores image i. A bad file is noted and is no error.
func scoreItem(w *worker, t *task, i int, out []ImageScore, sum *totals) error {
	out[i].Stem = t.items[i].stem
	defer w.hold(t.items[i])()
	err := w.score(t, t.items[i])
	var bad *badFile
	switch {
	case errors.As(err, &bad):
		out[i].File, out[i].Err = bad.path, bad.err
		return nil
	case err != nil:
		return err
	}
	sum.all.Add(&w.image)
	if w.image.Foreground > 0 {
		sum.objects.Add(&w.image)
	}
	out[i].Scores, out[i].NoSm, out[i].Fit = w.image.Scores(), w.image.NoSm, w.fit
	if !t.compare {
		return nil
	}
	if err := w.baseline(); err != nil {
		return err
	}
	sum.gaussian.Add(&w.image)
	return nil
}
