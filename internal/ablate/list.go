// Package ablate describes ablations: lists of trainings that differ in a few keys
// of their configs, with what becomes of their nets and how it is scored, and the
// table of what came out. It runs nothing.
package ablate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// List is a file of an ablation: one table, an entry for each of its rows.
type List struct {
	Title string `yaml:"title"` // of the table
	// Seeds with which every entry is trained, once each; empty: 1.
	Seeds []uint64 `yaml:"seeds"`
	// Set are settings, key=value, over the config of every entry and below the
	// entry's own.
	Set []string `yaml:"set"`
	// Prune is what becomes of every net that was trained; nil: nothing.
	Prune *Prune `yaml:"prune"`
	// Time says that the time of the final nets for a picture is measured.
	Time bool `yaml:"time"`
	// Untrained nets, with drawn weights, have costs and a time, and no scores.
	Untrained bool    `yaml:"untrained"`
	Entries   []Entry `yaml:"entries"`
}

// Entry is a row of the table: a config with settings.
type Entry struct {
	Name   string   `yaml:"name"`   // empty: that of the config
	Config string   `yaml:"config"` // a file, or the name of a config in the program
	Set    []string `yaml:"set"`
	Prune  *Prune   `yaml:"prune"` // instead of the list's
	Whole  bool     `yaml:"whole"` // is not pruned although the list says so
}

// Prune is how a trained net is made smaller. One of Share, Params and Ratio is set.
type Prune struct {
	Share    float64 `yaml:"share"`  // of its parameters that stays at most, above 0 and below 1
	Params   int     `yaml:"params"` // that stay at most
	Ratio    float64 `yaml:"ratio"`  // of its channels that goes
	Finetune *Tune   `yaml:"finetune"`
}

// Tune is a training of the pruned net.
type Tune struct {
	// Config is a config of its own; empty: that of the entry with all settings of the
	// entry and its list, over which Set comes.
	Config string   `yaml:"config"`
	Set    []string `yaml:"set"`
}

// IsList reports whether text is an ablation's list and not a config: it has entries.
func IsList(text []byte) bool {
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "entries:") {
			return true
		}
	}
	return false
}

// maxList is how long a list may be, in bytes.
const maxList = 64 << 10

// Parse reads a list, called name in errors. Errors: no YAML; a key that there is
// not, with its place; values that make no sense.
func Parse(name string, text []byte) (*List, error) {
	if len(text) > maxList {
		return nil, fmt.Errorf("ablate: %s: has %d bytes, a list has at most %d", name, len(text), maxList)
	}
	var l List
	if err := yaml.UnmarshalWithOptions(text, &l, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("ablate: %s:%w", name, err)
	}
	if err := l.Check(); err != nil {
		return nil, fmt.Errorf("ablate: %s: %w", name, err)
	}
	return &l, nil
}

// Check completes the list and reports what is missing or impossible in it, and
// entries of one name.
func (l *List) Check() error {
	if len(l.Entries) == 0 {
		return errors.New("entries is empty, must hold one at least")
	}
	if len(l.Seeds) == 0 {
		l.Seeds = []uint64{1}
	}
	seeds := map[uint64]bool{}
	for _, s := range l.Seeds {
		if seeds[s] {
			return fmt.Errorf("seeds holds %d twice", s)
		}
		seeds[s] = true
	}
	if err := l.Prune.check("prune"); err != nil {
		return err
	}
	folders := map[string]string{}
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Config == "" {
			return fmt.Errorf("entries[%d]: config is missing", i)
		}
		if e.Name == "" {
			e.Name = strings.TrimSuffix(e.Config[strings.LastIndexAny(e.Config, `/\`)+1:], ".yaml")
		}
		if e.Whole && e.Prune != nil {
			return fmt.Errorf("entries[%d]: %s has prune and whole, must have one of them at most", i, e.Name)
		}
		if err := e.Prune.check(fmt.Sprintf("entries[%d].prune", i)); err != nil {
			return err
		}
		if was, ok := folders[e.Folder(0)]; ok {
			return fmt.Errorf("entries[%d]: the names %q and %q are too much alike to be told apart as folders", i, was, e.Name)
		}
		folders[e.Folder(0)] = e.Name
	}
	return nil
}

func (p *Prune) check(key string) error {
	if p == nil {
		return nil
	}
	set := 0
	for _, on := range []bool{p.Share != 0, p.Params != 0, p.Ratio != 0} {
		if on {
			set++
		}
	}
	switch {
	case set != 1:
		return fmt.Errorf("%s: %d of share, params and ratio are given, must be one", key, set)
	case p.Share != 0 && !(p.Share > 0 && p.Share < 1):
		return fmt.Errorf("%s: share is %g, must be above 0 and below 1", key, p.Share)
	case p.Params < 0:
		return fmt.Errorf("%s: params is %d, must be at least 1", key, p.Params)
	case p.Ratio != 0 && !(p.Ratio > 0 && p.Ratio < 1):
		return fmt.Errorf("%s: ratio is %g, must be above 0 and below 1", key, p.Ratio)
	}
	return nil
}

// Pruned is how the net of e is pruned, nil where it is not.
func (l *List) Pruned(e Entry) *Prune {
	switch {
	case e.Whole:
		return nil
	case e.Prune != nil:
		return e.Prune
	}
	return l.Prune
}

// Folder names the folder of e's run with a seed: letters, digits and dashes.
func (e Entry) Folder(seed uint64) string {
	words := strings.FieldsFunc(strings.ToLower(e.Name), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.')
	})
	return fmt.Sprintf("%s-seed%d", strings.Trim(strings.Join(words, "-"), "."), seed)
}
