package safetensors

import (
	"encoding/json"
	"math"
	"strings"
)

// plainHeader reads a header as csnet and most other programs write it: no blanks but
// behind the end, every tensor as {"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},
// names without escapes. It takes a third of the time that JSON's decoder takes. Of
// anything else, also of what is wrong with such a header, ok is false: anyHeader then
// reads it or says so.
func (f *File) plainHeader(head string, size int) (spans []span, ok bool) {
	p := plain{rest: head, sides: make([]int, 0, len(head)/32)}
	f.Meta = map[string]string{}
	spans = make([]span, 0, strings.Count(head, `,"data_offsets":[`))
	names := make(map[string]bool, cap(spans))
	hasMeta := false
	p.skip("{")
	for more := true; more; more = p.has(",") {
		name := p.name()
		p.skip(":")
		if name == metadataKey {
			if hasMeta {
				return nil, false
			}
			hasMeta = true
			p.meta(f.Meta)
			continue
		}
		s := p.span(name)
		if p.odd || names[name] || s.check(size) != nil {
			return nil, false
		}
		names[name] = true
		spans = append(spans, s)
	}
	p.skip("}")
	return spans, !p.odd && strings.Trim(p.rest, " ") == ""
}

// plain reads a plain header from the front. Once something else stands there, odd is
// true and the rest is of no use.
type plain struct {
	rest  string
	odd   bool
	sides []int // of all shapes so far
}

// has takes text away if it comes next.
func (p *plain) has(text string) bool {
	if p.odd || !strings.HasPrefix(p.rest, text) {
		return false
	}
	p.rest = p.rest[len(text):]
	return true
}

// skip takes text away, which must come next.
func (p *plain) skip(text string) { p.odd = !p.has(text) }

// name takes a string without escapes.
func (p *plain) name() string {
	text, escaped := p.literal()
	if p.odd || escaped {
		p.odd = true
		return ""
	}
	return text[1 : len(text)-1]
}

// literal takes a string with its quotes.
func (p *plain) literal() (text string, escaped bool) {
	p.odd = p.odd || len(p.rest) == 0 || p.rest[0] != '"'
	for i := 1; !p.odd && i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			text, p.rest = p.rest[:i+1], p.rest[i+1:]
			return text, escaped
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			p.odd = true
		}
	}
	p.odd = true
	return "", false
}

// meta takes an object of strings.
func (p *plain) meta(to map[string]string) {
	p.skip("{")
	if p.has("}") {
		return
	}
	for more := true; more; more = p.has(",") {
		name := p.name()
		p.skip(":")
		text, escaped := p.literal()
		if _, twice := to[name]; p.odd || twice {
			p.odd = true
			return
		}
		value := text[1 : len(text)-1]
		if escaped && json.Unmarshal([]byte(text), &value) != nil {
			p.odd = true
		}
		to[name] = value
	}
	p.skip("}")
}

// span takes the description of a tensor.
func (p *plain) span(name string) span {
	s := span{entry: Entry{Name: name}}
	p.skip(`{"dtype":`)
	s.entry.DType = p.name()
	p.skip(`,"shape":[`)
	from := len(p.sides)
	if !p.has("]") {
		for more := true; more; more = p.has(",") {
			p.sides = append(p.sides, p.number())
		}
		p.skip("]")
	}
	s.entry.Shape = p.sides[from:len(p.sides):len(p.sides)]
	p.skip(`,"data_offsets":[`)
	s.begin = p.number()
	p.skip(",")
	s.end = p.number()
	p.skip("]}")
	return s
}

// number takes a whole number from 0 that an int holds.
func (p *plain) number() int {
	n, i := int64(0), 0
	for ; i < len(p.rest) && i < 18 && p.rest[i] >= '0' && p.rest[i] <= '9'; i++ {
		n = 10*n + int64(p.rest[i]-'0')
	}
	if i == 0 || i == 18 || i > 1 && p.rest[0] == '0' || n > math.MaxInt {
		p.odd = true
		return 0
	}
	p.rest = p.rest[i:]
	return int(n)
}
