package page

import (
	"html/template"
	"strings"
)

// Verdict says whether the run did what it should, and why. An empty Text with no
// Checks leaves it out.
type Verdict struct {
	Pass   bool
	Word   string // on the badge; empty: PASSED or FAILED
	Text   string
	Checks []Check
}

// Badge is the verdict in a word.
func (v Verdict) Badge() string {
	switch {
	case v.Word != "":
		return v.Word
	case v.Pass:
		return "PASSED"
	}
	return "FAILED"
}

// Check is one of the conditions behind a verdict.
type Check struct {
	Pass bool
	Text string
}

// Facts are names with values.
type Facts [][2]string

func (f Facts) view() (string, any, error) { return "facts", f, nil }

// Text is a paragraph.
type Text string

func (t Text) view() (string, any, error) { return "text", t, nil }

// Notes is a list of sentences.
type Notes []string

func (n Notes) view() (string, any, error) { return "notes", n, nil }

// Code is text shown letter by letter: commands, a configuration.
type Code struct {
	Title  string // with Folded: what to press to see it
	Text   string
	Folded bool
}

func (c Code) view() (string, any, error) { return "code", c, nil }

// words marks the words of a text that is broken at spaces alone: a browser would break
// commands after any hyphen, --data into - and -data. Copied it is the text itself.
func words(text string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(text, " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		if !strings.ContainsAny(part, "-") {
			b.WriteString(template.HTMLEscapeString(part))
			continue
		}
		b.WriteString(`<span class="w">` + template.HTMLEscapeString(part) + `</span>`)
	}
	return template.HTML(b.String()) //nolint:gosec // every part is escaped
}

// Thousands writes a whole number with thin spaces between the thousands.
func Thousands(n int) string {
	digits := []byte{}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	for i := 0; n > 0 || i == 0; i++ {
		if i > 0 && i%3 == 0 {
			digits = append(digits, ' ')
		}
		digits = append(digits, byte('0'+n%10))
		n /= 10
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] == ' ' {
			b.WriteRune('\u2009') // thin space
			continue
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}
