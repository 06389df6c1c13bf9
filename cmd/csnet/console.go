package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"csnet/internal/wholefile"
)

// streams is where a command writes: results to out, progress and logs to err.
type streams struct{ out, err io.Writer }

// terminal reports whether w is a terminal.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// progress shows how far a job is: a bar on a terminal, else a line now and
// then.
type progress struct {
	io    streams
	what  string
	bar   *progressbar.ProgressBar
	start time.Time
	last  time.Time
	first int // done when it began
}

// newProgress starts the display of a job of total units, done of them done.
func newProgress(io streams, what, unit string, done, total int) *progress {
	p := &progress{io: io, what: what, start: time.Now(), last: time.Now(), first: done}
	if terminal(io.err) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(io.err), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())
		_ = p.bar.Set(done)
	}
	return p
}

// at shows done of total, with a note behind it.
func (p *progress) at(done, total int, note string) {
	if p.bar != nil {
		p.bar.Describe(p.what + " " + note)
		_ = p.bar.Set(done)
		return
	}
	now := time.Now()
	if now.Sub(p.last) < 5*time.Second && done != total {
		return
	}
	p.last = now
	spent := now.Sub(p.start)
	line := fmt.Sprintf("%s %d/%d", p.what, done, total)
	if n := done - p.first; n > 0 {
		left := time.Duration(float64(spent) / float64(n) * float64(total-done))
		line += fmt.Sprintf("  %.2f/s  left %s", float64(n)/spent.Seconds(), left.Round(time.Second))
	}
	if note != "" {
		line += "  " + note
	}
	fmt.Fprintln(p.io.err, line)
}

// of shows done of total; it is what libraries report to.
func (p *progress) of(done, total int) {
	if p.bar != nil && p.bar.GetMax() != total {
		p.bar.ChangeMax(total)
	}
	p.at(done, total, "")
}

// say prints a line above the bar.
func (p *progress) say(line string) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.io.err, line)
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// stopwatch returns a clock that starts at 0 now.
func stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// printJSON writes v as the one object of --json.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// writeFile writes a file whole or not at all.
func writeFile(path string, content []byte) error {
	if err := wholefile.Bytes(path, content); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// threadCount turns the flag --threads into a number: 0 is one per core.
func threadCount(n int) (int, error) {
	switch {
	case n < 0 || n > 4096:
		return 0, usagef("--threads is %d, must be 0 (one per core) to 4096", n)
	case n == 0:
		return runtime.GOMAXPROCS(0), nil
	}
	return n, nil
}
