package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// runKey is where __metadata__ holds a Run, as JSON.
const runKey = "run"

// Run is what a training run must know, besides net, optimizer and config, to go
// on as if it had never stopped, and what tells it from another run. It holds no
// time, host or path: equal runs have equal Runs.
type Run struct {
	Build string `json:"build"` // of csnet
	CPU   string `json:"cpu"`   // the kernels' level; several, joined by "+", where the run changed it
	// Train and Validation say on which pictures; Validation is nil without any.
	Train      Pictures  `json:"train"`
	Validation *Pictures `json:"validation,omitempty"`
	// Best is the best validation at Size, nil before the first; Stale counts the
	// validations since.
	Best  *Score `json:"best,omitempty"`
	Size  int    `json:"size"`
	Stale int    `json:"stale"`
	// Trained says that the run began with a trained net, not with a drawn one.
	Trained bool `json:"trained,omitempty"`
	// Start is the validation before the first step, at StartSize; nil: not known.
	Start     *Score `json:"start,omitempty"`
	StartSize int    `json:"start_size,omitempty"`
	// Ended is the last step after which the end of an epoch was validated and
	// logged.
	Ended int `json:"ended"`
	// Shrunk is how often the run has made its net smaller.
	Shrunk int `json:"shrunk,omitempty"`
	// LossSum is the sum of the losses of the LossSteps steps since the last line of
	// the log; LastLoss is that line's.
	LossSum   float64 `json:"loss_sum"`
	LossSteps int     `json:"loss_steps"`
	LastLoss  float64 `json:"last_loss"`
	// Gaps are, where the end of an epoch is owed, the mean of S and its variation in
	// the last step for every norm, as the line of the log will say them.
	Gaps [][2]float64 `json:"gaps,omitempty"`
}

// Pictures identifies a list of pairs of photo and mask.
type Pictures struct {
	Pairs  int    `json:"pairs"`
	Digest string `json:"digest"` // of names and contents
}

func (p Pictures) String() string { return fmt.Sprintf("%d pairs (%.12s...)", p.Pairs, p.Digest) }

// Score is the result of a validation.
type Score struct {
	Step    int     `json:"step"`
	MAE     float64 `json:"mae"`
	MaxF    float64 `json:"maxF"`
	ObjMaxF float64 `json:"maxF_objects"` // over masks that are not empty
	WF      float64 `json:"wF,omitempty"` // where it was asked for
}

func encodeRun(r *Run) (string, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("run cannot be stored: %w", err)
	}
	return string(raw), nil
}

// decodeRun reads a Run. Keys that a later csnet may add are an error: it would go
// on without knowing what they mean.
func decodeRun(text string) (*Run, error) {
	if len(text) > maxSpec {
		return nil, fmt.Errorf("run is %d bytes long, at most %d are read", len(text), maxSpec)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	r := &Run{}
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	if r.Stale < 0 || r.Ended < 0 || r.Shrunk < 0 || r.LossSteps < 0 || r.Best != nil && r.Best.Step < 0 {
		return nil, fmt.Errorf("run: its counts are %d, %d and %d, must be 0 or more", r.Stale, r.Ended, r.LossSteps)
	}
	return r, nil
}
