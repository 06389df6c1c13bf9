package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"csnet/checkpoint"
	"csnet/eval"
	"csnet/internal/config"
	"csnet/internal/synth"
	"csnet/metrics"
	"csnet/prune"
)

// quickstartConfig is the recipe of csnet quickstart.
//
//go:embed quickstart.yaml
var quickstartConfig []byte

// The drawn set: one to train on, one held back.
const (
	quickSide     = 96
	quickTrain    = 640
	quickTest     = 80
	quickSeed     = 1
	quickTestSeed = 2 // other pictures than the training set's
	quickMarker   = ".csnet-quickstart"
)

// quickstartOptions are the flags of csnet quickstart.
type quickstartOptions struct {
	Out     string
	Budget  time.Duration
	Threads int
	Verbose bool

	toTrain, heldBack int // pictures to draw
}

func newQuickstartCommand(io streams) *cobra.Command {
	o := quickstartOptions{toTrain: quickTrain, heldBack: quickTest}
	c := &cobra.Command{
		Use:   "quickstart",
		Short: "Train, prune, tune and score on drawn pictures",
		Long: `Needs no data: draws a synthetic saliency set, trains a small net on it with
dynamic weight decay, prunes it to half its parameters, fine-tunes and evaluates
it on held-back pictures against fixed baselines, and writes OUT/report.html.
Exits 1 when the result is no good.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runQuickstart(cmd.Context(), o, io) },
	}
	c.Flags().StringVar(&o.Out, "out", "quickstart", "folder to write; an earlier quickstart in it is replaced")
	c.Flags().DurationVar(&o.Budget, "budget", 90*time.Second, "time for both trainings; fewer steps on slow machines")
	c.Flags().IntVar(&o.Threads, "threads", 0, "threads; 0 = one per core")
	c.Flags().BoolVar(&o.Verbose, "verbose", false, "channels, parameters and MACs of every layer")
	return c
}

// quickstart is one run of the command.
type quickstart struct {
	quickstartOptions
	io      streams
	threads int
	steps   [2]int // of training and fine-tuning
	began   time.Time

	trained, pruned, tuned string // checkpoints
	pruning                prune.Report
	scores                 *eval.Report
}

func runQuickstart(ctx context.Context, o quickstartOptions, io streams) error {
	q := &quickstart{quickstartOptions: o, io: io, began: time.Now()}
	if o.Budget < time.Second {
		return usagef("--budget is %v, must be at least 1s", o.Budget)
	}
	var err error
	if q.threads, err = threadCount(o.Threads); err != nil {
		return err
	}
	if err := q.prepare(); err != nil {
		return err
	}
	for _, part := range []struct {
		title string
		f     func(context.Context) error
	}{
		{"Drawing pictures", q.draw},
		{"Training", q.train},
		{"Pruning", q.prune},
		{"Fine-tuning", q.tune},
		{"Evaluating on held-back pictures", q.evaluate},
	} {
		fmt.Fprintf(io.err, "\n== %s\n", part.title)
		if err := part.f(ctx); err != nil {
			return err
		}
	}
	verdict := q.verdict()
	path, err := q.write(verdict)
	if err != nil {
		return err
	}
	fmt.Fprint(io.out, "\n", q.scores.Table(q.io.width()), "\n")
	text := io.text()
	fmt.Fprint(text, "pruned: right after half of the parameters were cut off, before fine-tuning\n\n")
	for _, c := range verdict.Checks {
		mark := "ok  "
		if !c.Pass {
			mark = "FAIL"
		}
		fmt.Fprintf(text, "%s %s\n", mark, c.Text)
	}
	fmt.Fprintf(text, "\nDone in %s. Open %s in a browser.\n", inWords(time.Since(q.began)), path)
	io.tell("\nThis net has seen drawings only; for photos there is another one in the program.")
	io.next("To see what stands out in a photo", "csnet", "predict", "photo.jpg")
	io.next("To train on photos and masks of your own", "csnet", "train", "--config", "own-photos", "--from", "embedded", "--data", "DIR")
	if !verdict.Pass {
		return errors.New("quickstart: the result is no good, see above")
	}
	return nil
}

// prepare empties the folder of an earlier quickstart, and nothing else.
func (q *quickstart) prepare() error {
	entries, err := os.ReadDir(q.Out)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
	case err != nil:
		return err
	default:
		if _, err := os.Stat(filepath.Join(q.Out, quickMarker)); err != nil {
			return usagef("--out %s holds files that are no earlier quickstart: choose another folder", q.Out)
		}
		if err := os.RemoveAll(q.Out); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(q.Out, 0o755); err != nil {
		return err
	}
	sayUnsynced(q.io, q.Out)
	return writeFile(filepath.Join(q.Out, quickMarker), []byte("made by csnet quickstart, which replaces this folder\n"))
}

func (q *quickstart) path(parts ...string) string {
	return filepath.Join(append([]string{q.Out}, parts...)...)
}

func (q *quickstart) draw(ctx context.Context) error {
	all := q.toTrain + q.heldBack
	show := newProgress(q.io, "draw", "pictures", 0, all)
	defer show.done()
	err := synth.Write(ctx, q.path("data", "train"), quickSeed, q.toTrain, quickSide, func(done, _ int) { show.of(done, all) })
	if err != nil {
		return err
	}
	return synth.Write(ctx, q.path("data", "test"), quickTestSeed, q.heldBack, quickSide, func(done, _ int) { show.of(q.toTrain+done, all) })
}

// job is a training run of the quickstart's config.
func (q *quickstart) job(name string, sets ...string) (*trainJob, error) {
	conf, err := config.LoadBytes("quickstart.yaml", quickstartConfig, sets)
	if err != nil {
		return nil, err
	}
	conf.Data.Dir, conf.Out, conf.Threads = q.path("data", "train"), q.path(name), q.threads
	j := &trainJob{conf: conf, out: conf.Out, threads: q.threads, quiet: true}
	if j.spec, err = conf.Spec(); err != nil {
		return nil, err
	}
	j.params, err = j.spec.NewParams(conf.Train.Seed)
	return j, err
}

func (q *quickstart) train(ctx context.Context) error {
	j, err := q.job("train")
	if err != nil {
		return err
	}
	if q.steps, err = j.plan(q.Budget); err != nil {
		return err
	}
	if q.steps[0] < quickSteps {
		q.io.tell("only %d of %d steps, and fine-tuning cut alike: all of them would take longer than %s here, as busy as the machine is now (--budget gives more)", q.steps[0], quickSteps, inWords(q.Budget))
	}
	j.conf.Train.Steps = q.steps[0]
	q.trained = filepath.Join(j.out, "checkpoints", "last.safetensors")
	return j.run(ctx, q.io)
}

// prune keeps at most half of the parameters.
func (q *quickstart) prune(context.Context) error {
	c, err := checkpoint.Load(q.trained)
	if err != nil {
		return err
	}
	half := c.Spec.ParamCount() / 2
	report, pruned, err := pruneNet(c, prune.Options{TargetParams: &half, MinChannels: 1, Fold: prune.FoldInterior})
	if err != nil {
		return err
	}
	q.pruning = report
	q.pruned = q.path("pruned.safetensors")
	if err := checkpoint.Save(q.pruned, pruned); err != nil {
		return err
	}
	if q.Verbose {
		if err := report.Details(q.io.err, q.io.width()); err != nil {
			return err
		}
	}
	return report.Summary(folded(q.io.err))
}

func (q *quickstart) tune(ctx context.Context) error {
	j, err := q.job("finetune", fmt.Sprintf("train.steps=%d", q.steps[1]), "dwd.mode=none", "optim.l2=1e-4")
	if err != nil {
		return err
	}
	c, err := checkpoint.Load(q.pruned)
	if err != nil {
		return err
	}
	j.spec, j.params = c.Spec, c.Params
	q.tuned = filepath.Join(j.out, "checkpoints", "last.safetensors")
	return j.run(ctx, q.io)
}

// evaluate scores all three nets and the baselines on the held-back pictures
// and keeps the maps.
func (q *quickstart) evaluate(ctx context.Context) error {
	var ms []eval.Method
	for _, m := range []struct{ name, path string }{{"trained", q.trained}, {"pruned", q.pruned}, {"fine-tuned", q.tuned}} {
		n, err := loadEvalNet(m.path, 0)
		if err != nil {
			return err
		}
		ms = append(ms, eval.Method{Name: m.name, NewNet: n.predictor(1), Size: n.size, Checkpoint: m.path})
	}
	show := newProgress(q.io, "eval", "images", 0, -1)
	defer show.done()
	var err error
	q.scores, err = eval.Run(ctx, eval.Options{
		Methods: append(ms, eval.Baselines()...), Sets: []eval.Set{{Name: "drawn", Dir: q.path("data", "test")}},
		Protocol: metrics.SalMetric, Threads: q.threads, SaveMaps: q.path("maps"), Progress: show.of,
	})
	if err != nil {
		return err
	}
	return q.scores.Err()
}

// score returns a method's scores on the held-back pictures.
func (q *quickstart) score(name string) metrics.SalMetricScores {
	for _, m := range q.scores.Methods {
		if m.Name == name {
			return *m.Sets[0].Result.Scores.SalMetric
		}
	}
	return metrics.SalMetricScores{}
}
