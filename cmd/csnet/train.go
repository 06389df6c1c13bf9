package main

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"csnet/checkpoint"
	"csnet/checkpoint/embedded"
	"csnet/data"
	"csnet/graph"
	"csnet/internal/config"
	"csnet/internal/dist"
	"csnet/model"
	"csnet/train"
)

// trainOptions are the flags of csnet train.
type trainOptions struct {
	Config, Val, From, Out   string
	Backbone                 string
	Data                     []string
	Teacher, CPU             string
	Mask, Exif               string
	Images, Masks, MaskNames string
	Resume, SkipBad          bool
	Set                      []string
	Threads                  int
	Seed                     uint64
	seedGiven, Overwrite     bool
	command                  string // as it was given
	dist                     distFlags
}

func newTrainCommand(io streams) *cobra.Command {
	var o trainOptions
	c := &cobra.Command{
		Use:   "train --config F [--data DIR]",
		Short: "Train a net on photos and masks",
		Long: `Trains the net of a config and writes OUT/checkpoints/{last,best}.safetensors,
OUT/metrics.jsonl, OUT/config.yaml (resolved) and OUT/report.html, a page of the
run that is written anew after every validation. OUT is by default runs/<config
name>. Ctrl-C saves the state and exits with 130; --resume goes on from there to
the same bits.

--from F starts from F's channels and weights with a fresh optimizer: this is
fine-tuning, also of pruned nets.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.seedGiven, o.command = cmd.Flags().Changed("seed"), commandLine(cmd, args)
			return runTrain(cmd.Context(), o, io)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Config, "config", "", "config file")
	f.StringArrayVar(&o.Data, "data", nil, "training set, DIR or DIR:SHARE, a folder of photos and masks; repeatable: sets are mixed (default: the config's data.dir and data.more)")
	f.StringVar(&o.Val, "val", "", "validation set (default: a share of the training set)")
	f.StringVar(&o.From, "from", "", "checkpoint to start from, at step 0; `embedded` is the model in the program")
	f.StringVar(&o.Backbone, "backbone", "", "file of PyTorch or safetensors whose weights the backbone starts from, with net.kind csf (default: random weights, with norms that learn)")
	f.StringVar(&o.Teacher, "teacher", "", "checkpoint whose maps are part of the targets, with train.distill")
	f.BoolVar(&o.Resume, "resume", false, "go on from OUT/checkpoints/last.safetensors")
	f.StringVar(&o.Out, "out", "", "folder of the run (default runs/<config name>)")
	f.StringVar(&o.Images, "images", "", "folder of the photos, in --data or a path (default: found by its name)")
	f.StringVar(&o.Masks, "masks", "", "folder of the masks, in --data or a path (default: found by its name)")
	f.StringVar(&o.MaskNames, "mask-names", "", "names of masks with * for the photo's, '*_mask' (default: found out)")
	f.StringVar(&o.Mask, "mask", "", "how mask files tell foreground: "+maskHelp+" (default: the config's data.mask)")
	f.Var(exifFlag(&o.Exif), "exif", exifHelp+" (default: the config's data.exif)")
	f.BoolVar(&o.SkipBad, "skip-bad", false, "leave pairs out that cannot be read")
	f.StringArrayVar(&o.Set, "set", nil, "override a config key: key=value")
	f.IntVar(&o.Threads, "threads", 0, "threads; 0 = one per core")
	f.Uint64Var(&o.Seed, "seed", 0, "seed of weights, order and augmentation (default: the config's train.seed)")
	cpuFlag(f, &o.CPU, "instructions to use at most; a run gives the same bits on the same kind alone")
	overwriteFlag(f, &o.Overwrite)
	o.dist.Dist = "none"
	f.Var(oneOf(&o.dist.Dist, "none", "mpi"), "dist", "ranks to share every batch with: those that mpirun or srun started (docs/cluster.md)")
	f.DurationVar(&o.dist.Timeout, "dist-timeout", 10*time.Minute, "how long a rank waits for the others before it gives up; 0s = for ever")
	return c
}

func runTrain(ctx context.Context, o trainOptions, io streams) error {
	ctx, stop := untilUSR1(ctx)
	defer stop()
	collectSeldom()
	if o.dist.Dist != "none" {
		return runOnRanks(ctx, o, io)
	}
	undo, err := limitCPU(o.CPU)
	if err != nil {
		return err
	}
	defer undo()
	j, err := newTrainJob(o)
	if err != nil {
		return err
	}
	return j.run(ctx, io)
}

// trainJob is a training run, ready to start.
type trainJob struct {
	conf    *config.Config
	spec    model.Spec
	params  *model.Params
	resume  *checkpoint.Checkpoint
	was     *config.Config // with resume: that of the run so far
	notes   []string       // with resume: what its person should know
	out     string
	threads int
	show    *trainDisplay // while it runs
	page    *trainPage    // likewise; nil: the run leaves none
	command string        // as it was given, for the page
	teacher *graph.Predictor
	spare   spare
	quiet   bool      // part of another command, which says what comes next
	found   *material // of an earlier run on the same data; nil: it is read

	reads     []trainInput // files given on the command line
	overwrite bool
	skipBad   bool // leave pairs out that cannot be read
	from      bool // starts from a trained net

	group *dist.Group     // of the ranks that train together; nil: none
	own   context.Context // with a group: this rank's, whose end the others are told of
}

// trainInput is a file that a flag names.
type trainInput struct{ flag, path string }

// newTrainJob reads config and checkpoints and checks that they fit.
func newTrainJob(o trainOptions) (*trainJob, error) {
	if o.Resume && o.From != "" {
		return nil, usagef("--resume and --from exclude each other")
	}
	if o.Backbone != "" && (o.Resume || o.From != "") {
		return nil, usagef("--backbone starts a run from its backbone's weights, --resume and --from from those of a whole net: leave one out")
	}
	if o.Config == "" && !(o.Resume && o.Out != "") {
		return nil, usagef("--config is missing: a file, or one of those in the program (csnet config list): own-photos for photos of your own, csnet-tiny from nothing")
	}
	j := &trainJob{out: o.Out, overwrite: o.Overwrite, skipBad: o.SkipBad, command: o.command}
	for _, in := range []trainInput{{"--config", o.Config}, {"--from", o.From}, {"--teacher", o.Teacher}, {"--backbone", o.Backbone}} {
		if in.path != "" && in.path != embedded.Name {
			j.reads = append(j.reads, in)
		}
	}
	if j.out == "" {
		j.out = filepath.Join("runs", strings.TrimSuffix(filepath.Base(o.Config), filepath.Ext(o.Config)))
	}
	var err error
	if o.Resume {
		err = j.loadResumed(o)
	} else {
		err = j.loadFresh(o)
	}
	if err != nil {
		return nil, err
	}
	if o.Threads != 0 {
		j.conf.Threads = o.Threads
	}
	if j.threads, err = threadCount(j.conf.Threads); err != nil {
		return nil, err
	}
	o.dataInto(&j.conf.Data)
	if j.was != nil {
		if err := sameConfig("the run", *j.was, "what is asked for", *j.conf); err != nil {
			return nil, err
		}
	}
	if j.conf.Data.Dir == "" {
		return nil, usagef("--data is missing (or data.dir in the config)")
	}
	if err := j.checkShrinking(); err != nil {
		return nil, err
	}
	j.conf.Out = j.out
	return j, j.loadTeacher(o.Teacher)
}

// dataInto puts what the flags say of the data into a config.
func (o trainOptions) dataInto(d *data.Config) {
	if len(o.Data) > 0 {
		d.Dir, d.More = o.Data[0], o.Data[1:]
	}
	for _, f := range []struct {
		to    *string
		given string
	}{
		{&d.Val, o.Val}, {&d.Mask, o.Mask}, {&d.Exif, o.Exif}, {&d.Images, o.Images}, {&d.Masks, o.Masks}, {&d.MaskNames, o.MaskNames},
	} {
		if f.given != "" {
			*f.to = f.given
		}
	}
	if d.Dir == "" && d.Images != "" && d.Masks != "" {
		d.Dir = "." // the folders say it all
	}
}

// loadFresh sets up a run that starts at step 0.
func (j *trainJob) loadFresh(o trainOptions) error {
	var err error
	if j.conf, err = config.Load(o.Config, o.Set); err != nil {
		return usageError{err}
	}
	if o.seedGiven {
		j.conf.Train.Seed = o.Seed
	}
	if o.Out == "" && j.conf.Out != "" {
		j.out = j.conf.Out
	}
	if err := noRunIn(j.out); err != nil {
		return err
	}
	if o.From == "" {
		if j.spec, err = j.conf.Spec(); err != nil {
			return usageError{err}
		}
		if err := j.startNorms(o.Backbone); err != nil {
			return err
		}
		if j.params, err = j.spec.NewParams(j.conf.Train.Seed); err != nil || o.Backbone == "" {
			return err
		}
		return j.fillBackbone(o.Backbone)
	}
	c, err := loadNet(o.From)
	if err != nil {
		return err
	}
	j.spec, j.params, j.from = c.Spec, c.Params, true
	j.notes = append(j.notes, c.undigested()...)
	if err := j.agrees(o, c); err != nil {
		return err
	}
	for _, s := range j.conf.Data.Size {
		if err := j.spec.CheckSize(s, s); err != nil {
			return usagef("data.size: %w", err)
		}
	}
	return nil
}

// agrees checks that a config's own net section, when there is one, describes the
// net of checkpoint c, or the one it was pruned from. One that the config only
// inherited does not count: the net is that of the checkpoint.
func (j *trainJob) agrees(o trainOptions, c storedNet) error {
	if !j.conf.NetGiven {
		return nil
	}
	spec, err := j.conf.Spec()
	if err != nil {
		return usageError{err}
	}
	if reflect.DeepEqual(spec, c.Spec) {
		return nil
	}
	stored, err := c.config()
	if err == nil {
		if was, err := stored.Spec(); err == nil && stored.NetGiven && reflect.DeepEqual(spec, was) {
			return nil
		}
	}
	return usagef("--config %s: its net section has %d parameters and differs from the net of --from %s (%d parameters) and from the one that was pruned to it: --config finetune (or own-photos, or a file without a net section) takes any net; else make it agree",
		o.Config, spec.ParamCount(), o.From, c.Spec.ParamCount())
}

// run finds the data, prepares the folder and trains.
func (j *trainJob) run(ctx context.Context, io streams) error {
	c := j.conf
	if j.teacher != nil {
		defer func() { _ = j.teacher.Close() }()
	}
	if err := j.checkBatch(); err != nil {
		return err
	}
	m, pairs, val, err := j.findPhotos(ctx, io)
	if err != nil {
		return err
	}
	if n := c.Train.Batch; len(pairs) < n {
		return fmt.Errorf("%s to train on are fewer than one batch of train.batch = %d: more pictures are needed, or a smaller batch: --set train.batch=%d", counted(len(pairs), "picture"), n, len(pairs)/2+1)
	}
	if err := j.roomForOwnSize(pairs); err != nil {
		return err
	}
	from, to := j.share()
	loader, err := data.NewLoader(data.LoaderOptions{From: from, To: to, Pairs: pairs, Parts: m.parts, Size: c.Data.SizePlan().Last(), Batch: c.Train.Batch, Seed: c.Train.Seed, Workers: c.Data.Workers, Augment: c.Data.Augment, OwnSize: c.Data.OwnSize})
	if err != nil {
		return err
	}
	io.tell("%s to train on, %d to validate on; net of %d parameters; %s; into %s", counted(len(m.pairs), "picture"), len(m.val), j.spec.ParamCount(), counted(j.threads, "thread"), j.out)
	o := j.options(loader, val)
	o.Shrinking = j.shrinking(pairs, io)
	if err := j.identify(&o, m); err != nil {
		return err
	}
	if err := j.sameOnAllRanks(&o, m); err != nil {
		return err
	}
	j.sayResumed(o, io)
	defer o.DropAhead()
	release, err := j.begin(ctx, m, val, &o, io)
	defer release()
	if err != nil {
		return err
	}
	total := c.Train.Steps
	if total == 0 {
		total = c.Train.Epochs * (loader.Steps() / c.Train.Accumulate)
	}
	if line := warmUpWarning(c, total); line != "" {
		io.tell("%s", line)
	}
	return j.train(ctx, m, o, io)
}

// findPhotos reads the sets, unless that was done before, decides whether the run may
// write where it is to, and reduces photos that are large.
func (j *trainJob) findPhotos(ctx context.Context, io streams) (m *material, pairs, val []data.Pair, err error) {
	m, err = j.materialOnce(ctx, io)
	if err := j.group.Agree(err); err != nil {
		return nil, nil, nil, err
	}
	if err := j.alone(func() error { return j.guard(m.pairs, m.val) }); err != nil {
		return nil, nil, nil, err
	}
	err = j.inTurn(func() (err error) { pairs, val, err = j.reduced(ctx, m, io); return err })
	return m, pairs, val, err
}

// checkBatch reports a batch that the net cannot learn from or that does not fit
// into memory.
func (j *trainJob) checkBatch() error {
	batch := j.conf.Train.Batch
	for _, s := range j.conf.Data.Size {
		if err := j.spec.CheckBatch(batch, s, s); err != nil && j.conf.Train.Norm != train.NormFrozen {
			return usagef("train.batch %d, data.size %d: %w", batch, s, err)
		}
		if err := roomForBatch(j.spec, "train.batch", "data.size", batch, s, j.use()); err != nil {
			return err
		}
	}
	return nil
}

// options gathers what train.Run wants.
func (j *trainJob) options(loader *data.Loader, val []data.Pair) train.Options {
	c, clock := j.conf, stopwatch()
	o := train.Options{
		Config: c.Train, Optim: c.Optim, DWD: c.DWD, Spec: j.spec, Params: j.params, Trained: j.from, Resume: j.resume,
		Loader: loader, Sizes: c.Data.SizePlan(), OwnSize: c.Data.OwnSize, Threads: j.threads, Dir: j.out, ConfigYAML: string(c.ForCheckpoint()), Build: build(),
		Seconds:    func() float64 { return clock().Seconds() },
		Began:      float64(time.Now().UnixMilli()) / 1000,
		PrunedCost: j.prunedCost, LeftAt: j.leftAt, Group: j.group,
	}
	if j.teacher != nil {
		o.Teacher = j.teacher
	}
	if len(val) > 0 {
		o.Validate = j.validator(val)
		o.Samples = j.samples(val)
	}
	return o
}
