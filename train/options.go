package train

import (
	"context"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/internal/dist"
	"csnet/model"
	"csnet/optim"
)

// Options is all that a run is made of.
type Options struct {
	Config
	Optim      optim.Config
	DWD        optim.DWD
	Spec       model.Spec
	Params     *model.Params          // start; trained in place
	Trained    bool                   // Params came from a trained net: this is fine-tuning
	Resume     *checkpoint.Checkpoint // go on from here; nil starts at step 0
	Loader     *data.Loader
	Sizes      data.SizePlan // sides of the input, pixels
	OwnSize    bool          // pictures come in their own size; Sizes is that of validation
	Threads    int
	Dir        string // of the run: metrics.jsonl, checkpoints/
	ConfigYAML string // resolved config, into the checkpoints
	Manifest   string // of the data, into the checkpoints
	Build      string // of csnet, into the checkpoints

	// Pictures says which pictures the Loader gives, ValPictures which Validate
	// scores (nil: none): both into the checkpoints.
	Pictures    checkpoint.Pictures
	ValPictures *checkpoint.Pictures

	// Validate scores params after every epoch, which trained at this size; nil:
	// best = last. Scores of one size are not compared with those of another: the
	// best is the best at the size that the run is at. An error that is ErrNotFinite
	// says that the net has diverged.
	Validate func(ctx context.Context, p *model.Params, size int) (Score, error)
	// Samples draws pictures with what the net makes of them for the event file, after
	// every epoch, where train.tensorboard is on; nil: none.
	Samples func(p *model.Params) ([]Sample, error)
	// Start is what the net scores before its first step, at the first of Sizes, for
	// what comes after to be compared with; nil: not known.
	Start *Score
	// Baselines are what Validate would give maps that do not look at the photo; nil:
	// not known.
	Baselines *Baselines
	// PrunedCost counts what pruning would leave.
	PrunedCost func(p *model.Params) (Left, error)
	// LeftAt counts what pruning by several ratios would leave; nil: it is not logged.
	LeftAt func(p *model.Params) ([]AtRatio, error)
	// Shrinking makes the net smaller while it trains; the zero value never does.
	Shrinking Shrinking
	// Teacher is what the run learns from beside the masks, where train.distill is
	// above 0.
	Teacher Teacher
	// Seconds is the time since the run began: for the log, train.save_interval and
	// train.max_time.
	Seconds func() float64
	// Began is the wall clock time at Seconds 0, in seconds since 1970: for the event
	// file alone.
	Began float64
	// Progress is told of every step and validation; nil: nobody.
	Progress func(Progress)
	// Examine gives the logits (h, w) of a picture x (3, h, w) by params as predictions are
	// made, valid until the next call; nil: a net is made for that alone.
	Examine func(p *model.Params, x []float32, h, w int) ([]float32, error)
	// Given is told of every batch before its step, as the loader gives it; it must not
	// keep it. nil: nobody.
	Given func(*data.Batch)
	// Group is of the ranks that train together, each with equal options but for the
	// Loader, which gives a rank its share of every batch (data.LoaderOptions.From),
	// and for what rank 0 alone needs: it alone writes files. Validate is called by all
	// of them and must give all the same. nil: this process trains alone.
	Group *dist.Group

	ahead *ahead // nil: nothing is built before Run
}

// Left is what pruning would leave of a net.
type Left struct {
	Params, MACs int
	Channels     []int // per octave, finest first
}

// Progress is where a run stands.
type Progress struct {
	Step, Steps, Epoch, Epochs int
	Loss, LR                   float64
	Score                      *Score // after a validation
	Best                       bool   // the score is the best so far
	Start                      *Score // before the first step, at the size of Score; nil if not known
}

// Result is how a run ended.
type Result struct {
	Step               int
	Loss               float64 // of the last step
	Best               *Score  // nil without validation
	BestStep           int     // of Best
	Start              *Score  // before the first step, at the size of Best; nil if not known
	LastPath, BestPath string  // checkpoints
	Early              string  // why the run ended before its last step; empty when it did not
}
