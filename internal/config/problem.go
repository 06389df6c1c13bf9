package config

import (
	"fmt"
	"strings"
)

// Place is where a value was written: a position in a file, or a setting. Line
// and Col count from 1; 0 means the file as a whole.
type Place struct {
	File      string
	Line, Col int
	Set       string // the setting, "key=value"
}

func (p Place) String() string {
	switch {
	case p.Set != "":
		return "--set " + clip(p.Set)
	case p.Line > 0:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
	}
	return p.File
}

// Problem is one thing that is wrong, at its place.
type Problem struct {
	Place Place
	Key   string // full key, e.g. net.split[1]; empty when the text as a whole is meant
	Text  string // what was found and what is allowed
}

func (p Problem) String() string {
	key, _, _ := strings.Cut(p.Place.Set, "=")
	if p.Key == "" || p.Key == strings.TrimSpace(key) {
		return fmt.Sprintf("%s: %s", p.Place, p.Text)
	}
	return fmt.Sprintf("%s: %s: %s", p.Place, clip(p.Key), p.Text)
}

// Error holds all problems of a configuration, in the order found.
type Error struct {
	Problems []Problem
}

// An error prints the first problems; reading stops after most of them.
const (
	shown = 20
	most  = 100
)

func (e *Error) Error() string {
	var lines []string
	for i, p := range e.Problems {
		if i == shown {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Problems)-shown))
			break
		}
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// clip shortens a text of unknown length and keeps control characters out.
func clip(s string) string {
	const width = 60
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > width {
			return b.String() + "..."
		}
		if r < ' ' || r == 0x7f || r == 0xfffd || 0x80 <= r && r < 0xa0 {
			r = '?'
		}
		b.WriteRune(r)
	}
	return b.String()
}
