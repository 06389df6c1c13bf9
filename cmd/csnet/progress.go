package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Times between two displays.
const (
	redrawEvery = 100 * time.Millisecond // of the line on a terminal
	lineEvery   = 5 * time.Second        // of lines elsewhere
)

// progress shows how far a job is: on a terminal one line that never wraps,
// elsewhere a line now and then. Its methods may be called from any goroutine.
type progress struct {
	io         streams
	what, unit string
	clock      func() time.Duration

	mu    sync.Mutex
	first int           // done when it began: rate and time left count from here
	last  time.Duration // of the last display
	drawn int           // columns of the line on the screen
	lines int           // written elsewhere
}

// newProgress starts the display of a job of total units, done of them done. A
// total that is not known yet is not above 0.
func newProgress(io streams, what, unit string, done, total int) *progress {
	p := &progress{io: io, what: what, unit: unit, clock: stopwatch(), first: done, last: -redrawEvery}
	if total > 0 {
		p.of(done, total) // on a terminal at once
	}
	p.last = 0
	return p
}

// of shows done of total; it is what libraries report to.
func (p *progress) of(done, total int) { p.at(done, total) }

// at shows done of total and notes, the most important one first: those that the
// line has no room for are left out.
func (p *progress) at(done, total int, notes ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	width, live := columns(p.io.err)
	wait := lineEvery
	if live {
		wait = redrawEvery
	}
	if last := done == total && (live || p.lines > 0); now-p.last < wait && !last {
		return
	}
	p.last = now
	l := progressLine{what: p.what, unit: p.unit, done: done, total: total, since: done - p.first, spent: now, notes: notes}
	if !live {
		p.lines++
		fmt.Fprintln(p.io.err, l.text(0))
		return
	}
	text := l.text(max(width-1, 1)) // the last column stays free: some terminals wrap there
	p.clear()
	p.drawn = len([]rune(text))
	fmt.Fprint(p.io.err, text)
}

// say prints a line above the display.
func (p *progress) say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.io.tell("%s", line)
}

// done takes the line off the screen.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

// clear empties the line and goes back to its start.
func (p *progress) clear() {
	if p.drawn > 0 {
		fmt.Fprintf(p.io.err, "\r%s\r", strings.Repeat(" ", p.drawn))
		p.drawn = 0
	}
}

// columns returns the width of the terminal that w writes to, or that it is none.
func columns(w io.Writer) (int, bool) {
	w = stream(w)
	if t, ok := w.(interface{ Columns() int }); ok { // a terminal of the tests
		return t.Columns(), true
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	n, _, err := term.GetSize(int(f.Fd()))
	if err != nil || n < 1 {
		n = 80
	}
	return n, true
}

// progressLine is what a line of progress says.
type progressLine struct {
	what, unit  string
	done, total int
	since       int           // done since the display began
	spent       time.Duration // on those
	notes       []string
}

// Widths of the bar, in cells.
const leastBar, mostBar = 10, 30

// text is the line in at most width columns: parts that do not fit are left out,
// the least important ones first. A width of 0 is no limit, and has no bar.
func (l progressLine) text(width int) string {
	head := fmt.Sprintf("%s %d/%d", l.what, l.done, l.total)
	parts := []string{}
	if t := l.left(); t != "" {
		parts = append(parts, t)
	}
	parts = append(parts, l.notes...)
	if r := l.rate(); r != "" {
		at := min(len(parts), 3) // behind time left and the first two notes
		parts = append(parts[:at], append([]string{r}, parts[at:]...)...)
	}
	if width == 0 {
		return strings.Join(append([]string{head}, parts...), "  ")
	}
	// The bar takes what is left over, but is worth more than the last parts.
	const bar = len(" 100% ||") + leastBar
	line, n := head, len(head)
	for i, p := range parts {
		room := width - n - len("  ") - len([]rune(p))
		if i >= 3 {
			room -= bar
		}
		if room < 0 {
			break
		}
		line += "  " + p
		n += 2 + len([]rune(p))
	}
	if cells := min(width-n-bar+leastBar, mostBar); cells >= leastBar {
		line = l.what + " " + drawBar(l.done, l.total, cells) + line[len(l.what):]
	}
	return cut(line, width)
}

// drawBar is "73% |██████   |" with so many cells.
func drawBar(done, total, cells int) string {
	b := progressbar.NewOptions(max(total, 1), progressbar.OptionSetWriter(io.Discard),
		progressbar.OptionSetWidth(cells), progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false))
	_ = b.Set(done) // beyond the total it stays full
	return strings.TrimSpace(b.String())
}

// cut shortens a line to so many columns.
func cut(s string, width int) string {
	r := []rune(s)
	if width < 1 {
		return ""
	}
	if len(r) > width {
		r = append(r[:width-1], '…')
	}
	return string(r)
}

// rate is "16 steps/s" once there is one, for slow jobs by the minute or hour.
func (l progressLine) rate() string {
	if l.since < 1 || l.spent <= 0 {
		return ""
	}
	r, per := float64(l.since)/l.spent.Seconds(), "s"
	if r < 1 {
		r, per = r*60, "min"
	}
	if r < 1 {
		r, per = r*60, "h"
	}
	if r >= 10 {
		return fmt.Sprintf("%.0f %s/%s", r, l.unit, per)
	}
	return fmt.Sprintf("%.1f %s/%s", r, l.unit, per)
}

// left is "2 min left", once it can be told.
func (l progressLine) left() string {
	if l.since < 1 || l.done >= l.total {
		return ""
	}
	return inWords(time.Duration(float64(l.spent)/float64(l.since)*float64(l.total-l.done))) + " left"
}

// inWords is a duration in its two largest units, as people say it: "45 s",
// "2 min", "1 h 5 min", "3 d 4 h". Below ten minutes the seconds count too.
func inWords(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	two := func(a int, unit string, b int, small string) string {
		if b == 0 {
			return fmt.Sprintf("%d %s", a, unit)
		}
		return fmt.Sprintf("%d %s %d %s", a, unit, b, small)
	}
	m := (s + 30) / 60
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 600:
		return two(s/60, "min", s%60, "s")
	case m < 60:
		return fmt.Sprintf("%d min", m)
	case m < 24*60:
		return two(m/60, "h", m%60, "min")
	}
	h := (m + 30) / 60
	return two(h/24, "d", h%24, "h")
}
