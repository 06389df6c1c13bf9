package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"csnet/internal/wholefile"
)

// Line is one line of metrics.jsonl. Loss is the mean loss of the steps since
// the line before; a line with ValMAE and ValMaxF follows a validation.
type Line struct {
	Step       int     `json:"step"`
	Epoch      int     `json:"epoch"`
	Size       int     `json:"size"`           // of the net input in training, pixels
	Loss       float64 `json:"loss,omitempty"` // not there before the first step
	LR         float64 `json:"lr"`
	Lambda     float64 `json:"lambda"`
	Params     int     `json:"params,omitempty"` // of the net that trains
	ParamsLeft int     `json:"params_left"`
	MACsLeft   int     `json:"macs_left"`

	ChannelsLeft []int `json:"channels_left,omitempty"` // per octave, finest first

	Seconds    float64  `json:"seconds"`
	ValMAE     *float64 `json:"val_mae,omitempty"`
	ValMaxF    *float64 `json:"val_maxF,omitempty"`
	ValObjMaxF *float64 `json:"val_maxF_objects,omitempty"` // over masks that are not empty, where some are
	ValWF      *float64 `json:"val_wF,omitempty"`           // where train.best asks for it

	Norms  []Norm    `json:"norms,omitempty"`   // after a validation
	LeftAt []AtRatio `json:"left_at,omitempty"` // likewise: what several ratios would leave

	GaussianMAE  *float64 `json:"gaussian_mae,omitempty"` // of a centred Gaussian in the same validation
	GaussianMaxF *float64 `json:"gaussian_maxF,omitempty"`
}

// ReadMetrics reads a metrics.jsonl; a last line cut short is left out.
func ReadMetrics(path string) ([]Line, error) {
	if st, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	} else if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("train: %s: is not a regular file", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	var ls []Line
	for n := 1; len(raw) > 0; n++ {
		line, rest, ended := bytes.Cut(raw, []byte("\n"))
		raw = rest
		var l Line
		if err := json.Unmarshal(line, &l); err != nil {
			if !ended {
				break
			}
			return nil, fmt.Errorf("train: %s:%d: %w", path, n, err)
		}
		ls = append(ls, l)
	}
	return ls, nil
}

// metricsLog appends to metrics.jsonl.
type metricsLog struct {
	f     *os.File
	path  string
	named bool         // its name is on the disk
	lines map[int]bool // steps with a line
	kept  []Line       // that the log holds from before the run was resumed
	best  *Score
	start *Score // before the first step

	bestStep, startAt int     // step of best, size of start
	size              int     // at which best was reached
	stale             int     // validations since
	base              float64 // seconds of the run before it was resumed
	sum               float64 // of losses since the last line
	n                 int
	last              float64 // loss of the last line
}

// openMetrics opens the log of a run that stands at step and ranks by a measure:
// lines of later steps, written after the checkpoint the run goes on from, are
// dropped.
func openMetrics(path string, step int, measure string, base *Baselines) (*metricsLog, error) {
	l := &metricsLog{path: path, lines: map[int]bool{}}
	var keep bytes.Buffer
	old, err := ReadMetrics(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, o := range old {
		if o.Step > step {
			continue
		}
		l.base, l.last = max(l.base, o.Seconds), o.Loss
		l.lines[o.Step] = true
		l.kept = append(l.kept, o)
		if s := o.Score(); s != nil && o.Step == 0 {
			l.start, l.startAt = s, o.Size
		} else if s != nil {
			l.stale++
			if l.best == nil || l.size != o.Size || base.Better(measure, *s, *l.best) {
				l.best, l.bestStep, l.size = s, o.Step, o.Size
				l.stale = 0
			}
		}
		line, err := json.Marshal(o)
		if err != nil {
			return nil, fmt.Errorf("train: %s: %w", path, err)
		}
		keep.Write(append(line, '\n'))
	}
	write := wholefile.Bytes
	if keep.Len() == 0 {
		write = wholefile.SoonBytes // there is nothing yet that could be lost
	}
	if err := write(path, keep.Bytes()); err != nil {
		return nil, fmt.Errorf("train: %s: %w", path, err)
	}
	if l.f, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return l, nil
}

// logged reports whether the old log has a line of the step.
func (l *metricsLog) logged(step int) bool { return l.lines[step] }

func (l *metricsLog) add(loss float64) {
	l.sum += loss
	l.n++
}

// next ends the steps since the line before, whose mean loss is kept.
func (l *metricsLog) next() {
	if l.n > 0 {
		l.last = l.sum / float64(l.n)
		l.sum, l.n = 0, 0
	}
}

// write appends a line and returns it as it was written, with its loss.
func (l *metricsLog) write(line Line) (Line, error) {
	l.next()
	line.Loss = l.last
	line.Seconds += l.base
	raw, err := json.Marshal(line)
	if err != nil {
		return line, fmt.Errorf("train: %s: %w", l.path, err)
	}
	if _, err := wholefile.Points(l.f).Write(append(raw, '\n')); err != nil {
		return line, fmt.Errorf("train: %w", err)
	}
	return line, nil
}

// sync waits until the log is on the disk, where the file system can say so. A log
// that was removed or replaced meanwhile is an error: its lines would be lost.
func (l *metricsLog) sync() error {
	if err := wholefile.Sync(l.f); err != nil {
		return fmt.Errorf("train: %s: %w", l.path, err)
	}
	if !l.named {
		if err := wholefile.SyncFolder(filepath.Dir(l.path)); err != nil {
			return fmt.Errorf("train: %s: %w", l.path, err)
		}
		l.named = true
	}
	open, err := l.f.Stat()
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	named, err := os.Stat(l.path)
	if err != nil || !os.SameFile(open, named) {
		return fmt.Errorf("train: %s: was removed or replaced while the run writes it", l.path)
	}
	return nil
}

func (l *metricsLog) close() {
	if l.f != nil {
		_ = l.f.Close()
	}
}
