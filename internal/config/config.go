// Package config reads strict YAML into the packages' own Config structs.
//
// A file may extend another; `key=value` settings are applied after the files.
// Whatever is misspelt, of a wrong type, given twice or impossible is reported
// with file, line, column, what was found, what is allowed and the nearest key,
// all problems of a run at once.
package config

import (
	"csnet/data"
	"csnet/eval"
	"csnet/model"
	"csnet/optim"
	"csnet/prune"
	"csnet/train"
)

//go:generate go test -run TestReference -update

// Config is everything that can be set. The keys of its YAML are the yaml tags
// of the structs, read by reflection: a field added to one of them is a key.
type Config struct {
	Net     model.Arch   `yaml:"net"`
	Data    data.Config  `yaml:"data"`
	Optim   optim.Config `yaml:"optim"`
	DWD     optim.DWD    `yaml:"dwd"`
	Train   train.Config `yaml:"train"`
	Prune   prune.Config `yaml:"prune"`
	Eval    eval.Config  `yaml:"eval"`
	Out     string       `yaml:"out"`     // folder of the run; empty = runs/<config name>
	Threads int          `yaml:"threads"` // 0 = one per core

	// NetGiven reports whether the file itself or a setting wrote a key of the net
	// section; one that was only inherited from a file it extends is no wish of its
	// own. It is no key itself.
	NetGiven bool `yaml:"-"`
}

// Default is the configuration of an empty file: the paper's recipe.
func Default() Config {
	return Config{
		Net: model.DefaultArch(), Data: data.DefaultConfig(),
		Optim: optim.DefaultConfig(), DWD: optim.DefaultDWD(),
		Train: train.DefaultConfig(), Prune: prune.DefaultConfig(), Eval: eval.DefaultConfig(),
	}
}

// Load reads the file at path or, where there is none, the config in the program
// that path names (see FindShipped), the files it extends, and then applies the
// settings of sets, each "key=value" with the value in YAML. The result is
// resolved: every key has its value, and an eval.size of 0 became the last data.size.
//
// Errors about the content are an *Error that holds every problem found.
func Load(path string, sets []string) (*Config, error) {
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	d := newDecoder()
	if err := d.file(path, nil); err != nil {
		return nil, err
	}
	return d.finish(path, sets)
}

// LoadOver is Load with the values of base instead of the defaults: keys that
// neither the file nor a setting writes keep them.
func LoadOver(base Config, path string, sets []string) (*Config, error) {
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	d := newDecoder()
	d.cfg = base
	if err := d.file(path, nil); err != nil {
		return nil, err
	}
	return d.finish(path, sets)
}

// LoadBytes is Load for a text that is no file, called name in errors. The
// text cannot extend a file.
func LoadBytes(name string, text []byte, sets []string) (*Config, error) {
	d := newDecoder()
	root, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	if _, node := extends(root); node != nil {
		d.report(d.place(name, node), "extends", "only a file can extend another")
	}
	d.document(name, root)
	return d.finish(name, sets)
}

// finish applies the settings, completes and checks the configuration.
func (d *decoder) finish(name string, sets []string) (*Config, error) {
	for _, s := range sets {
		d.set(s)
	}
	d.cfg.NetGiven = d.given(name, "net.")
	d.check(name)
	if len(d.problems) > 0 {
		return nil, &Error{Problems: d.problems}
	}
	if d.cfg.Eval.Size == 0 {
		d.cfg.Eval.Size = d.cfg.Data.SizePlan().Last()
	}
	return &d.cfg, nil
}

// Spec returns the channel counts of the net section.
func (c *Config) Spec() (model.Spec, error) { return c.Net.Spec() }
