// Package train runs the training loop.
package train

import "time"

// Config is the `train` section of a config.
type Config struct {
	Batch int `yaml:"batch"` // pictures a step
	// batches of a step: their gradients are added up and divided by their number
	Accumulate int     `yaml:"accumulate"`
	Epochs     int     `yaml:"epochs"`     // passes over the training set
	Steps      int     `yaml:"steps"`      // overrides Epochs; 0 = Epochs
	Seed       uint64  `yaml:"seed"`       // of weights, order and augmentation
	LogEvery   int     `yaml:"log_every"`  // steps between lines of metrics.jsonl
	SaveEvery  int     `yaml:"save_every"` // steps between saves of last; 0 = at the end of every epoch
	EMA        float64 `yaml:"ema"`        // decay per step of the average of weights and statistics that is validated and saved as the model; 0 = no average
	// the average forgets the first weights within ten steps, whatever ema says; false = they stay in it at the full decay, for fine-tuning at rates that hardly move a net
	EMAWarmup bool          `yaml:"ema_warmup"`
	Patience  int           `yaml:"patience"` // validations at the last size without a new best after which the run ends; 0 = it goes on
	MaxTime   time.Duration `yaml:"max_time"` // after which the run ends as at its last step; it counts anew after --resume; 0s = no limit
	Best      string        `yaml:"best"`     // measure of validation by which best.safetensors is chosen; maps as good as black rank below all others, those no better than a centred Gaussian's below those that are
	Distill   float64       `yaml:"distill"`  // share of the targets that comes from the teacher of --teacher instead of the masks; 0 = no teacher
	Teacher   string        `yaml:"teacher"`  // SHA-256 of the teacher's weights, which csnet train fills in
	// time between saves of last at most, whatever save_every says; 0s = no matter how long
	SaveInterval time.Duration `yaml:"save_interval"`
	TensorBoard  bool          `yaml:"tensorboard"` // write an event file for TensorBoard into the run's folder
	// statistics that the norms use in training: batch = those of the batch, which move the running ones; frozen = the running ones of the net that the run starts from, which stay, for fine-tuning on few pictures. With net.kind csf it is about the norms of the backbone, of which frozen leaves gamma and beta as they are too
	Norm string `yaml:"norm"`
	// how maps before a norm, and their gradients, lie in memory in training: float32, or mixed = in 16 bits, which takes half the memory and less time; arithmetic, weights, statistics and the loss are in float32 either way. Nets of dialect csnet with batch norm
	Precision string `yaml:"precision"`
	Loss      Loss   `yaml:"loss"`
}

// Loss weighs the terms of the training loss.
type Loss struct {
	BCE  float64 `yaml:"bce"`  // mean binary cross entropy over all pixels
	Sum  bool    `yaml:"sum"`  // true: bce is the sum over the pixels of a picture, mean over the pictures of a step; the log has that of a pixel
	IoU  float64 `yaml:"iou"`  // 1 - soft intersection over union, mean over the pictures
	Edge float64 `yaml:"edge"` // weight added in bce to pixels near a mask's edges, times how far the mask's mean around a pixel is from its value; F3Net has 5
	SSIM float64 `yaml:"ssim"` // 1 - structural similarity in windows of 11 x 11, mean over the pictures
}

// The values of Config.Norm.
const (
	NormBatch  = "batch"
	NormFrozen = "frozen"
)

// The values of Config.Precision.
const (
	PrecisionFloat32 = "float32"
	PrecisionMixed   = "mixed"
)

// DefaultConfig is the paper's recipe.
func DefaultConfig() Config {
	return Config{Batch: 24, Accumulate: 1, Epochs: 300, Seed: 1, LogEvery: 20, EMAWarmup: true, SaveInterval: 5 * time.Minute, Best: BestMAE, Norm: NormBatch, Precision: PrecisionFloat32, Loss: Loss{BCE: 1}}
}
