package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// screen is a terminal: it keeps its lines and counts how often one wraps.
type screen struct {
	width  int
	lines  []string
	cursor int // in the last line
	wraps  int
	redraw int
}

func (s *screen) Columns() int { return s.width }

func (s *screen) Write(p []byte) (int, error) {
	if len(s.lines) == 0 {
		s.lines = []string{""}
	}
	for _, r := range string(p) {
		switch r {
		case '\r':
			s.cursor = 0
			s.redraw++
		case '\n':
			s.lines, s.cursor = append(s.lines, ""), 0
		default:
			last := []rune(s.lines[len(s.lines)-1])
			if s.cursor == s.width {
				s.wraps++
				s.lines, s.cursor, last = append(s.lines, ""), 0, nil
			}
			if s.cursor == len(last) {
				last = append(last, r)
			} else {
				last[s.cursor] = r
			}
			s.lines[len(s.lines)-1] = string(last)
			s.cursor++
		}
	}
	return len(p), nil
}

// The line stays one line at any width, however long what it says; what is said
// above it stays; nothing of it is left in the end.
func TestProgressNeverWraps(t *testing.T) {
	for _, width := range []int{1, 2, 20, 60, 80, 140} {
		s := &screen{width: width}
		p := newProgress(streams{err: s}, "train", "steps", 0, -1)
		now := time.Duration(0)
		p.clock = func() time.Duration { return now }
		const total = 131_700
		for k := range 200 {
			now += 1500 * time.Millisecond
			p.at(k*total/200, total, fmt.Sprintf("epoch %d/300", k), "loss 0.0883", fmt.Sprintf("lr %.1e", 1/float64(k+1)), strings.Repeat("more ", k%40))
			if k == 100 && width >= 60 {
				p.say("epoch 1/300  val MAE 0.1")
			}
		}
		p.at(total, total)
		p.done()
		said := []string{""}
		if width >= 60 {
			said = []string{"epoch 1/300  val MAE 0.1", ""}
		}
		if got := len(s.lines); s.wraps > 0 || got != len(said) || strings.TrimSpace(s.lines[0]) != said[0] || strings.TrimSpace(s.lines[got-1]) != "" {
			t.Errorf("width %d: %d wraps, %d lines: %.300q", width, s.wraps, got, s.lines)
		}
		if s.redraw < 200 {
			t.Errorf("width %d: drawn %d times", width, s.redraw)
		}
	}
}

// What is left out first: the rate and later notes, then the bar, then notes;
// never how far the job is. Rate and time left count from where it began.
func TestProgressText(t *testing.T) {
	l := progressLine{what: "train", unit: "steps", done: 438, total: 600, since: 400, spent: 25 * time.Second,
		notes: []string{"epoch 13/18", "loss 0.0883", "lr 5.9e-04"}}
	for _, c := range []struct {
		width int
		want  string
	}{
		{0, "train 438/600  10 s left  epoch 13/18  loss 0.0883  16 steps/s  lr 5.9e-04"},
		{140, "train 73% |█████████████████████         | 438/600  10 s left  epoch 13/18  loss 0.0883  16 steps/s  lr 5.9e-04"},
		{79, "train 73% |███████████████      | 438/600  10 s left  epoch 13/18  loss 0.0883"},
		{59, "train 438/600  10 s left  epoch 13/18  loss 0.0883"},
		{40, "train 438/600  10 s left  epoch 13/18"},
		{13, "train 438/600"},
		{8, "train 4…"},
		{1, "…"},
	} {
		got := l.text(c.width)
		if got != c.want {
			t.Errorf("width %d:\n%q, want\n%q", c.width, got, c.want)
		}
		if n := len([]rune(got)); c.width > 0 && n > c.width {
			t.Errorf("width %d: %d columns", c.width, n)
		}
	}
	l.since = 0
	if got := l.text(0); got != "train 438/600  epoch 13/18  loss 0.0883  lr 5.9e-04" {
		t.Errorf("at the start: %q", got)
	}
	for _, c := range []struct {
		since int
		spent time.Duration
		want  string
	}{{3, time.Second, "3.0 steps/s"}, {1, 4 * time.Second, "15 steps/min"}, {1, 20 * time.Minute, "3.0 steps/h"}} {
		if got := (progressLine{unit: "steps", since: c.since, spent: c.spent}).rate(); got != c.want {
			t.Errorf("%d in %v: %q, want %q", c.since, c.spent, got, c.want)
		}
	}
}

// A resumed job: 400 steps were done before, so 10 in 2 s are 5 a second.
func TestProgressResumed(t *testing.T) {
	s := &screen{width: 100}
	p := newProgress(streams{err: s}, "train", "steps", 400, -1)
	p.clock = func() time.Duration { return 2 * time.Second }
	p.at(410, 600)
	if got := s.lines[0]; !strings.Contains(got, "410/600  38 s left  5.0 steps/s") {
		t.Errorf("%q", got)
	}
}

func TestInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 900 * time.Millisecond: "1 s", 59 * time.Second: "59 s", 60 * time.Second: "1 min",
		95 * time.Second: "1 min 35 s", 599 * time.Second: "9 min 59 s", 600 * time.Second: "10 min",
		3599 * time.Second: "1 h", 65*time.Minute + 10*time.Second: "1 h 5 min",
		47*time.Hour + 59*time.Minute + 40*time.Second: "2 d", 76 * time.Hour: "3 d 4 h",
	} {
		if got := inWords(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// Elsewhere than on a terminal: whole lines without control characters, one every
// five seconds; a job that takes less says nothing.
func TestProgressLines(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(streams{err: &b}, "eval", "images", 0, -1)
	now := time.Duration(0)
	p.clock = func() time.Duration { return now }
	for k := range 40 {
		now += 300 * time.Millisecond
		p.of(k+1, 40)
	}
	p.done()
	want := "eval 17/40  7 s left  3.3 images/s\neval 34/40  2 s left  3.3 images/s\neval 40/40  3.3 images/s\n"
	if b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	b.Reset()
	p = newProgress(streams{err: &b}, "eval", "images", 0, -1)
	p.of(1, 2)
	p.of(2, 2)
	p.done()
	if b.Len() > 0 {
		t.Errorf("a short job says %q", b.String())
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		line  string
		width int
		want  string
	}{
		{"one two three", 0, "one two three"},
		{"one two three", 13, "one two three"},
		{"one two three", 8, "one two\n  three"},
		{"one  two", 5, "one\n  two"},
		{"ab cd  ef", 5, "ab cd\n  ef"},
		{"averylongword and", 5, "averylongword\n  and"},
	} {
		if got := fold(c.line, c.width); got != c.want {
			t.Errorf("%q at %d: %q, want %q", c.line, c.width, got, c.want)
		}
	}
}

// What comes next is folded as other lines are; the command is not, so that it can be pasted.
func TestFoldedNext(t *testing.T) {
	s := &screen{width: 25}
	streams{err: s}.next("To do what then comes next of all", "csnet", "predict", "photo.jpg")
	want := []string{"To do what then comes", "  next of all:", "  csnet predict photo.jpg", ""}
	if !slices.Equal(s.lines, want) {
		t.Errorf("%q, want %q", s.lines, want)
	}
}

// Results for people are folded on a terminal, line by line, and nowhere else.
func TestFoldedResults(t *testing.T) {
	s := &screen{width: 10}
	fmt.Fprint(streams{out: s}.text(), "one two three\nfour\n")
	if want := []string{"one two", "  three", "four", ""}; strings.Join(s.lines, "|") != strings.Join(want, "|") || s.wraps > 0 {
		t.Errorf("%q, want %q", s.lines, want)
	}
	var b bytes.Buffer
	fmt.Fprint(streams{out: &b}.text(), "one two three four five\n")
	if b.String() != "one two three four five\n" {
		t.Errorf("%q", b.String())
	}
}
