package train

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"csnet/internal/tensorboard"
	"csnet/internal/wholefile"
	"csnet/model"
)

// events writes the log once more for other programs: metrics.csv, and with
// train.tensorboard an event file for TensorBoard.
type events struct {
	csv   *os.File
	board *tensorboard.Writer // nil: none is wanted
}

// openEvents opens both for a run in dir that stands at step and whose log holds
// these lines. wall is the wall clock time, in seconds since 1970.
func openEvents(dir string, step int, lines []Line, board bool, wall float64) (*events, error) {
	e := &events{}
	path := filepath.Join(dir, "metrics.csv")
	text := strings.Join(csvColumns(), ",") + "\n"
	for _, l := range lines {
		text += csvRow(l)
	}
	if err := wholefile.SoonBytes(path, []byte(text)); err != nil {
		return nil, fmt.Errorf("train: %s: %w", path, err)
	}
	var err error
	if e.csv, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if board {
		if e.board, err = tensorboard.Open(dir, step, wall); err != nil {
			e.close()
			return nil, err
		}
	}
	return e, nil
}

func (e *events) close() {
	if e == nil || e.csv == nil {
		return
	}
	_ = e.csv.Close()
	if e.board != nil {
		_ = e.board.Close()
	}
}

// csvColumns are the columns of metrics.csv; they are the keys of metrics.jsonl.
func csvColumns() []string {
	return []string{"step", "epoch", "size", "loss", "lr", "lambda", "params_left", "macs_left", "seconds", "val_mae", "val_maxF", "gaussian_mae", "gaussian_maxF", "params"}
}

// csvRow is a line of the log with its end; what it lacks is empty.
func csvRow(l Line) string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	maybe := func(v *float64) string {
		if v == nil {
			return ""
		}
		return number(*v)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{ // into memory: it cannot fail
		strconv.Itoa(l.Step), strconv.Itoa(l.Epoch), strconv.Itoa(l.Size), number(l.Loss), number(l.LR), number(l.Lambda),
		strconv.Itoa(l.ParamsLeft), strconv.Itoa(l.MACsLeft), number(l.Seconds),
		maybe(l.ValMAE), maybe(l.ValMaxF), maybe(l.GaussianMAE), maybe(l.GaussianMaxF), strconv.Itoa(l.Params),
	})
	w.Flush()
	return b.String()
}

// line adds a line of the log.
func (e *events) line(l Line, wall float64) error {
	if _, err := wholefile.Points(e.csv).Write([]byte(csvRow(l))); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if e.board == nil {
		return nil
	}
	values := []tensorboard.Value{
		tensorboard.Scalar("optim/rate", l.LR), tensorboard.Scalar("optim/lambda", l.Lambda),
		tensorboard.Scalar("pruned/parameters", float64(l.ParamsLeft)), tensorboard.Scalar("pruned/MACs", float64(l.MACsLeft)),
	}
	if l.Step > 0 {
		values = append(values, tensorboard.Scalar("loss/training", l.Loss))
	}
	for _, v := range []struct {
		tag string
		x   *float64
	}{{"validation/MAE", l.ValMAE}, {"validation/maxF", l.ValMaxF}} {
		if v.x != nil {
			values = append(values, tensorboard.Scalar(v.tag, *v.x))
		}
	}
	return e.board.Write(l.Step, wall, values...)
}

// gammas adds a histogram of the gammas of every norm.
func (e *events) gammas(step int, wall float64, params *model.Params) error {
	if e.board == nil {
		return nil
	}
	var values []tensorboard.Value
	for _, t := range params.All() {
		if t.Role == model.Gamma {
			values = append(values, tensorboard.Histogram("gamma/"+t.Path, t.Data))
		}
	}
	return e.board.Write(step, wall, values...)
}
