// Package page writes what a command found out as one HTML file that needs nothing
// else: style, script and charts stand in it, pictures are data URIs. It opens in
// any browser, light or dark, on a phone, prints, and can be mailed; without its
// script it only cannot sort and search. It knows plain values only, nothing of
// nets or training. Equal pages are equal bytes.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"

	"csnet/internal/wholefile"
)

// Page is the file, from top to bottom. What is left empty is left out.
type Page struct {
	Title, Intro string
	Verdict      Verdict
	Facts        Facts
	Sections     []Section
	Search       string // what the search field asks for, such as "image by name"
	Refresh      int    // seconds after which a browser reads the file again; 0 = never
}

// Section is a part of the page under a heading, which the list of contents names.
type Section struct {
	Title, Lead string
	Parts       []Part
}

// Part is a Facts, Table, Gallery, Charts, Channels, Text, Code or Notes.
type Part interface {
	// view names the template that shows the part and returns what it reads.
	view() (name string, data any, err error)
}

//go:embed page.html
var pageHTML string

//go:embed style.css
var style string

//go:embed script.js
var script string

// pageView is what the outermost template reads.
type pageView struct {
	Page
	Style      template.CSS
	Script     template.JS
	ScriptHash string // for the content policy: no other script runs
	HasVerdict bool
	FactsHTML  template.HTML
	Sections   []sectionView
	Contents   bool
}

type sectionView struct {
	ID, Title, Lead string
	Parts           []template.HTML
}

// fewest sections that get a list of contents.
const contentsFrom = 3

// HTML is the page's bytes.
func (p Page) HTML() ([]byte, error) {
	t, err := template.New("page").Funcs(template.FuncMap{"thousands": Thousands, "words": words}).Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("page: template: %w", err)
	}
	hash := sha256.Sum256([]byte(script))
	v := pageView{
		Page: p, Style: template.CSS(style), Script: template.JS(script), ScriptHash: base64.StdEncoding.EncodeToString(hash[:]),
		HasVerdict: p.Verdict.Text != "" || len(p.Verdict.Checks) > 0, Contents: len(p.Sections) >= contentsFrom,
	}
	if len(p.Facts) > 0 {
		if v.FactsHTML, err = show(t, p.Facts); err != nil {
			return nil, err
		}
	}
	taken := map[string]bool{}
	for _, s := range p.Sections {
		out := sectionView{ID: anchor(s.Title, taken), Title: s.Title, Lead: s.Lead}
		for _, part := range s.Parts {
			html, err := show(t, part)
			if err != nil {
				return nil, fmt.Errorf("page: %s: %w", s.Title, err)
			}
			out.Parts = append(out.Parts, html)
		}
		v.Sections = append(v.Sections, out)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "page", v); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return b.Bytes(), nil
}

// show is a part's HTML.
func show(t *template.Template, p Part) (template.HTML, error) {
	name, data, err := p.view()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil
}

// anchor is a name for a heading that links can jump to: letters and digits of the
// title, a number behind it where that is taken.
func anchor(title string, taken map[string]bool) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
	base := strings.Join(words, "-")
	if base == "" {
		base = "section"
	}
	name := base
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	taken[name] = true
	return name
}

// Write writes the page to path, whole or not at all. The folder is made when
// missing.
func Write(path string, p Page) error { return p.write(path, wholefile.Write) }

// Refresh is Write of a page that is written again and again: it does not wait for
// the disk.
func Refresh(path string, p Page) error { return p.write(path, wholefile.Soon) }

func (p Page) write(path string, put func(string, func(io.Writer) error) error) error {
	html, err := p.HTML()
	if err != nil {
		return fmt.Errorf("page: %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("page: make the folder: %w", err)
	}
	err = put(path, func(w io.Writer) error {
		_, err := w.Write(html)
		return err
	})
	if err != nil {
		return fmt.Errorf("page: %s: %w", path, err)
	}
	return nil
}
