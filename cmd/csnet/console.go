package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"csnet/internal/wholefile"
)

// streams is where a command writes: results to out, progress and logs to err.
type streams struct{ out, err io.Writer }

// width is that of the terminal that results go to, 0 where it is none: there lines
// may be as long as they are.
func (s streams) width() int {
	n, _ := columns(s.out)
	return n
}

// text is where results for people go: stdout, on a terminal with lines folded
// between words. Every Write must end with a line.
func (s streams) text() io.Writer { return folded(s.out) }

// folded is w, with lines folded where it is a terminal. Every Write must end with a
// line.
func folded(w io.Writer) io.Writer {
	if width, _ := columns(w); width > 0 {
		return folding{w, width}
	}
	return w
}

// folding folds the lines that it passes on.
type folding struct {
	w     io.Writer
	width int
}

func (f folding) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if _, err := fmt.Fprintln(f.w, fold(strings.TrimSuffix(line, "\n"), f.width)); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// tell writes a line for people to err, on a terminal folded between words.
func (s streams) tell(format string, args ...any) {
	width, _ := columns(s.err)
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		fmt.Fprintln(s.err, fold(line, width))
	}
}

// next says what can be done next, and the command to paste for it, which stays one
// line.
func (s streams) next(what string, command ...string) {
	for i, w := range command {
		command[i] = shellWord(w)
	}
	s.tell("%s:", what)
	fmt.Fprintf(s.err, "  %s\n", strings.Join(command, " "))
}

// shellWord quotes a word where a POSIX shell would not take it as it stands.
func shellWord(w string) string {
	if w != "" && strings.IndexFunc(w, func(r rune) bool {
		return !strings.ContainsRune("-_./=,:@%+", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r < 0x80
	}) < 0 {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// fold breaks a line between words so that no part is longer than width where
// that can be; what follows the first part is indented by two. 0 is no limit.
func fold(line string, width int) string {
	if width < 1 || utf8.RuneCountInString(line) <= width {
		return line
	}
	var b strings.Builder
	n, gap := 0, ""
	for i, part := range strings.SplitAfter(line, " ") {
		word := strings.TrimRight(part, " ")
		size := utf8.RuneCountInString(word)
		switch {
		case i == 0 || word == "":
		case n+len(gap)+size > width:
			gap, n = "\n  ", 2
		default:
			n += len(gap)
		}
		if word != "" {
			b.WriteString(gap + word)
			n, gap = n+size, ""
		}
		gap += part[len(word):]
	}
	return b.String()
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

// counted is a number of things in words: "1 picture", "2 pictures".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
