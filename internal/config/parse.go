package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds that keep hostile text from costing time or stack: the parser
// recurses once per level.
const (
	maxBytes  = 64 << 10
	maxFlow   = 16  // nested [ and {
	maxColumn = 120 // of a block entry
	maxLine   = 8 << 10
)

// parse turns text into the node of its one document, nil when it is empty.
// It never panics; errors are an *Error.
func parse(name string, text []byte) (root ast.Node, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser's own slips on hostile text
			root, err = nil, fail(name, 0, 0, "is not YAML that can be read (the parser gave up)")
		}
	}()
	text, err = clean(name, text)
	if err != nil {
		return nil, err
	}
	tokens := lexer.Tokenize(string(text))
	if err := bounded(name, tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			return nil, syntaxError(name, text, syntax)
		}
		return nil, fail(name, 0, 0, "not valid YAML: "+clip(err.Error()))
	}
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.DirectiveType:
		case root != nil:
			p := doc.Body.GetToken().Position
			return nil, fail(name, p.Line, 1, "a second document begins here, a config is one document")
		default:
			root = doc.Body
		}
	}
	return root, nil
}

// syntaxError gives the parser's message, with the likely cause.
func syntaxError(name string, text []byte, e yaml.Error) error {
	p, message := e.GetToken().Position, e.GetMessage()
	if strings.ContainsRune(message, '\t') || strings.HasPrefix(message, "tab ") {
		line, col := p.Line, p.Column
		for i, l := range bytes.Split(text, []byte("\n")) { // the parser's column is off here
			indent := l[:len(l)-len(bytes.TrimLeft(l, " \t"))]
			if tab := bytes.IndexByte(indent, '\t'); tab >= 0 && len(indent) < len(l) {
				line, col = i+1, tab+1
				break
			}
		}
		return fail(name, line, col, "not valid YAML: a tab cannot stand here, indent with blanks")
	}
	message = clip(message)
	if strings.HasPrefix(message, "mapping value is not allowed") {
		message += ": are the keys indented alike, is a text with a colon in quotes?"
	}
	return fail(name, p.Line, p.Column, "not valid YAML: "+message)
}

func fail(name string, line, col int, text string) error {
	return &Error{Problems: []Problem{{Place: Place{File: name, Line: line, Col: col}, Text: text}}}
}

// clean drops a byte order mark, makes line ends plain and refuses what is no
// readable text.
func clean(name string, text []byte) ([]byte, error) {
	if len(text) > maxBytes {
		return nil, fail(name, 0, 0, fmt.Sprintf("is larger than %d bytes, too large for a config", maxBytes))
	}
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		return nil, fail(name, 1, 1, "is UTF-16, must be UTF-8")
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	line, col := 1, 1
	for at := 0; at < len(text); {
		r, n := utf8.DecodeRune(text[at:])
		switch {
		case r == utf8.RuneError && n == 1:
			return nil, fail(name, line, col, fmt.Sprintf("byte 0x%02x is not UTF-8", text[at]))
		case r < ' ' && r != '\n' && r != '\t', r == 0x7f:
			return nil, fail(name, line, col, fmt.Sprintf("control character 0x%02x, must be plain text", r))
		case col > maxLine:
			return nil, fail(name, line, col, fmt.Sprintf("the line is longer than %d characters", maxLine))
		}
		at, col = at+n, col+1
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	return text, nil
}

// bounded refuses deep nesting before the parser sees it, and anchors, aliases
// and tags, which a config has no use for.
func bounded(name string, tokens token.Tokens) error {
	flow := 0
	for _, t := range tokens {
		at := func(text string) error { return fail(name, t.Position.Line, t.Position.Column, text) }
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return at("anchors and aliases are not read here, write the value out or extend another file")
		case token.TagType:
			return at("tags are not read here, write the plain value")
		case token.MappingKeyType:
			return at("complex keys are not read here, write key: value")
		case token.SequenceEntryType, token.MappingValueType:
			if flow == 0 && t.Position.Column > maxColumn {
				return at(fmt.Sprintf("nested too deep, or a key beyond column %d", maxColumn))
			}
		}
		if flow > maxFlow {
			return at(fmt.Sprintf("nested too deep, at most %d levels", maxFlow))
		}
	}
	return nil
}
