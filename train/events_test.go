package train

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"csnet/internal/tensorboard"
	"csnet/model"
)

func TestEventsGoOnWithTheLog(t *testing.T) {
	dir := t.TempDir()
	v := 0.5
	lines := []Line{{Step: 0, ValMAE: &v}, {Step: 20, Loss: 0.25, LR: 1e-3}}
	for range 3 { // as often as a run is killed and resumed
		e, err := openEvents(dir, 20, lines, true, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.line(Line{Step: 40, Loss: 0.125, ValMAE: &v, ValMaxF: &v}, 1001); err != nil {
			t.Fatal(err)
		}
		e.close()
	}
	raw, err := os.ReadFile(filepath.Join(dir, "metrics.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows (%v), must be a header and three lines:\n%s", len(rows), err, raw)
	}
	if got := strings.Join(rows[3], " "); !strings.HasPrefix(got, "40 0 0 0.125 ") || rows[1][9] != "0.5" {
		t.Errorf("rows are\n%s", raw)
	}
	if st, err := os.Stat(filepath.Join(dir, tensorboard.FileName)); err != nil || st.Size() == 0 {
		t.Errorf("no event file: %v", err)
	}
}

// A run with train.tensorboard asks for sample pictures after every epoch, of the net
// as it then is, and writes them down.
func TestSamplesOfARun(t *testing.T) {
	dir := t.TempDir()
	o := options(t, drawn(t, pictures), dir)
	o.TensorBoard = true
	asked := 0
	o.Samples = func(p *model.Params) ([]Sample, error) {
		if p == nil {
			t.Error("no parameters")
		}
		asked++
		return []Sample{{Name: "one", W: 1, H: 1, PNG: []byte("picture at " + strconv.Itoa(asked))}}, nil
	}
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, tensorboard.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), "sample/one"); n != epochs || asked != epochs || !strings.Contains(string(raw), "picture at 3") {
		t.Errorf("%d pictures are written and %d asked for, must be %d", n, asked, epochs)
	}
}
